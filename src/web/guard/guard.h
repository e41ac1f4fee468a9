/*
 * What a web server asks before it lets a request through to what it guards:
 * verify says yes or no, deny shows a refusal at the address that was asked
 * for, guard is both in one, for servers that pass a refusal on whole (and for
 * FastCGI's authorizer role).
 *
 * Demands come only from what the server's own configuration sets
 * (PINTLE_GROUP, PINTLE_MAX_AGE) and from our own configuration of the place
 * that it names (PINTLE_PLACE), or, where it names none in forward, of the place
 * that the address falls into; in a mode the query is the client's and is
 * never read. Neither the body nor its length is looked at. Nothing is
 * refreshed and no cookie is set.
 *
 * In forward an address in no place wants somebody at least, whoever it is; with PINTLE_OUTSIDE pass it wants
 * nobody, for a gateway that asks whether it is one.
 *
 * Forward alone believes the headers X-Forwarded-Method and X-Forwarded-Uri, or
 * X-Original-Method and X-Original-Url or -Uri: whoever asks in it has to set them.
 */
#ifndef PINTLE_WEB_GUARD_GUARD_H
#define PINTLE_WEB_GUARD_GUARD_H

#include "web/guard/mode.h"

/* Answers a request in one of the last four modes. */
enum pt_err guard_answer(const struct request *request, enum guard_mode mode, struct web_response *response);

/* The same for /verify by its own address, where the demands come in the query. *good: they are well formed. */
enum pt_err guard_answer_query(const struct request *request, struct web_response *response, bool *good);

#endif
