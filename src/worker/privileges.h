/* Root is needed to change the owner of a socket, and for nothing after that. */
#ifndef PINTLE_WORKER_PRIVILEGES_H
#define PINTLE_WORKER_PRIVILEGES_H

#include <pwd.h>

#include "base/error.h"

/* The account with this name or number; NULL if there is none. In the system's static memory. */
const struct passwd *privileges_find(const char *user);

/*
 * Root becomes user (a name or a number), for good; any other user stays the same. With an empty
 * user root stays root, which is logged. PT_ERR_INVALID: no such user; PT_ERR_PERM: the system
 * refused.
 */
enum pt_err privileges_drop(const char *user);

#endif
