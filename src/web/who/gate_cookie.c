#include "web/who/gate_cookie.h"

#include "core/standing.h"
#include "web/http/cookie.h"

#define GATE_AHEAD_MS (INT64_C(5) * 60 * 1000)

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

/* The next gate cookie of this name that is ours and not too old. */
static enum pt_err
gate_cookie_next_named(const struct request *request, const char *name, struct slice *header,
    int64_t now_ms, struct gate_token *out, bool *found)
{
	const struct settings *settings = request->app->settings;
	size_t key_count;
	const struct mac_key *const *keys = keyring_gate_keys(request->keys, &key_count);
	struct slice value;
	enum pt_err err = PT_OK;

	*found = false;
	while (err == PT_OK && !*found && cookie_next(header, slice_of(name), &value)) {
		err = gate_token_parse(value, keys, key_count, out, found);
		/*
		 * The age is checked here too, since a browser may ignore Max-Age. A cookie made
		 * while the clock was fast would live longer by as much.
		 */
		int64_t age_ms = *found ? now_ms - out->made_at_ms : 0;

		if (age_ms >= settings->gate_ttl_ms || age_ms < -GATE_AHEAD_MS)
			*found = false;
	}
	return err;
}

/*
 * Clears the cookie of the name without suffix if it is ours: another pintle may use that name for
 * its own.
 */
static void
gate_cookie_clear_old(const struct request *request, struct web_response *response, int64_t now_ms)
{
	const char *name = request->app->settings->gate_cookie_old;
	struct cookie cookie = gate_cookie(request->app->settings);
	struct slice header = request->cookies;
	struct gate_token token;
	bool ours = false;

	if (name == NULL || gate_cookie_next_named(request, name, &header, now_ms, &token,
	    &ours) != PT_OK || !ours)
		return;
	cookie.name = slice_of(name);
	cookie.max_age = COOKIE_CLEAR;
	cookie_put(&response->head, &cookie);
}

enum pt_err
gate_cookie_set(const struct request *request, struct web_response *response,
    const struct session *session, int64_t now_ms)
{
	const struct settings *settings = request->app->settings;
	struct cookie cookie = gate_cookie(settings);
	struct gate_token token = { .made_at_ms = now_ms };
	int64_t left_ms = standing_end(session) - now_ms;
	char text[GATE_TOKEN_CHARS + 1];
	size_t key_count;

	if (!settings->gate_cookie)
		return PT_OK;
	slice_copy(slice_of(session->sid), token.sid, sizeof(token.sid));
	enum pt_err err = gate_token_format(&token, keyring_gate_keys(request->keys, &key_count)[0],
	    text);

	if (err != PT_OK)
		return err;
	if (left_ms > settings->gate_ttl_ms)
		left_ms = settings->gate_ttl_ms;
	cookie.value = slice_of(text);
	cookie.max_age = cookie_age(left_ms);
	cookie_put(&response->head, &cookie);
	gate_cookie_clear_old(request, response, now_ms);
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
	gate_cookie_clear_old(request, response, clock_now().wall_ms);
}

enum pt_err
gate_cookie_next(const struct request *request, struct gate_cookie_walk *walk, int64_t now_ms,
    struct gate_token *out, bool *found)
{
	const struct settings *settings = request->app->settings;
	enum pt_err err = PT_OK;

	*found = false;
	if (!settings->gate_cookie)
		return PT_OK;
	if (!walk->old)
		err = gate_cookie_next_named(request, settings->gate_cookie_name, &walk->rest,
		    now_ms, out, found);
	if (err != PT_OK || *found || settings->gate_cookie_old == NULL)
		return err;
	if (!walk->old)
		*walk = (struct gate_cookie_walk){ .rest = request->cookies, .old = true };
	return gate_cookie_next_named(request, settings->gate_cookie_old, &walk->rest, now_ms, out,
	    found);
}
