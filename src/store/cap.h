/*
 * How many browsers a user may be signed in with, and how many ended sessions are remembered. Each
 * login reads the user's sessions only once, because other changes wait meanwhile. See DESIGN.md,
 * Browsers are counted, not sessions.
 */
#ifndef PINTLE_STORE_CAP_H
#define PINTLE_STORE_CAP_H

#include "store/txn.h"

/*
 * Makes room for a login of the user in this browser, and forgets the oldest ended sessions if they
 * are more than the cap.
 */
void cap_keep(struct store_txn *txn, const struct store_caller *caller, const struct user *user,
    const uint8_t device_hash[DIGEST_SIZE]);

#endif
