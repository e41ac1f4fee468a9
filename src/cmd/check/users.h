/* Whether every user can be reached by name and can log in, for `pintle check`. */
#ifndef PINTLE_CMD_CHECK_USERS_H
#define PINTLE_CMD_CHECK_USERS_H

#include "cmd/site/site.h"
#include "cmd/term/findings.h"

/*
 * Checks each user once. A name stored in a form other than the one that usernames folds to cannot
 * log in; a hash that needs more memory than all slots have is never computed. Names the first of
 * them.
 */
void check_users(struct findings *findings, const struct site *site);

#endif
