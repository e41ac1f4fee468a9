/*
 * Prepares what came in, for both gates: splits "NAME=VALUE" texts into parameters and checks a
 * body against its declared length.
 */
#ifndef PINTLE_GATE_INPUT_H
#define PINTLE_GATE_INPUT_H

#include "web/web.h"

/*
 * Bytes of a body that are read and thrown away so that the server gets to read the answer; after
 * that the connection is cut.
 */
#define GATE_DRAIN_MAX (1024 * 1024)

/*
 * Fills request's params, borrowing from texts (ended by NULL) and keeping them in params, which
 * has room for WEB_MAX_PARAMS. Left out are texts without "=", a password that the server checked
 * itself, and, unless trusted, claims that it checked one. False if there are too many parameters.
 */
bool gate_input_params(struct web_request *request, struct web_param params[WEB_MAX_PARAMS],
    char *const *texts, bool trusted);

/*
 * Checks a body of which got bytes have come; ended says whether the server sent no more. The body
 * must have exactly the length in CONTENT_LENGTH; without one, or with -1 (a chunked request), its
 * own end counts.
 */
enum web_body_state gate_input_body(const struct web_request *request, uint64_t got, bool ended);

#endif
