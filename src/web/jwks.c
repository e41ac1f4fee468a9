/* GET /jwks.json: the public keys, for whoever verifies access tokens (RFC 7517). */
#include "web/endpoints.h"

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

enum pt_err
jwks_get(const struct request *request, struct web_response *response)
{
	const struct web_app *app = request->app;
	struct slice tag = slice_of(app->jwks_etag);

	answer_header(response, "ETag", tag);
	if (jwks_is_known(request_param(request, "HTTP_IF_NONE_MATCH"), tag)) {
		answer_empty(response, 304);
		return PT_OK;
	}
	response->status = 200;
	answer_header(response, "Content-Type", SLICE("application/jwk-set+json; charset=utf-8"));
	buf_put(&response->body, buf_slice(&app->jwks));
	return PT_OK;
}
