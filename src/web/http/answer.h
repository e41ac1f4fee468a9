/*
 * Filling in an answer: status, headers, JSON, and the one form that refusals have in JSON. What
 * every answer carries (caching, nosniff, request id, CORS) is added by web_answer.
 */
#ifndef PINTLE_WEB_HTTP_ANSWER_H
#define PINTLE_WEB_HTTP_ANSWER_H

#include "base/json.h"
#include "web/http/message.h"
#include "web/http/refusal.h"

/*
 * A header line. A value with a control character makes the whole answer a
 * 500: nothing that a client sent may end a line.
 */
void answer_header(struct web_response *response, const char *name, struct slice value);

/* The same with a value that was put together: if that failed, the answer is a 500 too. */
void answer_header_buf(struct web_response *response, const char *name, const struct buf *value);

/* 204, 303 and so on: no body. */
void answer_empty(struct web_response *response, int status);

/* Sets status and Content-Type; what the writer writes is the body. */
struct json_writer answer_json(struct web_response *response, int status);

/* {"error", "error_description", "reason"}, with WWW-Authenticate where it is a 401. */
void answer_refuse(struct web_response *response, const struct refusal *refusal);

/* The headers of a refusal alone, where the body is another: a page. */
void answer_refuse_head(struct web_response *response, const struct refusal *refusal);

/* Throws away what was filled in so far. */
void answer_reset(struct web_response *response);

#endif
