#include "web/who/session_cookie.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/random.h"
#include "web/http/cookie.h"

/* seconds: the longest that browsers keep a cookie (RFC 6265bis, 5.5) */
#define DEVICE_MAX_AGE (INT64_C(400) * 24 * 3600)

bool
session_device_read(const struct request *request, uint8_t out[SESSION_DEVICE_SIZE])
{
	const struct settings *settings = request->app->settings;
	const char *const names[] = { settings->device_cookie, settings->device_cookie_old };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && names[i]; i++) {
		struct slice header = request->cookies, value;

		while (cookie_next(&header, slice_of(names[i]), &value))
			if (base64url_decode_exact(value, out, SESSION_DEVICE_SIZE))
				return true;
	}
	return false;
}

enum pt_err
session_device_name(const struct request *request, uint8_t out[SESSION_DEVICE_SIZE])
{
	return session_device_read(request, out) ? PT_OK : random_bytes(out, SESSION_DEVICE_SIZE);
}

enum pt_err
session_token_read(const struct request *request, struct slice text, struct session_token *out,
    bool *good)
{
	size_t key_count;
	const struct mac_key *const *keys = keyring_refresh_keys(request->keys, &key_count);
	struct refresh_token token;
	enum pt_err err = refresh_token_parse(text, keys, key_count, &token, good);

	memset(out, 0, sizeof(*out));
	if (err == PT_OK && *good) {
		memcpy(out->secret, token.secret, sizeof(out->secret));
		out->presented.session_number = token.session_number;
		out->presented.token = (struct rotate_presented){ token.serial, token.nonce };
		err = digest_sha256(token.secret, sizeof(token.secret), out->presented.secret_hash);
	}
	secret_wipe(&token, sizeof(token));
	return err;
}

struct refresh_token
session_token_next(const struct session_token *token, uint32_t serial, uint32_t nonce)
{
	struct refresh_token next = { .session_number = token->presented.session_number,
	    .serial = serial, .nonce = nonce };

	memcpy(next.secret, token->secret, sizeof(next.secret));
	return next;
}

/* Adds the token in value, if it is one of ours. */
static enum pt_err
cookies_take(const struct request *request, struct slice value,
    const uint8_t device_hash[DIGEST_SIZE], struct session_cookies *out)
{
	struct session_token *taken = &out->tokens[out->count];
	bool good;
	enum pt_err err = session_token_read(request, value, taken, &good);

	if (err != PT_OK || !good)
		return err;
	taken->presented.has_device = out->has_device;
	memcpy(taken->presented.device_hash, device_hash, DIGEST_SIZE);
	out->count++;
	return PT_OK;
}

/* Adds the tokens of one cookie name. *any is set if such a cookie came, whatever it holds. */
static enum pt_err
cookies_take_named(const struct request *request, const char *name,
    const uint8_t device_hash[DIGEST_SIZE], struct session_cookies *out, bool *any)
{
	struct slice header = request->cookies, value;
	enum pt_err err = PT_OK;

	while (err == PT_OK && out->count < SESSION_COOKIE_MAX &&
	    cookie_next(&header, slice_of(name), &value)) {
		*any = true;
		err = cookies_take(request, value, device_hash, out);
	}
	return err;
}

enum pt_err
session_cookies_read(const struct request *request, struct session_cookies *out)
{
	const struct settings *settings = request->app->settings;
	uint8_t device_hash[DIGEST_SIZE] = { 0 };
	enum pt_err err = PT_OK;

	memset(out, 0, sizeof(*out));
	out->has_device = session_device_read(request, out->device);
	if (out->has_device)
		err = digest_sha256(out->device, sizeof(out->device), device_hash);
	if (err == PT_OK)
		err = cookies_take_named(request, settings->refresh_cookie, device_hash, out,
		    &out->any);
	/* Cookies of the name without suffix may belong to another pintle: only ours count. */
	if (err == PT_OK && settings->refresh_cookie_old)
		err = cookies_take_named(request, settings->refresh_cookie_old, device_hash, out,
		    &(bool){ false });
	out->any = out->any || out->count > 0;
	return err;
}

void
session_cookies_wipe(struct session_cookies *cookies)
{
	secret_wipe(cookies, sizeof(*cookies));
}

static int
judgement_rank(const struct store_judgement *judgement)
{
	switch (judgement->verdict) {
	case STORE_FOREIGN:
		return 1;
	case STORE_REFUSED:
		return 2;
	case STORE_GOOD:
		return 3;
	}
	return 0;
}

/* Of two good ones the later login has replaced the other, which perhaps has another path. */
static bool
judgement_is_better(const struct store_judgement *a, const struct store_judgement *b)
{
	int rank = judgement_rank(a), other = judgement_rank(b);

	return rank != other ? rank > other : a->verdict == STORE_GOOD &&
	    a->session.number > b->session.number;
}

enum pt_err
session_cookies_judge(const struct request *request, const struct session_cookies *cookies,
    size_t *best, struct store_judgement *out)
{
	struct store_caller caller = request_caller(request);
	struct store_judgement one;
	bool any = false;
	enum pt_err err = PT_OK;

	memset(out, 0, sizeof(*out));
	out->reason = cookies->any ? REASON_BAD_TOKEN : REASON_NO_COOKIE;
	*best = 0;
	for (size_t i = 0; i < cookies->count && err == PT_OK; i++) {
		memset(&one, 0, sizeof(one));
		err = store_judge(request->app->store, &caller, &cookies->tokens[i].presented,
		    &one);
		if (err != PT_OK || (any && !judgement_is_better(&one, out)))
			continue;
		any = true;
		*best = i;
		*out = one;
	}
	return err;
}

static struct cookie
refresh_cookie(const struct settings *settings)
{
	struct slice mount = slice_of(settings->mount);

	return (struct cookie){
		.name = slice_of(settings->refresh_cookie),
		.path = mount.len == 0 || settings->refresh_cookie_root ? SLICE("/") : mount,
		.secure = !settings->insecure_loopback,
	};
}

/*
 * Clears the cookie of the name without suffix if it is ours: another pintle may use that name for
 * its own.
 */
static void
session_cookie_clear_old(const struct request *request, struct web_response *response)
{
	const char *name = request->app->settings->refresh_cookie_old;
	struct cookie cookie = refresh_cookie(request->app->settings);
	struct slice header = request->cookies, value;
	struct session_token token;
	bool ours = false;

	while (name && !ours && cookie_next(&header, slice_of(name), &value))
		if (session_token_read(request, value, &token, &ours) != PT_OK)
			ours = false;
	secret_wipe(&token, sizeof(token));
	if (!ours)
		return;
	cookie.name = slice_of(name);
	cookie.max_age = COOKIE_CLEAR;
	cookie_put(&response->head, &cookie);
}

enum pt_err
session_cookie_set(const struct request *request, struct web_response *response,
    const struct refresh_token *token, const struct session *session, int64_t now_ms)
{
	struct cookie cookie = refresh_cookie(request->app->settings);
	char text[REFRESH_TOKEN_CHARS + 1];
	size_t key_count;
	enum pt_err err = refresh_token_format(token,
	    keyring_refresh_keys(request->keys, &key_count)[0], text);

	if (err == PT_OK) {
		cookie.value = slice_of(text);
		cookie.max_age = COOKIE_NO_AGE;
		if (session->remember)
			cookie.max_age = cookie_age(standing_end(session) - now_ms);
		cookie_put(&response->head, &cookie);
		session_cookie_clear_old(request, response);
	}
	secret_wipe(text, sizeof(text));
	return err;
}

void
session_cookie_clear(const struct request *request, struct web_response *response)
{
	struct cookie cookie = refresh_cookie(request->app->settings);

	cookie.max_age = COOKIE_CLEAR;
	cookie_put(&response->head, &cookie);
	session_cookie_clear_old(request, response);
}

void
session_cookie_set_device(const struct request *request, struct web_response *response,
    const uint8_t device[SESSION_DEVICE_SIZE])
{
	const struct settings *settings = request->app->settings;
	char text[BASE64URL_LEN(SESSION_DEVICE_SIZE) + 1];

	base64url_encode(device, SESSION_DEVICE_SIZE, text);
	cookie_put(&response->head, &(struct cookie){
		.name = slice_of(settings->device_cookie),
		.value = slice_of(text),
		.path = SLICE("/"),
		.secure = !settings->insecure_loopback,
		.max_age = DEVICE_MAX_AGE,
	});
}
