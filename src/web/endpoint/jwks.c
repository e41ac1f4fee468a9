/*
 * GET /jwks.json: the public keys, for whoever verifies access tokens (RFC 7517).
 * GET /status-jwks.json: those of the status list, which no access token is signed with.
 */
#include "web/endpoint/endpoints.h"
#include "web/http/public.h"

static enum pt_err
jwks_answer(const struct request *request, struct web_response *response, const struct keyring *keys)
{
	struct buf set = BUF_EMPTY;
	/* Made anew each time, since a key retires by the clock. */
	enum pt_err err = keyring_jwks(keys, request->raw->accepted.wall_ms / 1000, &set);

	if (err == PT_OK)
		err = public_answer(request, response, "application/jwk-set+json; charset=utf-8",
		    settings_jwks_max_age(request->app->settings), &set);
	buf_free(&set);
	return err;
}

enum pt_err
jwks_get(const struct request *request, struct web_response *response)
{
	return jwks_answer(request, response, request->keys);
}

enum pt_err
status_jwks_get(const struct request *request, struct web_response *response)
{
	return jwks_answer(request, response, keyring_status_keys(request->keys));
}
