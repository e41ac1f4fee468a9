/* The status list for services that verify access tokens themselves. */
#include "store/rows/status_row.h"

enum pt_err
store_status_look(struct store *store, struct store_status *out)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	status_row_list(&txn, out);
	return txn_read_end(&txn);
}

enum pt_err
store_status_each(struct store *store, int64_t over_ms, struct store_status *out,
    bool (*visit)(uint64_t index, void *ctx), void *ctx)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	status_row_list(&txn, out);
	status_row_each(&txn, over_ms, out, visit, ctx);
	return txn_read_end(&txn);
}
