/* Root is wanted for giving a socket away, and for nothing after it. */
#ifndef PINTLE_CMD_PRIVILEGES_H
#define PINTLE_CMD_PRIVILEGES_H

#include "base/error.h"

/*
 * Root becomes user (a name or a number), for good; anybody else stays what they are. An
 * empty user leaves root root, which is said in the log. PT_ERR_INVALID: no
 * such user; PT_ERR_PERM: the system refused.
 */
enum pt_err privileges_drop(const char *user);

#endif
