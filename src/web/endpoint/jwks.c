/*
 * GET /jwks.json: the public keys for verifying access tokens (RFC 7517). GET /status-jwks.json:
 * the keys of the status list, which never sign access tokens.
 */
#include "web/endpoint/endpoints.h"
#include "web/http/public.h"

static const struct refusal *
jwks_write(const struct request *request, struct outcome *out, const struct keyring *keys)
{
	struct buf set = BUF_EMPTY;
	/* Made anew each time, since keys retire as time passes. */
	enum pt_err err = keyring_jwks(keys, request->raw->accepted.wall_ms / 1000, &set);

	if (err == PT_OK)
		err = public_answer(request, out->response,
		    "application/jwk-set+json; charset=utf-8",
		    settings_jwks_max_age(request->app->settings), &set);
	buf_free(&set);
	out->kind = OUTCOME_WRITTEN;
	return refusal_failed(err);
}

const struct refusal *
jwks_get(const struct request *request, struct outcome *out)
{
	return jwks_write(request, out, request->keys);
}

const struct refusal *
jwks_status_get(const struct request *request, struct outcome *out)
{
	return jwks_write(request, out, keyring_status_keys(request->keys));
}
