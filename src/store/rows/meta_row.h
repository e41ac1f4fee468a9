/*
 * What the store says about itself: its schema, which program wrote that, and the setting that its
 * sessions were checked against.
 */
#ifndef PINTLE_STORE_ROWS_META_ROW_H
#define PINTLE_STORE_ROWS_META_ROW_H

#include "store/rows/row.h"

/*
 * The store's schema, and which program wrote it. If the store does not say, the transaction fails.
 */
void meta_row_format(struct store_txn *txn, struct store_format *out);

/* Writes that the store has our schema, and that we wrote it. */
void meta_row_set_format(struct store_txn *txn);

/* Whether all sessions have been checked against this otp_required. */
bool meta_row_is_held_to(struct store_txn *txn, struct slice otp_required);
void meta_row_set_held_to(struct store_txn *txn, struct slice otp_required);

#endif
