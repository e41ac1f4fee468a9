/* A password that somebody wants to set, for themselves: refused where it would be a bad one. */
#ifndef PINTLE_WEB_WHO_NEW_PASSWORD_H
#define PINTLE_WEB_WHO_NEW_PASSWORD_H

#include "web/http/refusal.h"
#include "web/http/request.h"

/* The refusal, in *memory, of a password that may not be set; NULL if it may. */
const struct refusal *new_password_demand(const struct request *request, const struct user *user, struct slice password,
    struct refusal *memory);

#endif
