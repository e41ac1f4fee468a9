/* Users: their records, the index of names, that of subjects, and the tombstones of those who are gone. */
#ifndef PINTLE_STORE_ROWS_USER_ROW_H
#define PINTLE_STORE_ROWS_USER_ROW_H

#include "store/rows/row.h"

bool user_row_get(struct store_txn *txn, uint64_t number, struct user *out);
enum row_look user_row_look(struct store_txn *txn, uint64_t number, struct user *out);

/* The user of that (folded) name. An entry that leads to a user of another name is broken too. */
bool user_row_by_name(struct store_txn *txn, struct slice name, struct user *out);
enum row_look user_row_look_by_name(struct store_txn *txn, struct slice name, struct user *out);

/* The next user numbered *from or above, which moves past it; one who does not decode is passed over. */
bool user_row_from(struct store_txn *txn, uint64_t *from, struct user *out);

/* Whether somebody has the name; the user's own record is not looked at. */
bool user_row_name_is_taken(struct store_txn *txn, struct slice name);

/* Whether the subject is or was somebody's. */
bool user_row_sub_is_taken(struct store_txn *txn, struct slice sub);

/* Puts the record alone: neither name nor subject has changed. */
void user_row_put(struct store_txn *txn, const struct user *user);

/* Puts a new user, whose name and subject are free; the number is given here. */
void user_row_add(struct store_txn *txn, struct user *user);

/* Removes the user and leaves a tombstone. */
void user_row_remove(struct store_txn *txn, const struct user *user, int64_t now_ms);

/* A walk through names in their order; zero: from the beginning. */
struct name_walk {
	char last[USER_NAME_SIZE];
	size_t len;	/* of the name that was met last */
};

/* The next user; ROW_BROKEN: the name leads to nobody, or to a record that does not decode. */
enum row_look user_row_next(struct store_txn *txn, struct name_walk *walk, struct user *out);

uint64_t user_row_count(struct store_txn *txn);

/* All users that there are now are numbered below it. */
uint64_t user_row_next_number(struct store_txn *txn);

#endif
