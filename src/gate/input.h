/*
 * What came in, made fit to be looked at; the same for both gates. Splits
 * "NAME=VALUE" texts into parameters and judges a body by its declared length.
 */
#ifndef PINTLE_GATE_INPUT_H
#define PINTLE_GATE_INPUT_H

#include "web/web.h"

/* Bytes of a body that are read and thrown away, so that the server comes to read the answer; beyond, the connection is cut. */
#define GATE_DRAIN_MAX (1024 * 1024)

/*
 * Fills request's params, borrowing from texts (ended by NULL) and keeping them
 * in params, which has room for WEB_MAX_PARAMS. Texts without "=" are left out;
 * so are a password that the server checked itself, and, unless trusted, what
 * claims that it checked one. False if there are too many.
 */
bool gate_input_params(struct web_request *request, struct web_param params[WEB_MAX_PARAMS], char *const *texts,
    bool trusted);

/*
 * Judges a body of which got bytes came, ended saying whether they are all
 * that the server sent. It must have exactly the length that CONTENT_LENGTH
 * says; without one, or with -1 (a chunked request), its own end counts.
 */
enum web_body_state gate_input_body(const struct web_request *request, uint64_t got, bool ended);

#endif
