#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "store/options.h"
#include "support/site.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "web/who/password_rules.h"

#define REFRESH_COOKIE "__Secure-pintle-refresh"
#define DEVICE_COOKIE "__Host-pintle-device"
#define GATE_COOKIE "__Host-pintle-gate"

/* ---- the clock ---- */

static struct instant now = { .wall_ms = INT64_C(1790000000000), .stamp = { .boot = 1, .ms = 1000000 } };

static struct instant
site_clock(void)
{
	return now;
}

void
site_advance(int64_t ms)
{
	now.wall_ms += ms;
	now.stamp.ms += ms;
}

void
site_set_wall(int64_t by_ms)
{
	now.wall_ms += by_ms;
}

int64_t
site_now_ms(void)
{
	return now.wall_ms;
}

struct store_caller
site_caller(void)
{
	return (struct store_caller){ .now = now };
}

/* ---- the site ---- */

static char issuer[] = "https://example.org/auth", mount[] = "/auth", origins[] = "https://example.org";
static char client_id[] = "pintle", refresh_name[] = REFRESH_COOKIE, device_name[] = DEVICE_COOKIE;
static char gate_name[] = GATE_COOKIE;
static char nothing[] = "";
static char password_list[] = PASSWORD_LIST_BUILTIN;

static const struct settings site_settings = {
	.issuer = issuer,
	.mount = mount,
	.origins = origins,
	.allowed_origins = nothing,
	.audience = origins,
	.client_id = client_id,
	.signing_alg = SIGNING_ES256,
	.access_ttl_ms = 600000,
	.jwks_max_age_ms = 300000,
	.key_prepublish_ms = 7200000,
	.periods = { SITE_HAND_OUT_MS, SITE_QUIET_MS },
	.lifetimes = { 24 * SITE_HOUR_MS, 14 * 24 * SITE_HOUR_MS, 90 * 24 * SITE_HOUR_MS },
	.ended_keep_ms = 24 * SITE_HOUR_MS,
	.audit_keep_ms = 24 * SITE_HOUR_MS,
	.audit_max = 1000,
	.readers = 126,
	.refresh_cookie = refresh_name,
	.device_cookie = device_name,
	.gate_cookie_name = gate_name,
	.gate_ttl_ms = 12 * SITE_HOUR_MS,
	.verified_tokens = 64,
	.password_cost = { .memory_kib = 8, .passes = 1, .lanes = 1 },
	.hashing_slots = 2,
	.hashing_wait_ms = 50,
	.otp_required = nothing,
	.password_min = 12,
	.password_max = 1024,
	.password_list = password_list,
	.account_limit = { 10, 60000, SITE_HOUR_MS },
	.address_limit = { 30, 60000, SITE_HOUR_MS / 10 },
	.device_tries = 15,
	.known_devices = 3,
	.proxies = nothing,
};

void
site_reload(struct site *site)
{
	web_app_free(site->app);
	assert_int_equal(web_app_new(&site->settings, site->store, site->keys, site->slots, site->limits, &site->app), PT_OK);
}

void
site_open(struct site *site)
{
	site_open_with(site, &(struct site_size){ .map_bytes = 64 << 20, .sessions_per_user = 5 });
}

void
site_open_with(struct site *site, const struct site_size *size)
{
	const char *base = getenv("TMPDIR");
	char path[128];
	bool made;

	memset(site, 0, sizeof(*site));
	clock_set_source(site_clock);
	log_open(LOG_TO_STDERR, LOG_LEVEL_ERROR);
	site->settings = site_settings;
	site->settings.map_bytes = size->map_bytes;
	site->settings.sessions_per_user = size->sessions_per_user;
	snprintf(site->folder, sizeof(site->folder), "%s/pintle-web-XXXXXX", base && strlen(base) < 32 ? base : "/tmp");
	assert_non_null(mkdtemp(site->folder));
	site->settings.state_folder = site->folder;
	assert_true(store_options_from(&site->settings, site->db, sizeof(site->db), &site->options));
	if (mkdir(site->db, 0700) != 0)
		fail_msg("%s cannot be made", site->db);
	assert_int_equal(store_create(&site->options), PT_OK);
	assert_int_equal(store_open(&site->options, &site->store), PT_OK);
	assert_true(settings_path(&site->settings, "keys", path, sizeof(path)));
	assert_int_equal(keyring_create(path, SIGNING_ES256, now.wall_ms / 1000), PT_OK);
	assert_int_equal(keyring_ensure_status(path, SIGNING_ES256, now.wall_ms / 1000, &made), PT_OK);
	assert_int_equal(keyring_watch_open(path, &site->keys, NULL), PT_OK);
	assert_true(settings_path(&site->settings, "hashing.slots", path, sizeof(path)));
	assert_int_equal(password_slots_open(path, &(struct password_slots_options){
		.slots = site->settings.hashing_slots,
		.wait_ms = (unsigned)site->settings.hashing_wait_ms,
		.threads = 16,
	}, &site->slots), PT_OK);
	assert_true(settings_path(&site->settings, "limits", path, sizeof(path)));
	assert_int_equal(limits_open(path, 1000, &site->limits), PT_OK);
	site_reload(site);
}

static int
site_remove(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

void
site_close(struct site *site)
{
	web_app_free(site->app);
	limits_close(site->limits);
	password_slots_close(site->slots);
	keyring_watch_free(site->keys);
	store_close(site->store);
	nftw(site->folder, site_remove, 8, FTW_DEPTH | FTW_PHYS);
	clock_set_source(NULL);
}

uint64_t
site_add_user(struct site *site, const char *name, const char *password)
{
	struct store_caller caller = site_caller();
	struct user user = { 0 };
	bool added = false;

	slice_copy(slice_of(name), user.name, sizeof(user.name));
	if (password)
		assert_int_equal(password_hash(slice_of(password), &site->settings.password_cost, user.password_hash), PT_OK);
	assert_int_equal(store_user_add(site->store, &caller, &user, &added), PT_OK);
	assert_true(added);
	return user.number;
}

void
site_disable_user(struct site *site, uint64_t number, bool disabled)
{
	struct store_caller caller = site_caller();
	bool found = false;

	assert_int_equal(store_user_set_disabled(site->store, &caller, number, disabled, &found), PT_OK);
	assert_true(found);
}

/* ---- browsers ---- */

struct params {
	struct web_param list[24];
	size_t count;
};

static void
params_add(struct params *params, const char *name, const char *value)
{
	if (value == NULL)
		return;
	assert_true(params->count < sizeof(params->list) / sizeof(params->list[0]));
	params->list[params->count++] = (struct web_param){ slice_of(name), slice_of(value) };
}

/* The cookies as a browser sends them for the request's path. */
static void
browser_put_cookies(const struct browser *browser, char *out, size_t cap)
{
	const char *const jar[][2] = {
		{ DEVICE_COOKIE, browser->device }, { REFRESH_COOKIE, browser->refresh }, { GATE_COOKIE, browser->gate },
	};
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(jar) / sizeof(jar[0]) && at < cap; i++)
		if (jar[i][1][0])
			at += (size_t)snprintf(out + at, cap - at, "%s%s=%s", at ? "; " : "", jar[i][0], jar[i][1]);
}

/* Takes the value of one cookie from a Set-Cookie header, if the header sets that cookie. */
static void
browser_take_cookie(struct slice header, const char *name, char out[BROWSER_COOKIE_SIZE])
{
	struct slice pair, key, value;

	slice_cut(header, ';', &pair, &header);
	slice_cut(pair, '=', &key, &value);
	if (slice_eq(key, slice_of(name)))
		assert_true(slice_copy(value, out, BROWSER_COOKIE_SIZE));
}

static bool
header_next(struct slice *head, struct slice *name, struct slice *value)
{
	struct slice line;

	if (head->len == 0)
		return false;
	slice_cut(*head, '\n', &line, head);
	assert_true(line.len > 0 && line.ptr[line.len - 1] == '\r');
	line.len--;
	assert_true(slice_cut(line, ':', name, value));
	*value = slice_trim(*value);
	return true;
}

static void
browser_keep(struct browser *browser, const struct reply *reply)
{
	struct slice head = buf_slice(&reply->head), name, value;

	while (!browser->keeps_nothing && header_next(&head, &name, &value)) {
		if (!slice_eq(name, SLICE("Set-Cookie")))
			continue;
		browser_take_cookie(value, REFRESH_COOKIE, browser->refresh);
		browser_take_cookie(value, DEVICE_COOKIE, browser->device);
		browser_take_cookie(value, GATE_COOKIE, browser->gate);
	}
}

void
browser_ask(struct browser *browser, const struct ask *ask, struct reply *reply)
{
	struct params params = { .count = 0 };
	char cookies[3 * BROWSER_COOKIE_SIZE + 96];
	struct web_request request = { .role = ask->role, .body_state = ask->body_state, .peer_waits = ask->peer_waits };
	struct web_response response = { 0 };
	const char *cookie = ask->cookie;

	browser_put_cookies(browser, cookies, sizeof(cookies));
	if (cookie == NULL && cookies[0])
		cookie = cookies;
	params_add(&params, "REQUEST_METHOD", ask->method);
	params_add(&params, "SCRIPT_NAME", ask->path);
	params_add(&params, "QUERY_STRING", ask->query);
	params_add(&params, "REMOTE_ADDR", browser->address ? browser->address : "192.0.2.1");
	params_add(&params, "CONTENT_TYPE", ask->type);
	params_add(&params, "HTTP_AUTHORIZATION", ask->authorization);
	params_add(&params, "HTTP_COOKIE", cookie);
	params_add(&params, "HTTP_USER_AGENT", "Test/1.0");
	for (size_t i = 0; i < SITE_EXTRAS && ask->extra[i][0]; i++)
		params_add(&params, ask->extra[i][0], ask->extra[i][1]);
	request.params = params.list;
	request.param_count = params.count;
	request.accepted = now;
	request.accepted.stamp.ms -= ask->waited_ms;
	request.body = slice_of(ask->body);
	if (ask->body_len)
		request.body.len = ask->body_len;
	web_answer(browser->site->app, &request, &response);
	*reply = (struct reply){ response.status, response.head, response.body, NULL, response.head_only, response.fatal };
	if (reply->body.len)
		json_parse_object(buf_slice(&reply->body), &reply->json);
	browser_keep(browser, reply);
}

void
browser_send(struct browser *browser, const char *method, const char *path, const char *body, struct reply *reply)
{
	char whole[256];

	snprintf(whole, sizeof(whole), "/auth%s", path);
	browser_ask(browser, &(struct ask){
		.method = method,
		.path = whole,
		.type = body ? "application/json" : NULL,
		.body = body,
	}, reply);
}

void
browser_login(struct browser *browser, const char *username, struct buf *access_token)
{
	struct reply reply;
	char body[256];

	snprintf(body, sizeof(body), "{\"username\":\"%s\",\"password\":\"" SITE_PASSWORD "\"}", username);
	browser_send(browser, "POST", "/login", body, &reply);
	assert_int_equal(reply.status, 200);
	if (access_token)
		buf_put(access_token, reply_text(&reply, NULL, "access_token"));
	reply_free(&reply);
}

int
browser_refresh(struct browser *browser, const char **reason)
{
	static char kept[64];
	struct reply reply;
	int status;

	browser_send(browser, "POST", "/refresh", NULL, &reply);
	status = reply.status;
	slice_copy(reply_text(&reply, NULL, "reason"), kept, sizeof(kept));
	if (reason)
		*reason = kept;
	reply_free(&reply);
	return status;
}

/* ---- replies ---- */

void
reply_free(struct reply *reply)
{
	json_free(reply->json);
	buf_free(&reply->head);
	buf_free(&reply->body);
}

bool
reply_header(const struct reply *reply, const char *name, struct slice *value)
{
	struct slice head = buf_slice(&reply->head), got;

	while (header_next(&head, &got, value))
		if (slice_eq_nocase(got, slice_of(name)))
			return true;
	*value = (struct slice){ NULL, 0 };
	return false;
}

size_t
reply_header_count(const struct reply *reply, const char *name)
{
	struct slice head = buf_slice(&reply->head), got, value;
	size_t count = 0;

	while (header_next(&head, &got, &value))
		count += slice_eq_nocase(got, slice_of(name));
	return count;
}

struct slice
reply_text(const struct reply *reply, const char *object, const char *name)
{
	const struct json *in = object && reply->json ? json_get_object(reply->json, object) : reply->json;
	struct slice value = { NULL, 0 };

	if (in)
		json_get_string(in, name, &value);
	return value;
}

void
reply_expect(const struct reply *reply, int status, const char *error)
{
	struct slice got = reply_text(reply, NULL, "error");

	if (reply->status != status || !slice_eq(got, slice_of(error)))
		fail_msg("got %d %.*s, not %d %s", reply->status, SLICE_ARG(got), status, error);
}
