/*
 * Answers that anybody may keep for a while: the key set, the metadata. Their
 * tag is a digest of what is served, so it changes exactly when that does, and
 * who has it already gets 304 (RFC 9110, 13.1.2).
 */
#ifndef PINTLE_WEB_PUBLIC_H
#define PINTLE_WEB_PUBLIC_H

#include "web/request.h"

/* Fills in 200 with body, or 304, either with ETag and a max-age of so many seconds. */
enum pt_err public_answer(const struct request *request, struct web_response *response, const char *type,
    unsigned max_age, const struct buf *body);

#endif
