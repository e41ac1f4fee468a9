/* Checks a password that somebody wants to set for themselves. */
#ifndef PINTLE_WEB_WHO_NEW_PASSWORD_H
#define PINTLE_WEB_WHO_NEW_PASSWORD_H

#include "web/http/refusal.h"
#include "web/http/request.h"

/* Refuses a password that may not be set; the refusal is made in *memory. NULL if it may be set. */
const struct refusal *new_password_demand(const struct request *request, const struct user *user,
    struct slice password, struct refusal *memory);

#endif
