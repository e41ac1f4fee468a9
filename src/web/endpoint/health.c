/*
 * GET /health: whether a read transaction and a key work, and whether people can log in
 * ("login":false if nobody can; "clock":"behind" if that is the cause). It also reports a web
 * server that tries to keep its connections to us: that server loses a request now and then, since
 * they are closed, and nothing else would show it.
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
		/* A monitor expects 503 for either of the two. */
		return refusal_failed(err == PT_ERR_FATAL ? err : PT_ERR_IO);
	if (request->raw->peer_keeps)
		answer_header(out->response, "X-Pintle-Peer", SLICE("keeps-connections"));
	struct json_writer w = answer_json(out->response, 200);

	out->kind = OUTCOME_WRITTEN;
	json_open(&w, NULL);
	json_put_cstr(&w, "status", "ok");
	/* Still 200, because existing sessions go on; but no new session can begin. */
	if (behind || !store_takes_logins(app->store))
		json_put_bool(&w, "login", false);
	if (behind)
		json_put_cstr(&w, "clock", "behind");
	json_close(&w);
	return NULL;
}
