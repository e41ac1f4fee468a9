/*
 * The gate cookie, for navigation and forms at guarded addresses: set at login and refresh, cleared
 * at logout, accepted only by verify.
 */
#ifndef PINTLE_WEB_WHO_GATE_COOKIE_H
#define PINTLE_WEB_WHO_GATE_COOKIE_H

#include "token/gate_token.h"
#include "web/http/request.h"

/* Sets it for the session, if the site uses it: for gate_ttl, but never past the session's end. */
enum pt_err gate_cookie_set(const struct request *request, struct web_response *response,
    const struct session *session, int64_t now_ms);

/* Clears it, if the site uses it. */
void gate_cookie_clear(const struct request *request, struct web_response *response);

/*
 * How far a request's gate cookies have been examined; begins with .rest set to the request's
 * cookies.
 */
struct gate_cookie_walk {
	struct slice rest;
	bool old;	/* now at the name without suffix */
};

/*
 * The next gate cookie of ours that is not too old: a sibling subdomain cannot forge one, but an
 * old one may still arrive. *found is false when there are no more.
 */
enum pt_err gate_cookie_next(const struct request *request, struct gate_cookie_walk *walk,
    int64_t now_ms, struct gate_token *out, bool *found);

#endif
