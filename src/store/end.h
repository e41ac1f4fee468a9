/* Ends sessions. */
#ifndef PINTLE_STORE_END_H
#define PINTLE_STORE_END_H

#include "store/rows/session_row.h"

/*
 * Records the end of a live session, with its audit event. rule is the row of the rotation rule
 * that decided, or 0.
 */
void session_end(struct store_txn *txn, const struct store_caller *caller, struct session_row *row,
    enum reason reason, uint32_t rule);

/* The same for all live sessions of a user except keep (0: for all). Returns how many. */
uint64_t session_end_all(struct store_txn *txn, const struct store_caller *caller,
    uint64_t user_number, uint64_t keep, enum reason reason);

#endif
