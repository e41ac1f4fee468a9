/*
 * The sessions of one browser, whoever's they are: what a login does to those that were there before
 * (core/settling.h), and the bound on their number.
 */
#ifndef PINTLE_STORE_BROWSER_H
#define PINTLE_STORE_BROWSER_H

#include "store/txn.h"

/*
 * Where the browser has live sessions, they and begun, which is not put yet, are settling as of now.
 */
void browser_settle(struct store_txn *txn, struct session *begun, struct stamp now);

/* Ends the sessions of the browser that are older than this one, which takes their place. */
void browser_end_older(struct store_txn *txn, const struct store_caller *caller, const struct session *session);

/* Ends all sessions of this user in the browser. */
void browser_end_user(struct store_txn *txn, const struct store_caller *caller,
    const uint8_t device_hash[DIGEST_LEN], uint64_t user_number, enum reason reason);

/*
 * Gives this name to all sessions that the user of this one has in its browser: any of them may stand for it in a
 * list.
 */
void browser_rename(struct store_txn *txn, const struct session *of, struct slice name);

/*
 * Makes room for one session more in the browser, at the cost of the one unused for longest; never of session keep.
 */
void browser_make_room(struct store_txn *txn, const struct store_caller *caller,
    const uint8_t device_hash[DIGEST_LEN], uint64_t keep);

#endif
