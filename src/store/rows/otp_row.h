/*
 * Second factors, in a table of their own, so that a user's record contains no secret. See
 * DESIGN.md, A second factor has a table of its own.
 */
#ifndef PINTLE_STORE_ROWS_OTP_ROW_H
#define PINTLE_STORE_ROWS_OTP_ROW_H

#include "store/rows/row.h"

/* *out is zero if there is none. */
bool otp_row_get(struct store_txn *txn, uint64_t user_number, struct otp *out);
enum row_look otp_row_look(struct store_txn *txn, uint64_t user_number, struct otp *out);
void otp_row_put(struct store_txn *txn, const struct otp *otp);
void otp_row_del(struct store_txn *txn, uint64_t user_number);

#endif
