/* The figures of the store. */
#include "store/rows/event_row.h"
#include "store/rows/session_row.h"
#include "store/rows/user_row.h"

enum pt_err
store_stats(struct store *store, struct store_stats *out)
{
	struct store_txn txn;

	*out = (struct store_stats){ .schema = store_schema() };
	txn_read_begin(store, &txn);
	out->users = user_row_count(&txn);
	out->sessions = session_row_count(&txn);
	out->events = event_row_count(&txn);
	out->sessions_live = session_row_count_live(&txn);
	room_figures(&txn, out);
	return txn_read_end(&txn);
}
