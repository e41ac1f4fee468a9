/* Rows as entries: what the files of rows/ share, and what looks after LMDB's own indexes (care/) asks of them. */
#ifndef PINTLE_STORE_ROWS_ROW_ENTRY_H
#define PINTLE_STORE_ROWS_ROW_ENTRY_H

#include "store/lmdb/entry.h"
#include "store/rows/record.h"
#include "store/rows/row.h"

/* Whether a look found the row; a broken one fails the transaction. */
bool row_found(struct store_txn *txn, enum row_look look);

/* The look of a record that decoded, or not; a broken one is logged. */
enum row_look row_decoded(bool good, enum table table, uint64_t number);

/* Puts a record; encoded is what its encoder returned. */
void row_put(struct store_txn *txn, enum table table, const struct key *key, enum pt_err encoded,
    const struct record_bytes *record);

/* The entry by which the status list reports the session's end. */
struct key status_row_end_key(const struct session *session);

/* Deals a free index of the status list at random to the session; the counters are the caller's to put. */
uint64_t status_row_deal(struct store_txn *txn, struct counters *counters, uint64_t session_number);

#endif
