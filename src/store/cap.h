/*
 * How many browsers a user may be signed in with, and how many sessions that have ended are remembered: looked at
 * once in a login, for others wait meanwhile.
 */
#ifndef PINTLE_STORE_CAP_H
#define PINTLE_STORE_CAP_H

#include "store/txn.h"

/* Makes room for a login of the user in this browser, and forgets ended sessions beyond as many. */
void cap_keep(struct store_txn *txn, const struct store_caller *caller, const struct user *user,
    const uint8_t device_hash[DIGEST_LEN]);

#endif
