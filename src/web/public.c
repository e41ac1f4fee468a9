#include "web/public.h"

#include "base/base64url.h"
#include "web/answer.h"

/* Whether If-None-Match names the tag, compared weakly (RFC 9110, 13.1.2). */
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
public_answer(const struct request *request, struct web_response *response, const char *type, unsigned max_age,
    const struct buf *body)
{
	struct buf tag = BUF_EMPTY;
	enum pt_err err = buf_status(body);

	if (err == PT_OK)
		err = public_tag(body, &tag);
	if (err != PT_OK)
		goto out;
	response->max_age = max_age;
	answer_header_buf(response, "ETag", &tag);
	if (public_is_known(request_param(request, "HTTP_IF_NONE_MATCH"), buf_slice(&tag))) {
		answer_empty(response, 304);
		goto out;
	}
	response->status = 200;
	answer_header(response, "Content-Type", slice_of(type));
	buf_put(&response->body, buf_slice(body));
out:
	buf_free(&tag);
	return err;
}
