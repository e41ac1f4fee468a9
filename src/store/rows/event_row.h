/* Events of the audit log. */
#ifndef PINTLE_STORE_ROWS_EVENT_ROW_H
#define PINTLE_STORE_ROWS_EVENT_ROW_H

#include "store/rows/row.h"

uint64_t event_row_count(struct store_txn *txn);

#endif
