#include "web/http/public.h"

#include "base/base64url.h"
#include "web/http/answer.h"

/* Whether If-None-Match names the tag (without its W/), compared weakly (RFC 9110, 13.1.2). */
static bool
public_is_known(struct slice names, struct slice tag)
{
	struct slice one;

	while (names.len) {
		slice_cut(names, ',', &one, &names);
		one = slice_trim(one);
		if (slice_starts(one, SLICE("W/")))
			one = slice_skip(one, 2);
		if (slice_eq(one, tag) || slice_eq(one, SLICE("*")))
			return true;
	}
	return false;
}

static enum pt_err
public_tag(const struct buf *body, struct buf *tag)
{
	uint8_t digest[DIGEST_SIZE];
	enum pt_err err = digest_sha256(body->ptr, body->len, digest);

	if (err != PT_OK)
		return err;
	buf_putc(tag, '"');
	base64url_put(tag, digest, sizeof(digest));
	buf_putc(tag, '"');
	return buf_status(tag);
}

enum pt_err
public_answer_tagged(const struct request *request, struct web_response *response,
    const struct public_copy *copy)
{
	struct slice tag = buf_slice(copy->tag);
	enum pt_err err = buf_status(copy->body);

	if (err == PT_OK)
		err = buf_status(copy->tag);
	if (err != PT_OK)
		return err;
	response->max_age = copy->max_age;
	answer_header(response, "ETag", tag);
	if (slice_starts(tag, SLICE("W/")))
		tag = slice_skip(tag, 2);
	if (public_is_known(request_param(request, "HTTP_IF_NONE_MATCH"), tag)) {
		answer_empty(response, 304);
		return PT_OK;
	}
	response->status = 200;
	answer_header(response, "Content-Type", slice_of(copy->type));
	buf_put(&response->body, buf_slice(copy->body));
	return PT_OK;
}

enum pt_err
public_answer(const struct request *request, struct web_response *response, const char *type,
    unsigned max_age, const struct buf *body)
{
	struct buf tag = BUF_EMPTY;
	enum pt_err err = buf_status(body);

	if (err == PT_OK)
		err = public_tag(body, &tag);
	if (err == PT_OK)
		err = public_answer_tagged(request, response, &(struct public_copy){
			.type = type, .max_age = max_age, .body = body, .tag = &tag,
		});
	buf_free(&tag);
	return err;
}
