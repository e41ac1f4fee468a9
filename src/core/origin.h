/*
 * The cross-site rule (OWASP CSRF: Fetch Metadata, then Origin). Pure: the browser's headers in, a
 * verdict out.
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
	ORIGIN_SAME,		/* from our own pages, or an address that the person typed */
	ORIGIN_ALLOWED,		/* from another origin that is listed: gets CORS headers */
	ORIGIN_NO_BROWSER,	/* neither header came, so no browser sent it */
};

/*
 * Decides on a request that changes something. Sec-Fetch-Site "same-origin" or "none" passes; if it
 * is missing, Origin must be one of own; an Origin in allowed passes in either case. "null" and
 * everything else is refused. Origins are compared exactly, never with Host.
 */
enum origin_verdict origin_decide(const struct origin_facts *facts);

/* Whether origin is exactly one of allowed: for CORS headers on any answer. */
bool origin_is_listed(struct slice origin, struct slice allowed);

#endif
