/*
 * The one table of what can be asked: method, path and role to endpoint. What
 * is not in it is 404; what is there under another method is 405 with Allow.
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
	ROUTE_AT_ROOT,		/* of the site */
	ROUTE_BEFORE_MOUNT,	/* at the root too, and the mount follows (RFC 8414, 3.1) */
};

struct route {
	enum method method;
	enum route_place place;
	const char *path;	/* "/sessions/{id}": {id} is one segment, and the last */
	unsigned roles;		/* bits 1 << enum web_role that may ask */
	endpoint *answer;
	outcome_page *page;	/* that shows what came of it to a person; NULL: everybody is shown JSON */
	/*
	 * Of a request that destroys: the parameter that its query may hold, or "" for none. Any other is refused, for it may
	 * have been meant to spare something. NULL: the query is the endpoint's.
	 */
	const char *parameter;
};

/* Finds the row of the request's method, path and role; where it has {id}, request->id is set. */
enum route_verdict route_find(struct request *request, const struct route **route);

/* Refuses a query that holds anything but what the route knows. */
const struct refusal *route_demand_query(const struct route *route, const struct request *request);

/* Whether a person asks, who is shown the page: by looking at it, or by a form. */
bool route_shows_page(const struct route *route, const struct request *request);

/* Appends the methods that the request's path knows: "GET, HEAD, POST, OPTIONS". */
void route_put_methods(const struct request *request, struct buf *out);

#endif
