/* The web server's own sign-on (Kerberos, a client certificate): it says who a person is. */
#ifndef PINTLE_WEB_ENDPOINT_SIGN_ON_H
#define PINTLE_WEB_ENDPOINT_SIGN_ON_H

#include "web/http/request.h"

/*
 * Whom it names; empty if nobody. Believed only where the site says so, and only with the kind of sign-on: without
 * AUTH_TYPE, REMOTE_USER is what the client claims (web servers pass it on unchecked).
 */
struct slice sign_on_user(const struct request *request);

/* Adds the user of that folded name, named for the first time, where the site wants that; *known: there is one by now. */
enum pt_err sign_on_add_user(const struct request *request, const char name[USER_NAME_SIZE], struct user *user,
    bool *known);

#endif
