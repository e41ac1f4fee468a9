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
 * Adds a header line. A value with a control character turns the whole answer into a 500: nothing
 * that a client sent may end a line.
 */
void answer_header(struct web_response *response, const char *name, struct slice value);

/* The same with a value in a buffer: if the buffer failed, the answer is a 500 too. */
void answer_header_buf(struct web_response *response, const char *name, const struct buf *value);

/* An answer without a body: 204, 303 and so on. */
void answer_empty(struct web_response *response, int status);

/* Sets the status and Content-Type, and returns the writer of the body. */
struct json_writer answer_json(struct web_response *response, int status);

/* Answers {"error", "error_description", "reason"}, with WWW-Authenticate if it is a 401. */
void answer_refuse(struct web_response *response, const struct refusal *refusal);

/* Sets the status and headers of a refusal without its body, for a page. */
void answer_refuse_head(struct web_response *response, const struct refusal *refusal);

/* Discards everything that was filled in so far. */
void answer_reset(struct web_response *response);

#endif
