/*
 * Answers that anybody may keep for a while: the key set, the metadata. Their tag is a digest of
 * the content, so it changes exactly when the content does, and a client that has it already gets
 * 304 (RFC 9110, 13.1.2).
 */
#ifndef PINTLE_WEB_HTTP_PUBLIC_H
#define PINTLE_WEB_HTTP_PUBLIC_H

#include "web/http/request.h"

struct public_copy {
	const char *type;
	unsigned max_age;	/* how many seconds anybody may keep it */
	const struct buf *body;
	/* the ETag as it is sent, quoted; weak if equal content may differ in bytes */
	const struct buf *tag;
};

/* Fills in 200 with the body, or 304 for a client that has it, both with the tag and max-age. */
enum pt_err public_answer_tagged(const struct request *request, struct web_response *response,
    const struct public_copy *copy);

/* The same, with a digest of the body as its tag. */
enum pt_err public_answer(const struct request *request, struct web_response *response,
    const char *type, unsigned max_age, const struct buf *body);

#endif
