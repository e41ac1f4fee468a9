/*
 * The status list's rows (draft-ietf-oauth-status-list): which session holds which index, and which
 * ends the list reports. Indices are chosen at random from at least twice as many as are in use, so
 * that neither an index nor its neighbours reveal when a session began or whose it is. Ends have a
 * table of their own, so the cost of making the list depends on how many sessions ended lately, not
 * on how many there are.
 *
 * See DESIGN.md, Status indices are random; DESIGN.md, Ended sessions have a table of their own;
 * DESIGN.md, An index outlives its tokens.
 */
#ifndef PINTLE_STORE_ROWS_STATUS_ROW_H
#define PINTLE_STORE_ROWS_STATUS_ROW_H

#include "store/rows/row.h"

/*
 * Makes the list report the end of the session, from now until its last access token has expired.
 */
void status_row_end(struct store_txn *txn, const struct session *session, int64_t now_ms);

/* Whether the list has an entry that no token needs any more. */
bool status_row_any_over(struct store_txn *txn, int64_t now_ms);

/* Removes the first of them, so that its index is free again. Whether there was one. */
bool status_row_free_over(struct store_txn *txn, int64_t now_ms);

/* The list's present version and size. */
void status_row_list(struct store_txn *txn, struct store_status *out);

/* Visits the indices that the list reports at over_ms and later, until visit returns false. */
void status_row_each(struct store_txn *txn, int64_t over_ms, const struct store_status *list,
    bool (*visit)(uint64_t index, void *ctx), void *ctx);

#endif
