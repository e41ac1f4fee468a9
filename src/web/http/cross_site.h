/*
 * The cross-site rule at the door, and what listed origins are told of it
 * (CORS, Fetch standard 3.2). Origins are compared exactly; none is reflected
 * that is not in the list.
 */
#ifndef PINTLE_WEB_HTTP_CROSS_SITE_H
#define PINTLE_WEB_HTTP_CROSS_SITE_H

#include "web/http/refusal.h"
#include "web/http/request.h"

/* Refuses a request that would change something and comes from a page that may not ask. */
const struct refusal *cross_site_demand(const struct request *request);

/* The headers that every answer to a listed origin carries, refusals too. */
void cross_site_put_headers(const struct request *request, struct web_response *response);

/* Answers OPTIONS, a preflight or not, at an address that knows these methods. */
void cross_site_options(const struct request *request, struct web_response *response, const struct buf *methods);

/*
 * Answers a preflight (Fetch standard, 3.2.2) to what is no route of ours, with this status: to a listed origin that
 * it may ask what it wants to ask, to others nothing, by which their browser refuses.
 */
void cross_site_preflight(const struct request *request, struct web_response *response, int status);

#endif
