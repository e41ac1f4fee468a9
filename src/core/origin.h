/*
 * The cross-site rule (OWASP CSRF: Fetch Metadata, then Origin). Pure: what the
 * browser said of itself in, pass or not out.
 */
#ifndef PINTLE_CORE_ORIGIN_H
#define PINTLE_CORE_ORIGIN_H

#include "base/slice.h"

struct origin_facts {
	struct slice sec_fetch_site;	/* empty: not sent */
	struct slice origin;		/* empty: not sent */
	struct slice own;		/* the configured origins, separated by one space */
	struct slice allowed;		/* allowed_origins, separated by one space */
};

enum origin_verdict {
	ORIGIN_REFUSED = 0,
	ORIGIN_SAME,		/* from our own pages, or typed by the person */
	ORIGIN_ALLOWED,		/* from a listed other origin: gets CORS headers */
	ORIGIN_NO_BROWSER,	/* neither header: no browser sent it */
};

/*
 * For a request that changes something. Sec-Fetch-Site same-origin or none
 * passes; where it is missing Origin must be one of own; an Origin in allowed
 * passes in either case. "null" and anything else is refused. Compared
 * exactly, never with Host.
 */
enum origin_verdict origin_decide(const struct origin_facts *facts);

/* Whether origin is one of allowed, exactly: for CORS headers on any answer. */
bool origin_is_listed(struct slice origin, struct slice allowed);

#endif
