/*
 * Checks and hashes passwords for the endpoints, each in a slot, so that any number of simultaneous
 * logins takes a bounded amount of memory.
 */
#ifndef PINTLE_WEB_WHO_HASHING_H
#define PINTLE_WEB_WHO_HASHING_H

#include "web/http/request.h"

/*
 * Whether password is the user's. Does the same work, and gives false, if there is no such user
 * (user NULL), the user may not log in or has no password. *weaker: the hash should be remade.
 * PT_ERR_BUSY if no slot came free in time.
 */
enum pt_err hashing_check(const struct request *request, struct slice password,
    const struct user *user, bool *good, bool *weaker);

/* Makes a new hash at the configured cost, in a slot. */
enum pt_err hashing_make(const struct request *request, struct slice password,
    char out[PASSWORD_HASH_SIZE]);

#endif
