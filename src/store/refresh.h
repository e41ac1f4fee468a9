/* Refresh tokens that came along with another request. */
#ifndef PINTLE_STORE_REFRESH_H
#define PINTLE_STORE_REFRESH_H

#include "store/rows/session_row.h"

/*
 * Whether such a token is good: of a session that stands, rows 1 to 5. Nothing follows from it. One that cannot be
 * read is not good; the request that it came along with goes on.
 */
bool judge_carried(struct store_txn *txn, const struct store_caller *caller, const struct store_presented *presented,
    struct session_row *row);

#endif
