/* Refresh tokens that come with another request. */
#ifndef PINTLE_STORE_REFRESH_H
#define PINTLE_STORE_REFRESH_H

#include "store/rows/session_row.h"

/*
 * Whether such a token is good: its session is good, and rows 1 to 5 apply. Changes nothing. A
 * token whose session cannot be read is not good, but the request with which it came continues.
 */
bool refresh_carried_is_good(struct store_txn *txn, const struct store_caller *caller,
    const struct store_presented *presented, struct session_row *row);

#endif
