/* The counters of the store. Operations do not see them: rows take their numbers from them. */
#ifndef PINTLE_STORE_ROWS_COUNTERS_H
#define PINTLE_STORE_ROWS_COUNTERS_H

#include "store/rows/row.h"

/* long enough not to reveal how few sessions there are */
#define STATUS_LEAST_CAPACITY (UINT64_C(1) << 16)

/* If the store has no counters that decode, the transaction fails and *out is zero. */
void counters_get(struct store_txn *txn, struct counters *out);

/* ROW_BROKEN if there are none that decode. */
enum row_look counters_look(struct store_txn *txn, struct counters *out);
void counters_put(struct store_txn *txn, const struct counters *counters);

/* The counters of a new store. */
void counters_create(struct store_txn *txn);

#endif
