/* What the store says of itself: its schema, who wrote it so, and the setting that its sessions were held to. */
#ifndef PINTLE_STORE_ROWS_META_ROW_H
#define PINTLE_STORE_ROWS_META_ROW_H

#include "store/rows/row.h"

/* Which schema the store is of, and who wrote it so. One that does not say fails the transaction. */
void meta_row_format(struct store_txn *txn, struct store_format *out);

/* Says that it is of ours, and written by us. */
void meta_row_set_format(struct store_txn *txn);

/* Whether all sessions have been held to this otp_required. */
bool meta_row_is_held_to(struct store_txn *txn, struct slice otp_required);
void meta_row_set_held_to(struct store_txn *txn, struct slice otp_required);

#endif
