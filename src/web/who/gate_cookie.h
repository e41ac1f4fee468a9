/*
 * The gate cookie, for pages that a browser navigates to and forms that it
 * sends at guarded addresses: set at login and refresh, cleared at logout, good
 * only at verify.
 */
#ifndef PINTLE_WEB_WHO_GATE_COOKIE_H
#define PINTLE_WEB_WHO_GATE_COOKIE_H

#include "token/gate_token.h"
#include "web/http/request.h"

/* Sets it for session, if the site has it; for gate_ttl, and never past the session's end. */
enum pt_err gate_cookie_set(const struct request *request, struct web_response *response,
    const struct session *session, int64_t now_ms);

/* Clears it, if the site has it. */
void gate_cookie_clear(const struct request *request, struct web_response *response);

/* How far the gate cookies of a request have been looked through; begins with .rest the request's cookies. */
struct gate_cookie_walk {
	struct slice rest;
	bool old;	/* at those by the name without suffix */
};

/*
 * The next gate cookie of ours that is not too old: a sibling subdomain cannot plant one, but an old one may
 * still come. *found is false when there is none any more.
 */
enum pt_err gate_cookie_next(const struct request *request, struct gate_cookie_walk *walk, int64_t now_ms,
    struct gate_token *out, bool *found);

#endif
