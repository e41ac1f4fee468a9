/* The counters of the store. No operation sees them: rows take their numbers from them. */
#ifndef PINTLE_STORE_ROWS_COUNTERS_H
#define PINTLE_STORE_ROWS_COUNTERS_H

#include "store/rows/row.h"

#define STATUS_LEAST_CAPACITY (UINT64_C(1) << 16)	/* long enough not to reveal how few there are */

/* A store without counters that decode fails the transaction; *out is zero then. */
void counters_get(struct store_txn *txn, struct counters *out);

/* ROW_BROKEN where there are none that decode. */
enum row_look counters_look(struct store_txn *txn, struct counters *out);
void counters_put(struct store_txn *txn, const struct counters *counters);

/* Those of a fresh store. */
void counters_create(struct store_txn *txn);

#endif
