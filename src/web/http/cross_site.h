/*
 * The cross-site rule, and what listed origins are told about it (CORS, Fetch standard 3.2).
 * Origins are compared exactly; only a listed one is ever echoed.
 */
#ifndef PINTLE_WEB_HTTP_CROSS_SITE_H
#define PINTLE_WEB_HTTP_CROSS_SITE_H

#include "web/http/refusal.h"
#include "web/http/request.h"

/* Refuses a request that could change something and comes from a page that may not make it. */
const struct refusal *cross_site_demand(const struct request *request);

/* Adds the headers that every answer to a listed origin carries, refusals included. */
void cross_site_put_headers(const struct request *request, struct web_response *response);

/* Answers OPTIONS, preflight or not, at an address that supports these methods. */
void cross_site_options(const struct request *request, struct web_response *response,
    const struct buf *methods);

/*
 * Answers a preflight (Fetch standard, 3.2.2) for an address that is no route of ours, with this
 * status. A listed origin is told that it may send its request; any other is told nothing, so its
 * browser refuses.
 */
void cross_site_preflight(const struct request *request, struct web_response *response, int status);

#endif
