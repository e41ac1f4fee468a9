/* GET /jwks.json: the public keys, for whoever verifies access tokens (RFC 7517). */
#include "web/endpoints.h"
#include "web/public.h"

enum pt_err
jwks_get(const struct request *request, struct web_response *response)
{
	struct buf set = BUF_EMPTY;
	/* Made anew each time, since a key retires by the clock. */
	enum pt_err err = keyring_jwks(request->keys, request->raw->accepted.wall_ms / 1000, &set);

	if (err == PT_OK)
		err = public_answer(request, response, "application/jwk-set+json; charset=utf-8",
		    settings_jwks_max_age(request->app->settings), &set);
	buf_free(&set);
	return err;
}
