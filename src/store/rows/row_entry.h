/*
 * Rows as entries: what the files of rows/ share, and what the code that checks and repairs indexes
 * (care/) needs.
 */
#ifndef PINTLE_STORE_ROWS_ROW_ENTRY_H
#define PINTLE_STORE_ROWS_ROW_ENTRY_H

#include "store/lmdb/entry.h"
#include "store/rows/record.h"
#include "store/rows/row.h"

/* Whether the read found the row; a broken one fails the transaction. */
bool row_found(struct store_txn *txn, enum row_look look);

/* The result for a record that did or did not decode; a broken one is logged. */
enum row_look row_decoded(bool good, enum table table, uint64_t number);

/* Puts a record; encoded is the result of its encoder. */
void row_put(struct store_txn *txn, enum table table, const struct key *key, enum pt_err encoded,
    const struct record_bytes *record);

/* The entry with which the status list reports the session's end. */
struct key status_row_end_key(const struct session *session);

/* Gives the session a random free index of the status list. The caller puts the counters. */
uint64_t status_row_deal(struct store_txn *txn, struct counters *counters, uint64_t session_number);

#endif
