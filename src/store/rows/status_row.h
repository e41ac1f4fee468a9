/*
 * The status list's rows (draft-ietf-oauth-status-list): which session holds which index, and which ends the list
 * reports. Indices are dealt at random out of at least twice as many as are in use, so that neither an index nor
 * its neighbours reveal when a session began or whose it is. Ends have a table of their own: making the list costs
 * what ended lately, not what there is.
 */
#ifndef PINTLE_STORE_ROWS_STATUS_ROW_H
#define PINTLE_STORE_ROWS_STATUS_ROW_H

#include "store/rows/row.h"

/* Lets the list report the end of the session, from now on until its last access token has ended too. */
void status_row_end(struct store_txn *txn, const struct session *session, int64_t now_ms);

/* Whether the list has an entry that no token needs any more, as of now. */
bool status_row_any_over(struct store_txn *txn, int64_t now_ms);

/* Takes the first of them back: its index may be dealt again. Whether there was one. */
bool status_row_free_over(struct store_txn *txn, int64_t now_ms);

/* Where the list stands. */
void status_row_list(struct store_txn *txn, struct store_status *out);

/* The indices that the list reports at over_ms and later, until visit says false. */
void status_row_each(struct store_txn *txn, int64_t over_ms, const struct store_status *list,
    bool (*visit)(uint64_t index, void *ctx), void *ctx);

#endif
