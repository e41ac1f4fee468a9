/*
 * GET /health: whether a read transaction and a key work, and whether anybody can log
 * in ("login":false where nobody can; "clock":"behind" where that is why). Nothing more is told, but of a web
 * server that keeps its connections to us: it loses requests now and then (they are closed), which can be seen from
 * nowhere else.
 */
#include "web/endpoint/endpoints.h"


const struct refusal *
health_get(const struct request *request, struct outcome *out)
{
	const struct web_app *app = request->app;
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	size_t len;
	const int64_t now_s = request->raw->accepted.wall_ms / 1000;
	const struct signing_key *key = keyring_signing_key(request->keys, now_s);
	const bool behind = keyring_is_behind(request->keys, now_s, NULL);
	enum pt_err err = key ? store_check(app->store) : PT_ERR_CRYPTO;

	if (err == PT_OK)
		err = signing_sign(key, SLICE("health"), signature, &len);
	if (err != PT_OK)
		/* A monitor wants 503, whichever of the two it is. */
		return refusal_failed(err == PT_ERR_FATAL ? err : PT_ERR_IO);
	if (request->raw->peer_keeps)
		answer_header(out->response, "X-Pintle-Peer", SLICE("keeps-connections"));
	struct json_writer w = answer_json(out->response, 200);

	out->kind = OUTCOME_WRITTEN;
	json_open(&w, NULL);
	json_put_cstr(&w, "status", "ok");
	/* What works goes on, so it is still 200; but nobody who has no session gets one. */
	if (behind || !store_takes_logins(app->store))
		json_put_bool(&w, "login", false);
	if (behind)
		json_put_cstr(&w, "clock", "behind");
	json_close(&w);
	return NULL;
}
