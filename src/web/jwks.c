/* GET /jwks.json: the public keys, for whoever verifies access tokens (RFC 7517). */
#include "web/endpoints.h"

#include "base/base64url.h"
#include "web/answer.h"

/* Whether If-None-Match names the tag, compared weakly (RFC 9110, 13.1.2). */
static bool
jwks_is_known(struct slice names, struct slice tag)
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

/* The tag is a digest of what is served, quoted, so it changes exactly when that does. */
static enum pt_err
jwks_tag(const struct buf *set, struct buf *tag)
{
	uint8_t digest[DIGEST_SIZE];
	enum pt_err err = digest_sha256(set->ptr, set->len, digest);

	if (err != PT_OK)
		return err;
	buf_putc(tag, '"');
	base64url_put(tag, digest, sizeof(digest));
	buf_putc(tag, '"');
	return buf_status(tag);
}

enum pt_err
jwks_get(const struct request *request, struct web_response *response)
{
	struct buf set = BUF_EMPTY, tag = BUF_EMPTY;
	/* Made anew each time, since a key retires by the clock. */
	enum pt_err err = keyring_jwks(request->app->keys, request->raw->accepted.wall_ms / 1000, &set);

	if (err == PT_OK)
		err = jwks_tag(&set, &tag);
	if (err != PT_OK)
		goto out;
	answer_header_buf(response, "ETag", &tag);
	if (jwks_is_known(request_param(request, "HTTP_IF_NONE_MATCH"), buf_slice(&tag))) {
		answer_empty(response, 304);
		goto out;
	}
	response->status = 200;
	answer_header(response, "Content-Type", SLICE("application/jwk-set+json; charset=utf-8"));
	buf_put(&response->body, buf_slice(&set));
out:
	buf_free(&set);
	buf_free(&tag);
	return err;
}
