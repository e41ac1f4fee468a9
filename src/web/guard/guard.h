/*
 * Answers a web server that asks before it lets a request through to what it guards: verify says
 * yes or no, deny shows a refusal at the requested address, and guard is both in one, for servers
 * that pass on a refusal whole (and for FastCGI's authorizer role).
 *
 * Demands come only from the server's own configuration (PINTLE_GROUP, PINTLE_MAX_AGE) and from our
 * configuration of the place that it names (PINTLE_PLACE); if it names none in forward mode, from
 * that of the place of the address. In a mode the query belongs to the client and is never read.
 * Neither the body nor its length is examined. Nothing is refreshed and no cookie is set.
 *
 * In forward mode an address outside all places requires a signed-in user, whoever it is; with
 * PINTLE_OUTSIDE=pass it requires nobody, for a gateway that asks about every address.
 *
 * Only forward mode trusts the headers X-Forwarded-Method and X-Forwarded-Uri, or X-Original-Method
 * and X-Original-Url or -Uri: the gateway has to set them.
 */
#ifndef PINTLE_WEB_GUARD_GUARD_H
#define PINTLE_WEB_GUARD_GUARD_H

#include "web/guard/mode.h"

/* Answers a request in any mode but the first two. */
enum pt_err guard_answer(const struct request *request, enum guard_mode mode,
    struct web_response *response);

/*
 * The same for /verify at its own address, where the demands come in the query. *good: they are
 * well formed.
 */
enum pt_err guard_answer_query(const struct request *request, struct web_response *response,
    bool *good);

#endif
