/*
 * One-time links, in a table by the user whose password they set, so that nobody has two. See
 * DESIGN.md, A link's record belongs to its user.
 */
#ifndef PINTLE_STORE_ROWS_LINK_ROW_H
#define PINTLE_STORE_ROWS_LINK_ROW_H

#include "store/rows/row.h"

/* *out is zero if there is none. */
bool link_row_get(struct store_txn *txn, uint64_t user_number, struct link *out);
enum row_look link_row_look(struct store_txn *txn, uint64_t user_number, struct link *out);
void link_row_put(struct store_txn *txn, const struct link *link);
void link_row_del(struct store_txn *txn, uint64_t user_number);

/*
 * The next link of a user numbered *from or above; *from moves past that user, even if the link is
 * broken.
 */
enum row_look link_row_next(struct store_txn *txn, uint64_t *from, struct link *out);

uint64_t link_row_count(struct store_txn *txn);

#endif
