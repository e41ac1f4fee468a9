#include "store/rows/event_row.h"

#include "store/rows/row_entry.h"

uint64_t
event_row_count(struct store_txn *txn)
{
	return entry_count(txn, TABLE_EVENTS);
}
