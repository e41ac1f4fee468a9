/*
 * Passwords at the endpoints: checked and hashed in a slot, so that any number
 * of logins at once takes a bounded amount of memory.
 */
#ifndef PINTLE_WEB_WHO_HASHING_H
#define PINTLE_WEB_WHO_HASHING_H

#include "web/http/request.h"

/*
 * Whether password is the user's. Does equal work, and says false, where there
 * is no such user (user NULL), none that may log in, or none with a password. *weaker: the
 * hash wants to be remade. PT_ERR_BUSY if no slot came free in time.
 */
enum pt_err hashing_check(const struct request *request, struct slice password, const struct user *user,
    bool *good, bool *weaker);

/* A new hash at the configured cost, made in a slot. */
enum pt_err hashing_make(const struct request *request, struct slice password, char out[PASSWORD_HASH_SIZE]);

#endif
