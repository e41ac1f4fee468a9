/*
 * The sessions of one browser, of any user: what a login does to the earlier ones
 * (core/settling.h), and the bound on their number. See DESIGN.md, A login ends nothing.
 */
#ifndef PINTLE_STORE_BROWSER_H
#define PINTLE_STORE_BROWSER_H

#include "store/txn.h"

/*
 * If the browser has live sessions, they and begun, which is not put yet, are settling from now on.
 */
void browser_settle(struct store_txn *txn, struct session *begun, struct stamp now);

/* Ends the sessions of the browser that are older than this one, which replaces them. */
void browser_end_older(struct store_txn *txn, const struct store_caller *caller,
    const struct session *session);

/* Ends all sessions of this user in the browser. */
void browser_end_user(struct store_txn *txn, const struct store_caller *caller,
    const uint8_t device_hash[DIGEST_SIZE], uint64_t user_number, enum reason reason);

/*
 * Gives this name to all sessions that the user of this one has in its browser: any of them may
 * represent it in a list.
 */
void browser_rename(struct store_txn *txn, const struct session *of, struct slice name);

/*
 * Makes room for one more session in the browser by ending the one unused for longest, but never
 * session keep.
 */
void browser_make_room(struct store_txn *txn, const struct store_caller *caller,
    const uint8_t device_hash[DIGEST_SIZE], uint64_t keep);

#endif
