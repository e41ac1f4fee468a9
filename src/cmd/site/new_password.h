/* Asks for a user's new password, checks it against the policy, and hashes it. */
#ifndef PINTLE_CMD_SITE_NEW_PASSWORD_H
#define PINTLE_CMD_SITE_NEW_PASSWORD_H

#include "cmd/site/site.h"

/*
 * Asks for a password that may be set for the user called name (folded), and hashes it at the
 * configured cost; with --no-password hash is empty. Returns an exit status; the reason has been
 * printed.
 */
int new_password(const struct site *site, const struct arguments *arguments, const char *name,
    char hash[PASSWORD_HASH_SIZE]);

/*
 * Hashes in one of the slots that bound the memory of all concurrent hashing. Returns an exit
 * status; the reason has been printed.
 */
int new_password_hash(const struct site *site, struct slice password,
    char hash[PASSWORD_HASH_SIZE]);

#endif
