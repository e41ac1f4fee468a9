#include "web/gate_cookie.h"

#include "core/standing.h"
#include "web/cookie.h"

static struct cookie
gate_cookie(const struct settings *settings)
{
	return (struct cookie){
		.name = slice_of(settings->gate_cookie_name),
		.path = SLICE("/"),
		.secure = !settings->insecure_loopback,
		.lax = true,
	};
}

enum pt_err
gate_cookie_set(const struct request *request, struct web_response *response, const struct session *session,
    int64_t now_ms)
{
	const struct settings *settings = request->app->settings;
	struct cookie cookie = gate_cookie(settings);
	struct gate_token token = { .made_at_ms = now_ms };
	int64_t left_ms = standing_end(session) - now_ms;
	char text[GATE_TOKEN_CHARS + 1];

	if (!settings->gate_cookie)
		return PT_OK;
	slice_copy(slice_of(session->sid), token.sid, sizeof(token.sid));
	enum pt_err err = gate_token_format(&token, request->app->gate_key, text);

	if (err != PT_OK)
		return err;
	if (left_ms > settings->gate_ttl_ms)
		left_ms = settings->gate_ttl_ms;
	cookie.value = slice_of(text);
	cookie.max_age = cookie_age(left_ms);
	cookie_put(&response->head, &cookie);
	return PT_OK;
}

void
gate_cookie_clear(const struct request *request, struct web_response *response)
{
	struct cookie cookie = gate_cookie(request->app->settings);

	if (!request->app->settings->gate_cookie)
		return;
	cookie.max_age = COOKIE_CLEAR;
	cookie_put(&response->head, &cookie);
}

enum pt_err
gate_cookie_next(const struct request *request, struct slice *header, int64_t now_ms, struct gate_token *out, bool *found)
{
	const struct settings *settings = request->app->settings;
	const struct mac_key *keys[] = { request->app->gate_key };
	struct slice value;
	enum pt_err err = PT_OK;

	*found = false;
	if (!settings->gate_cookie)
		return PT_OK;
	while (err == PT_OK && !*found && cookie_next(header, slice_of(settings->gate_cookie_name), &value)) {
		err = gate_token_parse(value, keys, 1, out, found);
		/* The age is held here too: what a browser does with Max-Age is its own affair. */
		if (*found && now_ms - out->made_at_ms >= settings->gate_ttl_ms)
			*found = false;
	}
	return err;
}
