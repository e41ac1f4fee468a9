/* At the door: addresses, methods, bodies, which page asks, and what is public. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "support/site.h"

static struct site site;

static int
begin(void **state)
{
	(void)state;
	site_open(&site);
	site_add_user(&site, "alice", SITE_PASSWORD);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	site_close(&site);
	return 0;
}

static int
status_of(const struct ask *ask)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	int status;

	browser_ask(&browser, ask, &reply);
	status = reply.status;
	reply_free(&reply);
	return status;
}

struct path_row {
	const char *name;
	const char *script;
	const char *info;
	int status;
};

static const struct path_row path_rows[] = {
	{ "all of it in SCRIPT_NAME, as under nginx", "/auth/health", NULL, 200 },
	{ "all of it in PATH_INFO", "", "/auth/health", 200 },
	{ "split at the mount, as under CGI", "/auth", "/health", 200 },
	{ "split within", "/auth/he", "alth", 200 },
	{ "in both: taken once", "/auth/health", "/auth/health", 200 },
	{ "without the mount", "/health", NULL, 404 },
	{ "below a longer name", "/authX/health", NULL, 404 },
	{ "the key set at the root of the site", "/.well-known/jwks.json", NULL, 200 },
	{ "the key set below the mount", "/auth/jwks.json", NULL, 200 },
	{ "the key set below the mount, by its well-known name", "/auth/.well-known/jwks.json", NULL, 200 },
	{ "the metadata where OAuth wants it", "/.well-known/oauth-authorization-server/auth", NULL, 200 },
	{ "the metadata where OpenID wants it", "/auth/.well-known/openid-configuration", NULL, 200 },
	{ "no metadata of the site itself", "/.well-known/oauth-authorization-server", NULL, 404 },
	{ "no metadata of another mount", "/.well-known/oauth-authorization-server/aut", NULL, 404 },
	{ "where a password manager looks for the change of a password", "/.well-known/change-password", NULL, 303 },
	{ "nothing else is at the root", "/jwks.json", NULL, 404 },
	{ "a slash more", "/auth/health/", NULL, 404 },
	{ "two slashes", "/auth//health", NULL, 404 },
	{ "another case", "/auth/Health", NULL, 404 },
	{ "a segment behind an id", "/auth/sessions/a/b", NULL, 404 },
	{ "no path", "", NULL, 404 },
};

static void
paths_are_found_however_the_server_splits_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(path_rows) / sizeof(path_rows[0]); i++) {
		struct ask ask = { .method = "GET", .path = path_rows[i].script };

		if (path_rows[i].info) {
			ask.extra[0][0] = "PATH_INFO";
			ask.extra[0][1] = path_rows[i].info;
		}
		if (status_of(&ask) != path_rows[i].status)
			fail_msg("%s: %d", path_rows[i].name, status_of(&ask));
	}
}

static void
a_path_of_any_length_is_answered(void **state)
{
	static char path[5000];

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	memcpy(path, "/auth/", 6);
	assert_int_equal(status_of(&(struct ask){ .method = "GET", .path = path }), 404);
	site.settings.mount = path + sizeof(path) - 1;	/* the root */
	assert_int_equal(status_of(&(struct ask){ .method = "GET", .path = path }), 404);
}

static void
a_mount_at_the_root_knows_the_same_addresses(void **state)
{
	static char root[] = "";

	(void)state;
	site.settings.mount = root;
	assert_int_equal(status_of(&(struct ask){ .method = "GET", .path = "/health" }), 200);
	assert_int_equal(status_of(&(struct ask){ .method = "GET", .path = "/.well-known/jwks.json" }), 200);
	assert_int_equal(status_of(&(struct ask){ .method = "GET", .path = "/.well-known/oauth-authorization-server" }), 200);
	assert_int_equal(status_of(&(struct ask){ .method = "GET", .path = "/" }), 200);
	assert_int_equal(status_of(&(struct ask){ .method = "GET", .path = "/auth/health" }), 404);
}

static void
a_parameter_that_came_twice_is_its_last(void **state)
{
	(void)state;
	assert_int_equal(status_of(&(struct ask){
		.method = "POST", .path = "/auth/health", .extra = { { "REQUEST_METHOD", "GET" } },
	}), 200);
}

struct method_row {
	const char *method;
	const char *path;
	int status;
	const char *allow;
};

static const struct method_row method_rows[] = {
	{ "PUT", "/auth/login", 405, "GET, HEAD, POST, OPTIONS" },
	{ "DELETE", "/auth/refresh", 405, "POST, OPTIONS" },
	{ "GET", "/auth/refresh", 405, "POST, OPTIONS" },
	{ "HEAD", "/auth/refresh", 405, "POST, OPTIONS" },
	{ "get", "/auth/login", 405, "GET, HEAD, POST, OPTIONS" },
	{ "TRACE", "/auth/sessions", 405, "GET, HEAD, DELETE, OPTIONS" },
	{ "POST", "/auth/sessions/x", 405, "PATCH, DELETE, OPTIONS" },
	{ "POST", "/.well-known/jwks.json", 405, "GET, HEAD, OPTIONS" },
	{ "OPTIONS", "/auth/me", 204, "GET, HEAD, OPTIONS" },
};

static void
methods_come_out_of_the_table(void **state)
{
	struct browser browser = { .site = &site };

	(void)state;
	for (size_t i = 0; i < sizeof(method_rows) / sizeof(method_rows[0]); i++) {
		struct reply reply;
		struct slice allow;

		browser_ask(&browser, &(struct ask){ .method = method_rows[i].method, .path = method_rows[i].path }, &reply);
		assert_true(reply_header(&reply, "Allow", &allow));
		if (reply.status != method_rows[i].status || !slice_eq(allow, slice_of(method_rows[i].allow)))
			fail_msg("%s %s: %d %.*s", method_rows[i].method, method_rows[i].path, reply.status, SLICE_ARG(allow));
		reply_free(&reply);
	}
}

static void
head_is_get_without_the_body(void **state)
{
	struct browser browser = { .site = &site };
	struct reply get, head;

	(void)state;
	browser_ask(&browser, &(struct ask){ .method = "GET", .path = "/auth/jwks.json" }, &get);
	browser_ask(&browser, &(struct ask){ .method = "HEAD", .path = "/auth/jwks.json" }, &head);
	assert_int_equal(head.status, 200);
	assert_true(head.head_only);
	assert_false(get.head_only);
	assert_int_equal(head.body.len, get.body.len);
	reply_free(&get);
	reply_free(&head);
}

static void
every_answer_is_guarded_alike(void **state)
{
	static const char *const paths[] = { "/auth/health", "/auth/me", "/auth/login", "/nowhere", "/auth/refresh" };
	struct browser browser = { .site = &site };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct reply reply;
		struct slice value;

		browser_ask(&browser, &(struct ask){ .method = "GET", .path = paths[i] }, &reply);
		assert_int_equal(reply_header_count(&reply, "Cache-Control"), 1);
		assert_true(reply_header(&reply, "Cache-Control", &value) && slice_eq(value, SLICE("no-store")));
		assert_true(reply_header(&reply, "X-Content-Type-Options", &value) && slice_eq(value, SLICE("nosniff")));
		assert_true(reply_header(&reply, "X-Request-Id", &value) && value.len == ID_SIZE - 1);
		assert_true(reply_header(&reply, "Content-Type", &value));
		assert_true(value.len > 15 && slice_eq(slice_skip(value, value.len - 15), SLICE("; charset=utf-8")));
		assert_int_equal(reply_header_count(&reply, "Server"), 0);
		reply_free(&reply);
	}
}

/* ---- bodies ---- */

struct body_row {
	const char *name;
	const char *type;
	const char *body;
	enum web_body_state state;
	int status;
};

static const struct body_row body_rows[] = {
	{ "more than 16 KiB", "application/json", NULL, WEB_BODY_TOO_LARGE, 413 },
	{ "less than Content-Length says", "application/json", "{", WEB_BODY_SHORT, 400 },
	{ "a type that nobody reads", "text/plain", "{\"username\":\"alice\",\"password\":\"x\"}", WEB_BODY_WHOLE, 415 },
	{ "a form in parts", "multipart/form-data; boundary=x", "--x", WEB_BODY_WHOLE, 415 },
	{ "no type", NULL, "{\"username\":\"alice\",\"password\":\"x\"}", WEB_BODY_WHOLE, 415 },
	{ "a longer name of a type", "application/jsonx", "{}", WEB_BODY_WHOLE, 415 },
	{ "another charset", "application/json; charset=utf-16", "{}", WEB_BODY_WHOLE, 415 },
	{ "JSON with its charset, in capitals", "Application/JSON; Charset=\"UTF-8\"",
	    "{\"username\":\"alice\",\"password\":\"x\"}", WEB_BODY_WHOLE, 401 },
	{ "a form with its charset", "application/x-www-form-urlencoded;charset=UTF-8",
	    "username=alice&password=x", WEB_BODY_WHOLE, 401 },
	{ "a form that is broken", "application/x-www-form-urlencoded", "username=%&password=x", WEB_BODY_WHOLE, 400 },
	{ "nested too deep", "application/json",
	    "{\"a\":[[[[[[[[1]]]]]]]],\"username\":\"alice\",\"password\":\"x\"}", WEB_BODY_WHOLE, 400 },
	{ "a byte-order mark", "application/json",
	    "\xef\xbb\xbf{\"username\":\"alice\",\"password\":\"x\"}", WEB_BODY_WHOLE, 400 },
};

static void
bodies_are_what_they_must_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(body_rows) / sizeof(body_rows[0]); i++) {
		int status = status_of(&(struct ask){
			.method = "POST", .path = "/auth/login", .type = body_rows[i].type,
			.body = body_rows[i].body, .body_state = body_rows[i].state,
		});

		if (status != body_rows[i].status)
			fail_msg("%s: %d", body_rows[i].name, status);
	}
}

/* ---- cross-site ---- */

struct site_row {
	const char *name;
	const char *fetch_site;
	const char *origin;
	const char *method;
	const char *path;
	int status;
	bool cors;
};

static const struct site_row site_rows[] = {
	{ "no browser", NULL, NULL, "POST", "/auth/logout", 204, false },
	{ "our own page", "same-origin", "https://example.org", "POST", "/auth/logout", 204, false },
	{ "typed by the person", "none", NULL, "POST", "/auth/logout", 204, false },
	{ "an old browser at our own page", NULL, "https://example.org", "POST", "/auth/logout", 204, false },
	{ "another site", "cross-site", "https://evil.example", "POST", "/auth/logout", 403, false },
	{ "another site that logs in", "cross-site", "https://evil.example", "POST", "/auth/login", 403, false },
	{ "another site that refreshes", "cross-site", NULL, "POST", "/auth/refresh", 403, false },
	{ "a sibling", "same-site", "https://app.example.org", "DELETE", "/auth/sessions", 403, false },
	{ "an old browser at another site", NULL, "https://evil.example", "POST", "/auth/logout", 403, false },
	{ "a page without an origin", NULL, "null", "POST", "/auth/logout", 403, false },
	{ "our name with another ending", NULL, "https://example.org.evil.example", "POST", "/auth/logout", 403, false },
	{ "our name at another port", NULL, "https://example.org:8443", "POST", "/auth/logout", 403, false },
	{ "a listed one", "same-site", "https://spa.example.org", "POST", "/auth/logout", 204, true },
	{ "a listed one that is refused otherwise", "same-site", "https://spa.example.org", "GET", "/auth/me", 401, true },
	{ "a listed one at no address of ours", "same-site", "https://spa.example.org", "GET", "/auth/none", 404, true },
	{ "half the name of a listed one", "same-site", "https://spa.example", "GET", "/auth/me", 401, false },
	{ "reading changes nothing", "cross-site", "https://evil.example", "GET", "/auth/health", 200, false },
};

static void
only_our_own_and_listed_pages_change_anything(void **state)
{
	static char allowed[] = "https://spa.example.org https://other.example.org";

	(void)state;
	site.settings.allowed_origins = allowed;
	for (size_t i = 0; i < sizeof(site_rows) / sizeof(site_rows[0]); i++) {
		const struct site_row *row = &site_rows[i];
		struct browser browser = { .site = &site };
		struct ask ask = { .method = row->method, .path = row->path };
		struct reply reply;
		struct slice value;
		size_t n = 0;

		if (row->fetch_site) {
			ask.extra[n][0] = "HTTP_SEC_FETCH_SITE";
			ask.extra[n++][1] = row->fetch_site;
		}
		if (row->origin) {
			ask.extra[n][0] = "HTTP_ORIGIN";
			ask.extra[n][1] = row->origin;
		}
		browser_ask(&browser, &ask, &reply);
		if (reply.status != row->status)
			fail_msg("%s: %d", row->name, reply.status);
		if (row->status == 403)
			reply_expect(&reply, 403, "cross_origin");
		bool cors = reply_header(&reply, "Access-Control-Allow-Origin", &value);

		if (cors != row->cors || (cors && !slice_eq(value, slice_of(row->origin))))
			fail_msg("%s: Access-Control-Allow-Origin %.*s", row->name, SLICE_ARG(value));
		assert_int_equal(reply_header_count(&reply, "Access-Control-Allow-Credentials"), row->cors);
		assert_true(reply_header(&reply, "Vary", &value) && slice_eq(value, SLICE("Origin")));
		reply_free(&reply);
	}
}

static void
a_preflight_is_answered_to_listed_origins_alone(void **state)
{
	static char allowed[] = "https://spa.example.org";
	struct ask ask = {
		.method = "OPTIONS", .path = "/auth/sessions/abc",
		.extra = { { "HTTP_ORIGIN", "https://spa.example.org" }, { "HTTP_ACCESS_CONTROL_REQUEST_METHOD", "PATCH" } },
	};
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice value;

	(void)state;
	site.settings.allowed_origins = allowed;
	browser_ask(&browser, &ask, &reply);
	assert_int_equal(reply.status, 204);
	assert_true(reply_header(&reply, "Access-Control-Allow-Methods", &value));
	assert_true(slice_eq(value, SLICE("PATCH, DELETE, OPTIONS")));
	assert_true(reply_header(&reply, "Access-Control-Allow-Headers", &value));
	assert_true(slice_eq(value, SLICE("Authorization, Content-Type, Prefer")));
	assert_int_equal(reply.body.len, 0);
	reply_free(&reply);
	ask.extra[0][1] = "https://evil.example";
	browser_ask(&browser, &ask, &reply);
	assert_int_equal(reply.status, 204);
	assert_false(reply_header(&reply, "Access-Control-Allow-Methods", &value));
	assert_false(reply_header(&reply, "Access-Control-Allow-Origin", &value));
	reply_free(&reply);
}

/* Repeated headers as some servers pass them on: each line as a parameter of its own. */
static const struct {
	const char *name;
	const char *extra[4][2];
	const char *method;
	int status;
} twice_rows[] = {
	{ "two sites, ours first", { { "HTTP_SEC_FETCH_SITE", "same-origin" }, { "HTTP_SEC_FETCH_SITE", "cross-site" } }, "POST", 400 },
	{ "two sites, ours last", { { "HTTP_SEC_FETCH_SITE", "cross-site" }, { "HTTP_SEC_FETCH_SITE", "same-origin" } }, "POST", 400 },
	{ "two sites, joined", { { "HTTP_SEC_FETCH_SITE", "cross-site, same-origin" } }, "POST", 403 },
	{ "one site, said twice", { { "HTTP_SEC_FETCH_SITE", "same-origin" }, { "HTTP_SEC_FETCH_SITE", "same-origin" } }, "POST", 204 },
	{ "two origins", { { "HTTP_ORIGIN", "https://evil.example" }, { "HTTP_ORIGIN", "https://example.org" } }, "POST", 400 },
	{ "two origins, joined", { { "HTTP_ORIGIN", "https://example.org, https://evil.example" } }, "POST", 403 },
	{ "two tokens", { { "HTTP_AUTHORIZATION", "Bearer a" }, { "HTTP_AUTHORIZATION", "Bearer b" } }, "GET", 400 },
	{ "two types", { { "CONTENT_TYPE", "text/plain" }, { "CONTENT_TYPE", "application/json" } }, "POST", 400 },
	{ "a WebSocket in the first of two lines", { { "HTTP_UPGRADE", "websocket" }, { "HTTP_UPGRADE", "h2c" },
	    { "HTTP_SEC_FETCH_SITE", "cross-site" } }, "GET", 403 },
	{ "cookies joined by a comma, ours after it", { { "HTTP_COOKIE", "a=1, __Host-pintle-device=AAAAAAAAAAAAAAAAAAAAAA" } }, "POST", 400 },
	{ "cookies joined by a comma, ours before it", { { "HTTP_COOKIE", "__Host-pintle-device=AAAAAAAAAAAAAAAAAAAAAA, a=1" } }, "POST", 400 },
	{ "a comma in another's cookie", { { "HTTP_COOKIE", "a=1,2; b=\"x, y=z\"; __Host-pintle-device=AAAAAAAAAAAAAAAAAAAAAA" } }, "POST", 204 },
	{ "one after a comma, planted beside our own", { { "HTTP_COOKIE", "a=1, __Host-pintle-device=BBBBBBBBBBBBBBBBBBBBBA; "
	    "__Host-pintle-device=AAAAAAAAAAAAAAAAAAAAAA" } }, "POST", 204 },
};

static void
what_came_twice_decides_nothing_by_its_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(twice_rows) / sizeof(twice_rows[0]); i++) {
		struct ask ask = { .method = twice_rows[i].method,
			.path = strcmp(twice_rows[i].method, "GET") == 0 ? "/auth/health" : "/auth/logout" };

		memcpy(ask.extra, twice_rows[i].extra, sizeof(twice_rows[i].extra));
		int status = status_of(&ask);

		if (status != twice_rows[i].status)
			fail_msg("%s: %d", twice_rows[i].name, status);
		size_t n = 0;

		while (ask.extra[n][0])
			n++;
		ask.extra[n][0] = "PINTLE_MODE";
		ask.extra[n][1] = "verify";
		assert_int_equal(status_of(&ask), 401);
	}
}

/* Each line is a parameter; they are joined, so that their number does not matter. */
static void
cookies_of_two_lines_are_one_list(void **state)
{
	struct browser browser = { .site = &site };
	char first[BROWSER_COOKIE_SIZE + 64], second[BROWSER_COOKIE_SIZE + 64];
	struct reply reply;

	(void)state;
	browser_login(&browser, "alice", NULL);
	snprintf(first, sizeof(first), "__Secure-pintle-refresh=%s", browser.refresh);
	snprintf(second, sizeof(second), "a=1; __Host-pintle-device=%s", browser.device);
	for (int i = 0; i < 2; i++) {
		browser_ask(&browser, &(struct ask){
			.method = "GET", .path = "/auth/me", .cookie = "b=2",
			.extra = { { "HTTP_COOKIE", i ? first : second }, { "HTTP_COOKIE", i ? second : first } },
		}, &reply);
		assert_int_equal(reply.status, 200);
		reply_free(&reply);
	}
}

static void
an_upgrade_to_websocket_counts_as_a_change(void **state)
{
	struct ask ask = {
		.method = "GET", .path = "/auth/health",
		.extra = { { "HTTP_UPGRADE", "h2c, WebSocket" }, { "HTTP_SEC_FETCH_SITE", "cross-site" } },
	};

	(void)state;
	assert_int_equal(status_of(&ask), 403);
}

/* ---- who may ask in which role ---- */

static void
an_unknown_mode_or_role_lets_nobody_through(void **state)
{
	(void)state;
	assert_int_equal(status_of(&(struct ask){
		.method = "GET", .path = "/auth/health", .extra = { { "PINTLE_MODE", "verfy" } },
	}), 500);
	/* A header from the client arrives under another name. */
	assert_int_equal(status_of(&(struct ask){
		.method = "GET", .path = "/auth/health", .extra = { { "HTTP_PINTLE_MODE", "verfy" } },
	}), 200);
	assert_int_equal(status_of(&(struct ask){
		.method = "GET", .path = "/auth/pintle.css", .role = WEB_AUTHORIZER,
	}), 401);	/* an authorizer only guards */
}

/* ---- what is public ---- */

static void
the_key_set_may_be_kept_and_is_known_again(void **state)
{
	static const char *const before[] = { "", "W/", "\"x\", ", "*, " };
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice value;
	char etag[64], header[128];

	(void)state;
	browser_ask(&browser, &(struct ask){ .method = "GET", .path = "/auth/jwks.json" }, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_array_len(reply.json, "keys"), 1);
	assert_true(reply_header(&reply, "Cache-Control", &value) && slice_eq(value, SLICE("public, max-age=300")));
	assert_true(reply_header(&reply, "ETag", &value) && slice_copy(value, etag, sizeof(etag)));
	assert_int_equal(value.len, 45);
	reply_free(&reply);
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		snprintf(header, sizeof(header), "%s%s", before[i], etag);
		browser_ask(&browser, &(struct ask){
			.method = "GET", .path = "/auth/jwks.json", .extra = { { "HTTP_IF_NONE_MATCH", header } },
		}, &reply);
		assert_int_equal(reply.status, 304);
		assert_int_equal(reply.body.len, 0);
		assert_true(reply_header(&reply, "ETag", &value) && slice_eq(value, slice_of(etag)));
		reply_free(&reply);
	}
	etag[3] = etag[3] == 'A' ? 'B' : 'A';
	assert_int_equal(status_of(&(struct ask){
		.method = "GET", .path = "/auth/jwks.json", .extra = { { "HTTP_IF_NONE_MATCH", etag } },
	}), 200);
}

static const char *const metadata_paths[] = {
	"/.well-known/oauth-authorization-server/auth", "/auth/.well-known/openid-configuration",
};

static void
the_metadata_name_what_there_is(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice value;
	char etag[64];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		browser_ask(&browser, &(struct ask){ .method = "GET", .path = metadata_paths[i] }, &reply);
		assert_int_equal(reply.status, 200);
		assert_true(slice_eq(reply_text(&reply, NULL, "issuer"), SLICE("https://example.org/auth")));
		assert_true(slice_eq(reply_text(&reply, NULL, "jwks_uri"), SLICE("https://example.org/auth/jwks.json")));
		assert_true(slice_eq(reply_text(&reply, NULL, "introspection_endpoint"),
		    SLICE("https://example.org/auth/introspect")));
		assert_true(slice_eq(reply_text(&reply, NULL, "revocation_endpoint"), SLICE("https://example.org/auth/revoke")));
		assert_int_equal(json_kind_of(reply.json, "authorization_endpoint"), JSON_ABSENT);
		assert_int_equal(json_kind_of(reply.json, "token_endpoint"), JSON_ABSENT);
		assert_int_equal(json_kind_of(reply.json, "response_types_supported"), JSON_ABSENT);
		assert_true(reply_header(&reply, "Cache-Control", &value) && slice_eq(value, SLICE("public, max-age=300")));
		assert_true(reply_header(&reply, "ETag", &value) && slice_copy(value, etag, sizeof(etag)));
		reply_free(&reply);
		assert_int_equal(status_of(&(struct ask){ .method = "GET", .path = "/auth/jwks.json" }), 200);
		assert_int_equal(status_of(&(struct ask){ .method = "POST", .path = "/auth/introspect" }), 401);
		assert_int_equal(status_of(&(struct ask){ .method = "POST", .path = "/auth/revoke" }), 401);
		assert_int_equal(status_of(&(struct ask){
			.method = "GET", .path = metadata_paths[i], .extra = { { "HTTP_IF_NONE_MATCH", etag } },
		}), 304);
	}
}

/* Whether the access token opens /me. */
static int
me_status(const struct buf *token)
{
	char header[2048];

	snprintf(header, sizeof(header), "Bearer %.*s", SLICE_ARG(buf_slice(token)));
	return status_of(&(struct ask){ .method = "GET", .path = "/auth/me", .authorization = header });
}

static void
a_revoked_key_s_tokens_are_refused_within_a_second(void **state)
{
	struct browser browser = { .site = &site };
	struct keyring_plan plan = settings_key_plan(&site.settings, KEYRING_ACCESS_TOKENS, site_now_ms() / 1000,
	    true);
	struct buf before = BUF_EMPTY, after = BUF_EMPTY;
	enum keyring_revocation verdict;
	char folder[128], kid[SIGNING_KID_SIZE];

	(void)state;
	site_add_user(&site, "ada", SITE_PASSWORD);
	browser_login(&browser, "ada", &before);
	/* After one request it is remembered as verified. */
	assert_int_equal(me_status(&before), 200);
	assert_true(settings_path(&site.settings, "keys", folder, sizeof(folder)));
	const struct keyring *ring = keyring_watch_hold(site.keys, clock_now().stamp);

	slice_copy(slice_of(signing_key_id(keyring_at(ring, 0)->key)), kid, sizeof(kid));
	keyring_watch_release(site.keys, ring);
	assert_int_equal(keyring_revoke(folder, slice_of(kid), SIGNING_ES256, &plan, &verdict), PT_OK);
	assert_int_equal(verdict, KEYRING_REVOKED);
	site_advance(KEYRING_WATCH_EVERY_MS);
	assert_int_equal(me_status(&before), 401);
	browser_login(&browser, "ada", &after);
	assert_int_equal(me_status(&after), 200);
	buf_free(&before);
	buf_free(&after);
}

static void
health_says_ok_and_nothing_more(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;

	(void)state;
	browser_send(&browser, "GET", "/health", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(slice_eq(buf_slice(&reply.body), SLICE("{\"status\":\"ok\"}")));
	reply_free(&reply);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(paths_are_found_however_the_server_splits_them, begin, end),
		cmocka_unit_test_setup_teardown(a_path_of_any_length_is_answered, begin, end),
		cmocka_unit_test_setup_teardown(a_mount_at_the_root_knows_the_same_addresses, begin, end),
		cmocka_unit_test_setup_teardown(a_parameter_that_came_twice_is_its_last, begin, end),
		cmocka_unit_test_setup_teardown(methods_come_out_of_the_table, begin, end),
		cmocka_unit_test_setup_teardown(head_is_get_without_the_body, begin, end),
		cmocka_unit_test_setup_teardown(every_answer_is_guarded_alike, begin, end),
		cmocka_unit_test_setup_teardown(bodies_are_what_they_must_be, begin, end),
		cmocka_unit_test_setup_teardown(only_our_own_and_listed_pages_change_anything, begin, end),
		cmocka_unit_test_setup_teardown(a_preflight_is_answered_to_listed_origins_alone, begin, end),
		cmocka_unit_test_setup_teardown(an_upgrade_to_websocket_counts_as_a_change, begin, end),
		cmocka_unit_test_setup_teardown(what_came_twice_decides_nothing_by_its_order, begin, end),
		cmocka_unit_test_setup_teardown(cookies_of_two_lines_are_one_list, begin, end),
		cmocka_unit_test_setup_teardown(an_unknown_mode_or_role_lets_nobody_through, begin, end),
		cmocka_unit_test_setup_teardown(the_key_set_may_be_kept_and_is_known_again, begin, end),
		cmocka_unit_test_setup_teardown(the_metadata_name_what_there_is, begin, end),
		cmocka_unit_test_setup_teardown(a_revoked_key_s_tokens_are_refused_within_a_second, begin, end),
		cmocka_unit_test_setup_teardown(health_says_ok_and_nothing_more, begin, end),
	};

	return cmocka_run_group_tests_name("web_door", tests, NULL, NULL);
}
