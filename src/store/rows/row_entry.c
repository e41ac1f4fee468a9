#include "store/rows/row_entry.h"

bool
row_found(struct store_txn *txn, enum row_look look)
{
	if (look == ROW_BROKEN)
		txn_fail(txn, PT_ERR_CORRUPT);
	return look == ROW_THERE;
}

enum row_look
row_decoded(bool good, enum table table, uint64_t number)
{
	if (good)
		return ROW_THERE;
	table_corrupt(table, number);
	return ROW_BROKEN;
}

void
row_put(struct store_txn *txn, enum table table, const struct key *key, enum pt_err encoded,
    const struct record_bytes *record)
{
	txn_fail(txn, encoded);
	entry_put(txn, table, key, (struct slice){ (const char *)record->bytes, record->len });
}
