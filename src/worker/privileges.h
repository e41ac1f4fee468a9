/* Root is wanted for giving a socket away, and for nothing after it. */
#ifndef PINTLE_WORKER_PRIVILEGES_H
#define PINTLE_WORKER_PRIVILEGES_H

#include <pwd.h>

#include "base/error.h"

/* The account that a name or a number means; NULL if there is none. Static memory of the system's. */
const struct passwd *privileges_find(const char *user);

/*
 * Root becomes user (a name or a number), for good; anybody else stays what they are. An
 * empty user leaves root root, which is said in the log. PT_ERR_INVALID: no
 * such user; PT_ERR_PERM: the system refused.
 */
enum pt_err privileges_drop(const char *user);

#endif
