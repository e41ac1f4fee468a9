/* The web server's single sign-on (Kerberos, a client certificate), which says who a person is. */
#ifndef PINTLE_WEB_ENDPOINT_SIGN_ON_H
#define PINTLE_WEB_ENDPOINT_SIGN_ON_H

#include "web/http/request.h"

/*
 * The user that it names; empty if there is none. It is trusted only if the site says so, and only
 * together with the kind of sign-on: without AUTH_TYPE, REMOTE_USER is what the client claims (web
 * servers pass it on unchecked).
 */
struct slice sign_on_user(const struct request *request);

/*
 * Adds the user of that folded name, named for the first time, if the site wants that. *known: the
 * user exists now.
 */
enum pt_err sign_on_add_user(const struct request *request, const char name[USER_NAME_SIZE],
    struct user *user, bool *known);

#endif
