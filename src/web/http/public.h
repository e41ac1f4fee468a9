/*
 * Answers that anybody may keep for a while: the key set, the metadata. Their
 * tag is a digest of what is served, so it changes exactly when that does, and
 * who has it already gets 304 (RFC 9110, 13.1.2).
 */
#ifndef PINTLE_WEB_HTTP_PUBLIC_H
#define PINTLE_WEB_HTTP_PUBLIC_H

#include "web/http/request.h"

struct public_copy {
	const char *type;
	unsigned max_age;	/* seconds that anybody may keep it */
	const struct buf *body;
	const struct buf *tag;	/* the ETag as it is sent, quoted; weak where the same may have other bytes */
};

/* Fills in 200 with the body, or 304 for who has it, either with the tag and the max-age. */
enum pt_err public_answer_tagged(const struct request *request, struct web_response *response,
    const struct public_copy *copy);

/* The same, with a digest of the body as its tag. */
enum pt_err public_answer(const struct request *request, struct web_response *response, const char *type,
    unsigned max_age, const struct buf *body);

#endif
