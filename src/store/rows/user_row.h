/*
 * Users: their records, the indexes of names and of subjects, and the tombstones of deleted users.
 * See DESIGN.md, User ids have an index.
 */
#ifndef PINTLE_STORE_ROWS_USER_ROW_H
#define PINTLE_STORE_ROWS_USER_ROW_H

#include "store/rows/row.h"

bool user_row_get(struct store_txn *txn, uint64_t number, struct user *out);
enum row_look user_row_look(struct store_txn *txn, uint64_t number, struct user *out);

/*
 * The user with that (folded) name. An entry that leads to a user with another name counts as
 * broken.
 */
bool user_row_by_name(struct store_txn *txn, struct slice name, struct user *out);
enum row_look user_row_look_by_name(struct store_txn *txn, struct slice name, struct user *out);

/*
 * The next user numbered *from or above; *from moves past it. A user whose record does not decode
 * is skipped.
 */
bool user_row_from(struct store_txn *txn, uint64_t *from, struct user *out);

/* Whether somebody has the name. The user's record is not read. */
bool user_row_name_is_taken(struct store_txn *txn, struct slice name);

/* Whether the subject is or was a user's. */
bool user_row_sub_is_taken(struct store_txn *txn, struct slice sub);

/* Puts only the record: neither name nor subject has changed. */
void user_row_put(struct store_txn *txn, const struct user *user);

/* Puts a new user, whose name and subject are free, and gives it its number. */
void user_row_add(struct store_txn *txn, struct user *user);

/* Removes the user and leaves a tombstone. */
void user_row_remove(struct store_txn *txn, const struct user *user, int64_t now_ms);

/* A walk through names in their order; zero begins with the first. */
struct name_walk {
	char last[USER_NAME_SIZE];
	size_t len;	/* of the name that was met last */
};

/* The next user. ROW_BROKEN: the name leads to nobody, or to a record that does not decode. */
enum row_look user_row_next(struct store_txn *txn, struct name_walk *walk, struct user *out);

uint64_t user_row_count(struct store_txn *txn);

/* All present users have lower numbers. */
uint64_t user_row_next_number(struct store_txn *txn);

#endif
