/*
 * Changes of users within a transaction, each with its audit event, for the operations that make
 * several.
 */
#ifndef PINTLE_STORE_USER_H
#define PINTLE_STORE_USER_H

#include "store/txn.h"

/* Adds a user whose name and sub are free, and who gets a number here, and a sub if it has none. */
void user_add(struct store_txn *txn, const struct store_caller *caller, struct user *user);

/*
 * Each changes a user as read in this transaction, and ends the sessions that end with it (a new
 * password: all but keep_session). A text that is too long fails the transaction: PT_ERR_INVALID.
 */
void user_set_password(struct store_txn *txn, const struct store_caller *caller, struct user *user,
    const char *hash, uint64_t keep_session);
void user_set_disabled(struct store_txn *txn, const struct store_caller *caller, struct user *user,
    bool disabled);
void user_set_groups(struct store_txn *txn, const struct store_caller *caller, struct user *user,
    struct slice groups);

#endif
