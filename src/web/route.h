/*
 * The table of everything that can be asked: from method, path and role to an endpoint. A path that
 * is not in it gets 404; a known path with another method gets 405 with Allow.
 */
#ifndef PINTLE_WEB_ROUTE_H
#define PINTLE_WEB_ROUTE_H

#include "web/endpoint/endpoints.h"

enum route_verdict {
	ROUTE_UNKNOWN = 0,	/* no such path for this role */
	ROUTE_OTHER_METHOD,	/* the path is there, not with this method */
	ROUTE_FOUND,
};

enum route_place {
	ROUTE_BELOW_MOUNT = 0,
	ROUTE_AT_ROOT,		/* of the site, not below the mount */
	ROUTE_BEFORE_MOUNT,	/* at the root too, followed by the mount (RFC 8414, 3.1) */
};

struct route {
	enum method method;
	enum route_place place;
	const char *path;	/* "/sessions/{id}": {id} is one segment, and the last */
	unsigned roles;		/* bits 1 << enum web_role that may ask */
	endpoint *answer;
	outcome_page *page;	/* shows the result to a person; NULL: everybody gets JSON */
	/*
	 * For a request that destroys something: the only parameter that its query may have, or ""
	 * for none. Any other is refused, since it may have been meant to spare something. NULL:
	 * the endpoint reads the query.
	 */
	const char *parameter;
};

/* Finds the row of the request's method, path and role; where it has {id}, request->id is set. */
enum route_verdict route_find(struct request *request, const struct route **route);

/* Refuses a query with a parameter that the route does not know. */
const struct refusal *route_demand_query(const struct route *route, const struct request *request);

/* Whether the page is shown: to a person who looks at it or sends a form. */
bool route_shows_page(const struct route *route, const struct request *request);

/* Appends the methods that the request's path supports: "GET, HEAD, POST, OPTIONS". */
void route_put_methods(const struct request *request, struct buf *out);

#endif
