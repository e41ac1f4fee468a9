/*
 * What the web server asks before it lets a request through: verify, deny, guard, and the
 * authorizer role.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "support/site.h"

static struct site site;
static struct browser browser;
static struct buf bearer;	/* "Bearer TOKEN" from the browser's login */
static uint64_t alice;

static struct guard_place places[] = {
	{ .path = "/app/", .open = PLACE_NO },
	{ .path = "/app/staff/", .open = PLACE_NO, .groups = "root" },
	{ .path = "/app/fresh/", .open = PLACE_NO, .max_age_ms = 60000 },
	{ .path = "/app/open/", .open = PLACE_YES },
	{ .path = "/app/hook/", .open = PLACE_YES, .methods = "GET POST", .from = "192.0.2.0/24 2001:db8::/32", .groups = "root" },
	{ .path = "/app/api/", .open = PLACE_NO, .bearer_only = PLACE_YES },
	{ .path = "/app/cors/", .open = PLACE_NO, .pass_preflight = PLACE_YES },
	{ .path = "/win/", .open = PLACE_NO, .ignore_case = PLACE_YES },
	{ .path = "/win/staff/", .open = PLACE_NO, .ignore_case = PLACE_YES },
};
static const struct guards guards = { places, sizeof(places) / sizeof(places[0]) };

static int
begin(void **state)
{
	struct buf token = BUF_EMPTY;
	struct store_caller caller;
	bool found;

	(void)state;
	site_open(&site);
	site.settings.gate_cookie = true;
	site.settings.places = &guards;
	site.settings.allowed_origins = "https://app.example";
	site_reload(&site);
	alice = site_add_user(&site, "alice", SITE_PASSWORD);
	caller = site_caller();
	assert_int_equal(store_user_set_groups(site.store, &caller, alice, SLICE("staff,admins"), &found), PT_OK);
	browser = (struct browser){ .site = &site };
	browser_login(&browser, "alice", &token);
	bearer = BUF_EMPTY;
	buf_puts(&bearer, "Bearer ");
	buf_put(&bearer, buf_slice(&token));
	buf_putc(&bearer, '\0');
	buf_free(&token);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	buf_free(&bearer);
	site_close(&site);
	return 0;
}

/* OURS and FOREIGN are a valid gate cookie with a Bearer token: ours or the application's own. */
enum shown { NOTHING = 0, BEARER, GATE, OURS, FOREIGN };

/* One question of the web server, and the expected answer. */
struct row {
	const char *name;
	enum shown shown;
	enum web_role role;
	const char *method, *query;
	const char *extra[SITE_EXTRAS][2];
	int status;
	const char *reason;	/* X-Auth-Reason; NULL: the header is absent */
	const char *body;	/* text that it contains; NULL: anything */
	const char *by;		/* X-Auth-By; NULL: not checked */
};

#define MODE(mode) { "PINTLE_MODE", mode }
#define NAVIGATES { "HTTP_SEC_FETCH_MODE", "navigate" }, { "REQUEST_URI", "/app/x?y=1&z=<2>" }
#define PLACE(path, address) { "PINTLE_PLACE", path }, { "REQUEST_URI", address }
#define PREFLIGHT { "HTTP_ORIGIN", "https://app.example" }, { "HTTP_ACCESS_CONTROL_REQUEST_METHOD", "PUT" }
#define FORWARDED(method, address) MODE("forward"), { "HTTP_X_FORWARDED_METHOD", method }, { "HTTP_X_FORWARDED_URI", address }
#define FROM(site_) { "HTTP_SEC_FETCH_SITE", site_ }

static const struct row rows[] = {
	{ "a token passes", BEARER, WEB_RESPONDER, "GET", NULL, { MODE("verify") }, 204, NULL, NULL, NULL },
	{ "a gate cookie passes", GATE, WEB_RESPONDER, "GET", NULL, { MODE("verify") }, 204, NULL, NULL, NULL },
	{ "nothing does not", NOTHING, WEB_RESPONDER, "GET", NULL, { MODE("verify") }, 401, "signed_out", "\"error\"", NULL },
	{ "a token passes with a method that changes something", BEARER, WEB_RESPONDER, "DELETE", NULL,
	    { MODE("verify"), FROM("cross-site") }, 204, NULL, NULL, NULL },
	{ "a gate cookie passes with a form of our own page", GATE, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), FROM("same-origin") }, 204, NULL, NULL, NULL },
	{ "a gate cookie does not pass with another site's form", GATE, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), FROM("cross-site") }, 403, "cross_origin", NULL, NULL },
	{ "nor with a sibling's", GATE, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), FROM("same-site") }, 403, "cross_origin", NULL, NULL },
	{ "a gate cookie does not open another site's WebSocket", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "HTTP_UPGRADE", "WebSocket" }, { "HTTP_ORIGIN", "https://evil.example" } }, 403, "cross_origin", NULL, NULL },
	{ "a gate cookie passes when another site links here", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), FROM("cross-site") }, 204, NULL, NULL, NULL },
	{ "where the server asks by GET the original method counts", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("guard"), { "PINTLE_METHOD", "POST" }, FROM("cross-site") }, 403, "cross_origin", NULL, NULL },
	{ "one of the groups is enough", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "root,admins" } }, 204, NULL, NULL, NULL },
	{ "another group is not", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "root" } }, 403, "not_allowed", "insufficient_scope", NULL },
	{ "nor the beginning of one", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "adm" } }, 403, "not_allowed", NULL, NULL },
	{ "an empty demand lets nobody in", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "" } }, 500, NULL, NULL, NULL },
	{ "nor does a broken one", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "a b" } }, 500, NULL, NULL, NULL },
	{ "nor a broken age", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_MAX_AGE", "5m" } }, 500, NULL, NULL, NULL },
	{ "nor an empty one", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_MAX_AGE", "" } }, 500, NULL, NULL, NULL },
	{ "a demand in the query is not read in a mode", GATE, WEB_RESPONDER, "GET", "group=root",
	    { MODE("verify") }, 204, NULL, NULL, NULL },
	{ "nor does the query take a demand away", GATE, WEB_RESPONDER, "GET", "group=admins",
	    { MODE("verify"), { "PINTLE_GROUP", "root" } }, 403, "not_allowed", NULL, NULL },
	{ "nor does a header of the client's", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "root" }, { "HTTP_PINTLE_GROUP", "admins" } }, 403, "not_allowed", NULL, NULL },
	{ "a mode that there is not lets nobody in", GATE, WEB_RESPONDER, "GET", NULL, { MODE("verfy") }, 500, NULL, NULL, NULL },
	{ "nor does an empty one", GATE, WEB_RESPONDER, "GET", NULL, { MODE("") }, 500, NULL, NULL, NULL },
	{ "an authorizer's yes is 200", GATE, WEB_AUTHORIZER, "GET", NULL, { { NULL, NULL } }, 200, NULL, NULL, NULL },
	{ "an authorizer's no is a page for a person", NOTHING, WEB_AUTHORIZER, "GET", NULL, { NAVIGATES },
	    401, "signed_out", "<form method=\"post\" action=\"/auth/login\"", NULL },
	{ "and JSON for a program", NOTHING, WEB_AUTHORIZER, "GET", NULL, { { NULL, NULL } }, 401, "signed_out", "\"unauthorized\"", NULL },
	{ "deny shows the login page in place", NOTHING, WEB_RESPONDER, "GET", NULL, { MODE("deny"), NAVIGATES },
	    401, "signed_out", "data-in-place=\"yes\" data-silent=\"yes\" data-unsafe=\"\"", NULL },
	{ "the address is escaped in it", NOTHING, WEB_RESPONDER, "GET", NULL, { MODE("deny"), NAVIGATES },
	    401, "signed_out", "name=\"return\" value=\"/app/x?y=1&amp;z=&lt;2&gt;\"", NULL },
	{ "without Fetch Metadata a browser is known by what it accepts", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), { "HTTP_ACCEPT", "application/xml, Text/HTML;q=0.9" } }, 401, "signed_out", "<form", NULL },
	{ "an XHR that accepts HTML gets JSON all the same", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), { "HTTP_SEC_FETCH_MODE", "cors" }, { "HTTP_ACCEPT", "text/html" } }, 401, "signed_out", "\"error\"", NULL },
	{ "the page in the place of a POST says that it was not sent", NOTHING, WEB_RESPONDER, "POST", NULL,
	    { MODE("deny"), NAVIGATES }, 401, "signed_out", "data-unsafe=\"yes\"", NULL },
	{ "who is signed in but not allowed is told so", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), NAVIGATES, { "PINTLE_REASON", "not_allowed" } }, 403, "not_allowed", "<strong>alice</strong>", NULL },
	{ "step-up never tries silently", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), NAVIGATES, { "PINTLE_REASON", "step_up" } }, 401, "step_up", "data-silent=\"\"", NULL },
	{ "deny never says yes, whatever it is told", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), { "PINTLE_REASON", "pass" } }, 403, "not_allowed", NULL, NULL },
	{ "guard is both in one", NOTHING, WEB_RESPONDER, "GET", NULL, { MODE("guard"), NAVIGATES }, 401, "signed_out", "<form", NULL },
	{ "a cookie says that it was the cookie", GATE, WEB_RESPONDER, "GET", NULL, { MODE("verify") }, 204, NULL, NULL, "cookie" },
	{ "a token says that it was the token", BEARER, WEB_RESPONDER, "GET", NULL, { MODE("verify") }, 204, NULL, NULL, "bearer" },
	{ "a token of ours goes before the cookie", OURS, WEB_RESPONDER, "GET", NULL, { MODE("verify") }, 204, NULL, NULL, "bearer" },
	{ "a token of the application's own is its affair where the cookie is good", FOREIGN, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify") }, 204, NULL, NULL, "cookie" },
	{ "also in the authorizer role", FOREIGN, WEB_AUTHORIZER, "GET", NULL, { { NULL, NULL } }, 200, NULL, NULL, NULL },
	{ "it does not make another site's form ours", FOREIGN, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), FROM("cross-site") }, 403, "cross_origin", NULL, NULL },

	{ "the place says what it demands", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), PLACE("/app/staff/", "/app/staff/x") }, 403, "not_allowed", NULL, NULL },
	{ "what the server says goes before", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "admins" }, PLACE("/app/staff/", "/app/staff/x") }, 204, NULL, NULL, "cookie" },
	{ "a place that is not known makes no exceptions", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), PLACE("/other/", "/other/x") }, 401, "signed_out", NULL, NULL },
	{ "nor does one that the server does not name", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "REQUEST_URI", "/app/open/x" } }, 401, "signed_out", NULL, NULL },
	{ "nor one that a client names", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "HTTP_PINTLE_PLACE", "/app/open/" }, { "REQUEST_URI", "/app/open/x" } }, 401, "signed_out", NULL, NULL },
	{ "an open place lets in nobody by name", NOTHING, WEB_RESPONDER, "DELETE", NULL,
	    { MODE("verify"), PLACE("/app/open/", "/app/open/x") }, 204, NULL, NULL, "" },
	{ "and who is known by his name", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), PLACE("/app/open/", "/app/open/x") }, 204, NULL, NULL, "cookie" },
	{ "but not another site's form by the name of its victim", GATE, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), FROM("cross-site"), PLACE("/app/open/", "/app/open/x") }, 204, NULL, NULL, "" },
	{ "a place is open to the methods that it names, from where it says", NOTHING, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), PLACE("/app/hook/", "/app/hook/x") }, 204, NULL, NULL, "" },
	{ "not to another method", NOTHING, WEB_RESPONDER, "DELETE", NULL,
	    { MODE("verify"), PLACE("/app/hook/", "/app/hook/x") }, 401, "signed_out", NULL, NULL },
	{ "not from another network", NOTHING, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), { "REMOTE_ADDR", "198.51.100.1" }, PLACE("/app/hook/", "/app/hook/x") }, 401, "signed_out", NULL, NULL },
	{ "nor because a client says so", NOTHING, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), { "REMOTE_ADDR", "198.51.100.1" }, { "HTTP_X_FORWARDED_FOR", "192.0.2.1" },
	    PLACE("/app/hook/", "/app/hook/x") }, 401, "signed_out", NULL, NULL },
	{ "others meet what it demands", GATE, WEB_RESPONDER, "DELETE", NULL,
	    { MODE("verify"), PLACE("/app/hook/", "/app/hook/x") }, 403, "not_allowed", NULL, NULL },
	{ "the method that counts is the one that was asked", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("guard"), { "PINTLE_METHOD", "DELETE" }, PLACE("/app/hook/", "/app/hook/x") }, 401, "signed_out", NULL, NULL },
	{ "a place for programs is opened by a token", BEARER, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), PLACE("/app/api/", "/app/api/x") }, 204, NULL, NULL, "bearer" },
	{ "and not by a cookie", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), PLACE("/app/api/", "/app/api/x") }, 401, "signed_out", NULL, NULL },
	{ "nor does it ask a person to sign in for ever", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), { "HTTP_SEC_FETCH_MODE", "navigate" }, { "REQUEST_URI", "/app/api/x" }, { "PINTLE_REASON", "signed_out" } },
	    401, "signed_out", "\"error\"", NULL },

	{ "an address that is read as another place's is refused", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), PLACE("/app/", "/app/x/..;/staff/x") }, 403, "ambiguous", NULL, NULL },
	{ "by 400 where the server can say it", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("guard"), PLACE("/app/", "/app/staff;a=b/x") }, 400, "ambiguous", "invalid_request", NULL },
	{ "for a person in a page", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), { "HTTP_SEC_FETCH_MODE", "navigate" }, { "REQUEST_URI", "/app/staff;a=b/x" } }, 400, "ambiguous", "<html", NULL },
	{ "and by an authorizer", GATE, WEB_AUTHORIZER, "GET", NULL,
	    { PLACE("/app/", "/app/staff%5Cx") }, 400, "ambiguous", NULL, NULL },
	{ "deny takes it from verify", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), { "PINTLE_REASON", "ambiguous" }, { "REQUEST_URI", "/app/x" } }, 400, "ambiguous", NULL, NULL },
	{ "in an open place too", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), PLACE("/app/open/", "/app/open/..;/staff/x") }, 403, "ambiguous", NULL, NULL },
	{ "in another case where the place says that it is the same", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), PLACE("/win/", "/win/STAFF/x") }, 403, "ambiguous", NULL, NULL },
	{ "where it does not, that is its own affair", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), PLACE("/app/", "/app/STAFF/x") }, 204, NULL, NULL, NULL },
	{ "a session in a parameter passes", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), PLACE("/app/", "/app/x;jsessionid=1?q=/app/staff;/") }, 204, NULL, NULL, NULL },
	{ "an address beside the place that the server names is refused too", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), PLACE("/app/", "/app/staff/x") }, 403, "ambiguous", NULL, NULL },

	{ "a preflight does not pass", NOTHING, WEB_RESPONDER, "OPTIONS", NULL,
	    { MODE("verify"), PREFLIGHT, PLACE("/app/", "/app/x") }, 403, "preflight", NULL, NULL },
	{ "not even signed in", GATE, WEB_RESPONDER, "OPTIONS", NULL,
	    { MODE("verify"), PREFLIGHT, PLACE("/app/", "/app/x") }, 403, "preflight", NULL, NULL },
	{ "deny answers it", NOTHING, WEB_RESPONDER, "OPTIONS", NULL, { MODE("deny"), PREFLIGHT, NAVIGATES }, 204, "preflight", NULL, NULL },
	{ "an authorizer too", NOTHING, WEB_AUTHORIZER, "OPTIONS", NULL, { PREFLIGHT }, 204, "preflight", NULL, NULL },
	{ "guard answers by what does not mean yes there", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("guard"), { "PINTLE_METHOD", "OPTIONS" }, PREFLIGHT }, 200, "preflight", NULL, NULL },
	{ "a place may answer it itself", NOTHING, WEB_RESPONDER, "OPTIONS", NULL,
	    { MODE("verify"), PREFLIGHT, PLACE("/app/cors/", "/app/cors/x") }, 204, NULL, NULL, "" },
	{ "but no address that is read as another's", NOTHING, WEB_RESPONDER, "OPTIONS", NULL,
	    { MODE("verify"), PREFLIGHT, PLACE("/app/cors/", "/app/cors/..;/staff/") }, 403, "ambiguous", NULL, NULL },
	{ "any other OPTIONS is a request like others", NOTHING, WEB_RESPONDER, "OPTIONS", NULL,
	    { MODE("verify"), { "HTTP_ORIGIN", "https://app.example" }, PLACE("/app/cors/", "/app/cors/x") }, 401, "signed_out", NULL, NULL },

	{ "a gateway's question says yes by 200", GATE, WEB_RESPONDER, "GET", NULL, { FORWARDED("GET", "/app/x") }, 200, NULL, NULL, "cookie" },
	{ "the method that it forwards counts", GATE, WEB_RESPONDER, "GET", NULL,
	    { FORWARDED("POST", "/app/x"), FROM("cross-site") }, 403, "cross_origin", NULL, NULL },
	{ "the place is found by the address", GATE, WEB_RESPONDER, "GET", NULL,
	    { FORWARDED("GET", "/app/%73taff/x?a") }, 403, "not_allowed", NULL, NULL },
	{ "with its exceptions", NOTHING, WEB_RESPONDER, "GET", NULL, { FORWARDED("POST", "/app/hook/x") }, 200, NULL, NULL, "" },
	{ "in no place somebody at least is wanted", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { FORWARDED("GET", "/elsewhere") }, 401, "signed_out", NULL, NULL },
	{ "unless the gateway asks whether it is in one", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { FORWARDED("GET", "/elsewhere"), { "PINTLE_OUTSIDE", "pass" } }, 200, NULL, NULL, "" },
	{ "a client cannot ask so", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { FORWARDED("GET", "/elsewhere"), { "HTTP_PINTLE_OUTSIDE", "pass" } }, 401, "signed_out", NULL, NULL },
	{ "an odd one that is in one all the same is found", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { FORWARDED("GET", "/%61pp/x"), { "PINTLE_OUTSIDE", "pass" } }, 401, "signed_out", NULL, NULL },
	{ "an address that is read as another's is refused there too", GATE, WEB_RESPONDER, "GET", NULL,
	    { FORWARDED("GET", "/app/staff;x/y") }, 400, "ambiguous", NULL, NULL },
	{ "and a preflight answered", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { FORWARDED("OPTIONS", "/app/x"), PREFLIGHT }, 204, "preflight", NULL, NULL },
	{ "but not to a gateway that would take the answer for a yes", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { FORWARDED("OPTIONS", "/app/x"), PREFLIGHT, { "PINTLE_PREFLIGHT", "refuse" } }, 403, "preflight", NULL, NULL },
	{ "a WebSocket is known without its Upgrade", GATE, WEB_RESPONDER, "GET", NULL,
	    { FORWARDED("GET", "/app/x"), { "HTTP_SEC_WEBSOCKET_VERSION", "13" }, FROM("cross-site") }, 403, "cross_origin", NULL, NULL },
	{ "a person gets the page", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { FORWARDED("GET", "/app/x?y"), { "HTTP_SEC_FETCH_MODE", "navigate" } }, 401, "signed_out", "data-return=\"/app/x?y\"", NULL },
	{ "other names of those headers do as well", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("forward"), { "HTTP_X_ORIGINAL_METHOD", "GET" }, { "HTTP_X_ORIGINAL_URL", "https://example.org/app/staff/x" } },
	    403, "not_allowed", NULL, NULL },
	{ "without an address nobody passes", GATE, WEB_RESPONDER, "GET", NULL, { MODE("forward") }, 500, NULL, NULL, NULL },
	{ "no other mode believes them", GATE, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), FROM("cross-site"), { "HTTP_X_FORWARDED_METHOD", "GET" } }, 403, "cross_origin", NULL, NULL },
	{ "nor their address", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("guard"), PLACE("/app/", "/app/x"), { "HTTP_X_FORWARDED_URI", "/app/open/x" }, { "HTTP_SEC_FETCH_MODE", "navigate" } },
	    401, "signed_out", "data-return=\"/app/x\"", NULL },

	{ "a return address to another site is left out", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("guard"), { "HTTP_SEC_FETCH_MODE", "navigate" }, { "PINTLE_URI", "//evil.example/" } },
	    401, "signed_out", "data-return=\"\"", NULL },
};

static void
ask(const struct row *row, struct reply *reply)
{
	struct browser stranger = { .site = &site };
	struct ask question = {
		.method = row->method, .path = "/app/x", .query = row->query, .role = row->role,
	};

	if (row->shown == BEARER || row->shown == OURS)
		question.authorization = bearer.ptr;
	else if (row->shown == FOREIGN)
		question.authorization = "Bearer of.another.kind";
	memcpy(question.extra, row->extra, sizeof(question.extra));
	if (row->shown == GATE || row->shown == OURS || row->shown == FOREIGN)
		slice_copy(slice_of(browser.gate), stranger.gate, sizeof(stranger.gate));
	browser_ask(&stranger, &question, reply);
}

static bool
holds(const struct reply *reply, const char *text)
{
	return reply->body.len && memmem(reply->body.ptr, reply->body.len, text, strlen(text)) != NULL;
}

static void
header_is(const struct reply *reply, const char *name, const char *want)
{
	struct slice value = { NULL, 0 };

	assert_int_equal(reply_header(reply, name, &value), want != NULL);
	if (!slice_eq(value, slice_of(want)))
		fail_msg("%s: %.*s", name, SLICE_ARG(value));
}

static void
every_row_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reply reply;
		struct slice reason = { NULL, 0 };

		ask(&rows[i], &reply);
		bool has = reply_header(&reply, "X-Auth-Reason", &reason);

		if (reply.status != rows[i].status || has != (rows[i].reason != NULL) ||
		    !slice_eq(reason, slice_of(rows[i].reason)) || (rows[i].body && !holds(&reply, rows[i].body)))
			fail_msg("%s: got %d %.*s\n%.*s", rows[i].name, reply.status, SLICE_ARG(reason),
			    SLICE_ARG(buf_slice(&reply.body)));
		if (rows[i].by)
			header_is(&reply, "X-Auth-By", rows[i].by);
		/* In every case: no cookie, nothing to store, nothing about others. */
		assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 0);
		/* Whether a guarded page may be stored is not for the authorizer to say. */
		assert_int_equal(reply_header_count(&reply, "Cache-Control"), rows[i].role != WEB_AUTHORIZER || reply.status != 200);
		assert_true(reply_header_count(&reply, "WWW-Authenticate") <= 1);
		if (rows[i].role == WEB_AUTHORIZER)
			assert_true(reply.head.len + reply.body.len < 8000);
		reply_free(&reply);
	}
}

static void
yes_says_who(void **state)
{
	struct reply reply;

	(void)state;
	ask(&(struct row){ .shown = GATE, .method = "GET", .extra = { MODE("verify") } }, &reply);
	header_is(&reply, "X-Auth-User", "alice");
	header_is(&reply, "X-Auth-Groups", "staff,admins");
	header_is(&reply, "Variable-REMOTE_USER", NULL);
	reply_free(&reply);
	ask(&(struct row){ .shown = GATE, .method = "GET", .role = WEB_AUTHORIZER }, &reply);
	header_is(&reply, "Variable-REMOTE_USER", "alice");
	header_is(&reply, "Variable-AUTH_GROUPS", "staff,admins");
	header_is(&reply, "Variable-AUTH_BY", "cookie");
	header_is(&reply, "Variable-AUTH_PLACE", NULL);
	header_is(&reply, "X-Content-Type-Options", NULL);
	header_is(&reply, "X-Request-Id", NULL);
	reply_free(&reply);
	ask(&(struct row){ .shown = BEARER, .method = "GET", .role = WEB_AUTHORIZER, .extra = { PLACE("/app/", "/app/x") } }, &reply);
	header_is(&reply, "Variable-AUTH_BY", "bearer");
	header_is(&reply, "Variable-AUTH_PLACE", "/app/");
	header_is(&reply, "X-Auth-User", NULL);
	reply_free(&reply);
	ask(&(struct row){ .method = "GET", .role = WEB_AUTHORIZER, .extra = { PLACE("/app/open/", "/app/open/x") } }, &reply);
	header_is(&reply, "Variable-AUTH_USER", "");
	header_is(&reply, "Variable-AUTH_PLACE", "/app/open/");
	reply_free(&reply);
	/* "Nobody" is sent too: it must overwrite what the client claims to be. */
	ask(&(struct row){ .method = "GET", .extra = { MODE("verify"), PLACE("/app/open/", "/app/open/x") } }, &reply);
	header_is(&reply, "X-Auth-User", "");
	header_is(&reply, "X-Auth-Groups", "");
	header_is(&reply, "X-Auth-Session", "");
	reply_free(&reply);
}

static void
a_gateway_is_told_what_goes_on(void **state)
{
	struct browser nobody = { .site = &site };
	char cookies[2 * BROWSER_COOKIE_SIZE];
	struct reply reply;

	(void)state;
	snprintf(cookies, sizeof(cookies), "a=1; __Host-pintle-gate=%s;b = 2; __Host-pintle-device=x", browser.gate);
	browser_ask(&nobody, &(struct ask){ .method = "GET", .path = "/", .cookie = cookies, .authorization = "Basic x",
	    .extra = { FORWARDED("GET", "/app/x") } }, &reply);
	assert_int_equal(reply.status, 200);
	header_is(&reply, "Cookie", "a=1;b = 2");
	header_is(&reply, "Authorization", "Basic x");
	header_is(&reply, "X-Envoy-Auth-Headers-To-Remove", NULL);
	reply_free(&reply);
	ask(&(struct row){ .shown = OURS, .method = "GET", .extra = { FORWARDED("GET", "/app/x") } }, &reply);
	header_is(&reply, "Cookie", NULL);
	header_is(&reply, "Authorization", NULL);
	header_is(&reply, "X-Envoy-Auth-Headers-To-Remove", "cookie,authorization");
	reply_free(&reply);
	/* In any other mode these headers are left out: the client would see them. */
	ask(&(struct row){ .shown = FOREIGN, .method = "GET", .extra = { MODE("guard") } }, &reply);
	header_is(&reply, "Authorization", NULL);
	reply_free(&reply);
}

static void
a_preflight_is_answered_to_named_origins_alone(void **state)
{
	struct reply reply;

	(void)state;
	ask(&(struct row){ .method = "OPTIONS", .extra = { MODE("deny"), PREFLIGHT,
	    { "HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "authorization, x-mine" } } }, &reply);
	header_is(&reply, "Access-Control-Allow-Origin", "https://app.example");
	header_is(&reply, "Access-Control-Allow-Methods", "PUT");
	header_is(&reply, "Access-Control-Allow-Headers", "authorization, x-mine");
	header_is(&reply, "Access-Control-Allow-Credentials", "true");
	assert_int_equal(reply.body.len, 0);
	reply_free(&reply);
	ask(&(struct row){ .method = "OPTIONS", .extra = { MODE("deny"), { "HTTP_ORIGIN", "https://evil.example" },
	    { "HTTP_ACCESS_CONTROL_REQUEST_METHOD", "PUT" } } }, &reply);
	assert_int_equal(reply.status, 204);
	header_is(&reply, "Access-Control-Allow-Origin", NULL);
	header_is(&reply, "Access-Control-Allow-Methods", NULL);
	reply_free(&reply);
	/* An invalid method is not repeated. */
	ask(&(struct row){ .method = "OPTIONS", .extra = { MODE("deny"), { "HTTP_ORIGIN", "https://app.example" },
	    { "HTTP_ACCESS_CONTROL_REQUEST_METHOD", "PUT\r\nX: y" } } }, &reply);
	assert_int_equal(reply.status, 204);
	header_is(&reply, "Access-Control-Allow-Methods", NULL);
	reply_free(&reply);
}

static void
no_challenges_as_the_rfcs_say(void **state)
{
	struct reply reply;

	(void)state;
	ask(&(struct row){ .method = "GET", .extra = { MODE("verify") } }, &reply);
	header_is(&reply, "WWW-Authenticate", "Bearer");
	reply_free(&reply);
	buf_clear(&bearer);
	buf_puts(&bearer, "Bearer nonsense");
	buf_putc(&bearer, '\0');
	ask(&(struct row){ .shown = BEARER, .method = "GET", .extra = { MODE("verify") } }, &reply);
	assert_int_equal(reply.status, 401);
	header_is(&reply, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
	reply_free(&reply);
	site_advance(61000);
	ask(&(struct row){ .shown = GATE, .method = "GET", .extra = { MODE("verify"), { "PINTLE_MAX_AGE", "60" } } }, &reply);
	assert_int_equal(reply.status, 401);
	header_is(&reply, "X-Auth-Reason", "step_up");
	header_is(&reply, "WWW-Authenticate", "Bearer error=\"insufficient_user_authentication\", "
	    "error_description=\"A fresh sign-in is required\", max_age=\"60\"");
	reply_free(&reply);
	/* The server passes on verify's own challenge. */
	ask(&(struct row){ .method = "GET", .extra = { MODE("deny"), NAVIGATES } }, &reply);
	header_is(&reply, "WWW-Authenticate", NULL);
	reply_free(&reply);
}

static int
verify_status(enum shown shown)
{
	struct reply reply;
	int status;

	ask(&(struct row){ .shown = shown, .method = "GET", .extra = { MODE("verify") } }, &reply);
	status = reply.status;
	reply_free(&reply);
	return status;
}

static void
a_logout_counts_at_once(void **state)
{
	struct reply reply;

	(void)state;
	assert_int_equal(verify_status(BEARER), 204);
	assert_int_equal(verify_status(GATE), 204);
	struct browser copy = browser;

	browser_send(&browser, "POST", "/logout", NULL, &reply);
	assert_int_equal(reply.status, 204);
	assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 2);
	reply_free(&reply);
	assert_string_equal(browser.gate, "");
	browser = copy;
	assert_int_equal(verify_status(BEARER), 401);
	assert_int_equal(verify_status(GATE), 401);
}

static void
a_disabled_user_counts_at_once(void **state)
{
	(void)state;
	assert_int_equal(verify_status(BEARER), 204);
	site_disable_user(&site, alice, true);
	assert_int_equal(verify_status(BEARER), 401);
	assert_int_equal(verify_status(GATE), 401);
	site_disable_user(&site, alice, false);
	assert_int_equal(verify_status(GATE), 401);
}

static void
a_remembered_token_ends_with_its_time(void **state)
{
	(void)state;
	assert_int_equal(verify_status(BEARER), 204);
	assert_int_equal(verify_status(BEARER), 204);
	site_advance(600 * 1000);
	assert_int_equal(verify_status(BEARER), 401);
}

static void
a_gate_cookie_ends_with_its_time_and_moves_the_idle_end(void **state)
{
	(void)state;
	for (int hours = 0; hours < 11; hours++) {
		site_advance(SITE_HOUR_MS);
		assert_int_equal(verify_status(GATE), 204);
	}
	site_advance(SITE_HOUR_MS);
	assert_int_equal(verify_status(GATE), 401);
	/* In use for eleven hours, so the 24 idle hours began again: a refresh still works. */
	site_advance(20 * SITE_HOUR_MS);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	assert_int_equal(verify_status(GATE), 204);
}

/* One from a fast clock would stay valid for as long as that clock was ahead. */
static void
a_gate_cookie_that_lies_ahead_does_not_open(void **state)
{
	(void)state;
	site_set_wall(-5 * 60 * 1000);
	assert_int_equal(verify_status(GATE), 204);
	site_set_wall(-1);
	assert_int_equal(verify_status(GATE), 401);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	assert_int_equal(verify_status(GATE), 204);
}

/* Also at its own address, whatever is demanded; only a request that passes is a use. */
static void
a_use_at_verifys_own_address_counts(void **state)
{
	struct browser bare = { .site = &site };
	struct reply reply;

	(void)state;
	slice_copy(slice_of(browser.gate), bare.gate, sizeof(bare.gate));
	site_advance(11 * SITE_HOUR_MS);
	browser_ask(&bare, &(struct ask){ .method = "GET", .path = "/auth/verify", .query = "group=staff" }, &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
	site_advance(20 * SITE_HOUR_MS);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	slice_copy(slice_of(browser.gate), bare.gate, sizeof(bare.gate));
	site_advance(11 * SITE_HOUR_MS);
	browser_ask(&bare, &(struct ask){ .method = "GET", .path = "/auth/verify", .query = "group=root" }, &reply);
	assert_int_equal(reply.status, 403);
	reply_free(&reply);
	site_advance(20 * SITE_HOUR_MS);
	assert_int_equal(browser_refresh(&browser, NULL), 403);
}

/* A use of the gate cookie shows which session the browser holds. */
static void
a_use_by_the_gate_cookie_ends_older_sessions_of_the_browser(void **state)
{
	struct browser old = browser;
	const char *reason;

	(void)state;
	browser_login(&browser, "alice", NULL);
	site_advance(SITE_QUIET_MS);
	assert_int_equal(verify_status(GATE), 204);
	assert_int_equal(browser_refresh(&old, NULL), 200);
	site_advance(STANDING_TOUCH_EVERY_MS);
	assert_int_equal(verify_status(GATE), 204);
	assert_int_equal(browser_refresh(&old, &reason), 403);
	assert_string_equal(reason, reason_info(REASON_REPLACED)->name);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
}

static void
a_planted_gate_cookie_is_nobodys(void **state)
{
	char cookies[2 * BROWSER_COOKIE_SIZE + 64];
	struct browser stranger = { .site = &site };
	struct reply reply;

	(void)state;
	snprintf(cookies, sizeof(cookies), "__Host-pintle-gate=AAAA; __Host-pintle-gate=%s", browser.gate);
	browser_ask(&stranger, &(struct ask){ .method = "GET", .path = "/x", .cookie = cookies, .extra = { MODE("verify") } }, &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
	/* The refresh token is not a gate cookie, nor the reverse. */
	snprintf(cookies, sizeof(cookies), "__Host-pintle-gate=%s", browser.refresh);
	browser_ask(&stranger, &(struct ask){ .method = "GET", .path = "/x", .cookie = cookies, .extra = { MODE("verify") } }, &reply);
	assert_int_equal(reply.status, 401);
	reply_free(&reply);
	snprintf(cookies, sizeof(cookies), "__Secure-pintle-refresh=%s; __Host-pintle-device=%s", browser.gate, browser.device);
	browser_ask(&stranger, &(struct ask){ .method = "POST", .path = "/auth/refresh", .cookie = cookies }, &reply);
	assert_int_equal(reply.status, 403);
	reply_free(&reply);
}

#define OLD "__Secure-pintle-refresh=%s; __Host-pintle-device=%s; __Host-pintle-gate=%s"

/* Whether the answer sets, or clears, this cookie. */
static bool
sets(const struct reply *reply, const char *name, bool clears)
{
	char line[128];
	const char *at;

	snprintf(line, sizeof(line), "Set-Cookie: %s=%s", name, clears ? ";" : "");
	at = memmem(reply->head.ptr, reply->head.len, line, strlen(line));
	return at && (clears || at[strlen(line)] != ';');
}

static void
cookies_of_the_name_without_suffix_are_read_until_they_are_replaced(void **state)
{
	char cookies[4 * BROWSER_COOKIE_SIZE];
	struct browser nobody = { .site = &site };
	struct reply reply;

	(void)state;
	site.settings.refresh_cookie_old = site.settings.refresh_cookie;
	site.settings.device_cookie_old = site.settings.device_cookie;
	site.settings.gate_cookie_old = site.settings.gate_cookie_name;
	site.settings.refresh_cookie = "__Secure-pintle-refresh-8443";
	site.settings.device_cookie = "__Host-pintle-device-8443";
	site.settings.gate_cookie_name = "__Host-pintle-gate-8443";
	snprintf(cookies, sizeof(cookies), OLD, browser.refresh, browser.device, browser.gate);
	browser_ask(&nobody, &(struct ask){ .method = "GET", .path = "/x", .cookie = cookies, .extra = { MODE("verify") } }, &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
	browser_ask(&nobody, &(struct ask){ .method = "POST", .path = "/auth/refresh", .cookie = cookies }, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(sets(&reply, "__Secure-pintle-refresh-8443", false) && sets(&reply, "__Host-pintle-device-8443", false) &&
	    sets(&reply, "__Host-pintle-gate-8443", false));
	assert_true(sets(&reply, "__Secure-pintle-refresh", true) && sets(&reply, "__Host-pintle-gate", true));
	reply_free(&reply);
	/* Cookies that another pintle sets under those names are not ours to judge or clear. */
	snprintf(cookies, sizeof(cookies), OLD, "of-another", "of-another", "of-another");
	browser_ask(&nobody, &(struct ask){ .method = "POST", .path = "/auth/refresh", .cookie = cookies }, &reply);
	reply_expect(&reply, 401, "unauthorized");
	reply_free(&reply);
	browser_ask(&nobody, &(struct ask){ .method = "POST", .path = "/auth/logout", .cookie = cookies }, &reply);
	assert_true(sets(&reply, "__Secure-pintle-refresh-8443", true) && sets(&reply, "__Host-pintle-gate-8443", true));
	assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 2);
	reply_free(&reply);
}

static void
verify_by_its_own_address_takes_demands_in_the_query(void **state)
{
	static const struct {
		const char *query;
		int status;
	} queries[] = {
		{ "", 204 }, { "group=admins", 204 }, { "group=root", 403 }, { "group=root%2Cstaff", 204 },
		{ "max_age=1000", 204 }, { "max_age=x", 400 }, { "group=", 400 }, { "group=staff&group=root", 400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct reply reply;

		browser_ask(&browser, &(struct ask){ .method = "GET", .path = "/auth/verify", .query = queries[i].query }, &reply);
		if (reply.status != queries[i].status)
			fail_msg("?%s: %d", queries[i].query, reply.status);
		reply_free(&reply);
	}
}

/* ---- the web server's own sign-on ---- */

static int
sign_on(const char *user, const char *kind)
{
	struct browser person = { .site = &site };
	struct reply reply;
	int status;

	browser_ask(&person, &(struct ask){ .method = "POST", .path = "/auth/login",
	    .extra = { { "REMOTE_USER", user }, { "AUTH_TYPE", kind } } }, &reply);
	status = reply.status;
	assert_int_equal(status == 200, person.refresh[0] != '\0');
	reply_free(&reply);
	return status;
}

static void
the_sign_on_is_believed_only_where_the_site_says_so(void **state)
{
	(void)state;
	assert_int_equal(sign_on("alice", "Basic"), 400);
	site.settings.identity = IDENTITY_REMOTE_USER;
	assert_int_equal(sign_on("alice", "Basic"), 200);
	assert_int_equal(sign_on("ALICE", "Negotiate"), 200);
	assert_int_equal(sign_on("alice", ""), 400);
	assert_int_equal(sign_on("alice", NULL), 400);
	assert_int_equal(sign_on("newcomer", "Basic"), 401);
	site.settings.remote_user_create = true;
	assert_int_equal(sign_on("newcomer", "Basic"), 200);
	assert_int_equal(sign_on("no such name!", "Basic"), 401);
	site_disable_user(&site, alice, true);
	assert_int_equal(sign_on("alice", "Basic"), 401);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_row_holds, begin, end),
		cmocka_unit_test_setup_teardown(yes_says_who, begin, end),
		cmocka_unit_test_setup_teardown(a_gateway_is_told_what_goes_on, begin, end),
		cmocka_unit_test_setup_teardown(a_preflight_is_answered_to_named_origins_alone, begin, end),
		cmocka_unit_test_setup_teardown(no_challenges_as_the_rfcs_say, begin, end),
		cmocka_unit_test_setup_teardown(a_logout_counts_at_once, begin, end),
		cmocka_unit_test_setup_teardown(a_disabled_user_counts_at_once, begin, end),
		cmocka_unit_test_setup_teardown(a_remembered_token_ends_with_its_time, begin, end),
		cmocka_unit_test_setup_teardown(a_gate_cookie_ends_with_its_time_and_moves_the_idle_end, begin, end),
		cmocka_unit_test_setup_teardown(a_use_at_verifys_own_address_counts, begin, end),
		cmocka_unit_test_setup_teardown(a_use_by_the_gate_cookie_ends_older_sessions_of_the_browser, begin, end),
		cmocka_unit_test_setup_teardown(a_gate_cookie_that_lies_ahead_does_not_open, begin, end),
		cmocka_unit_test_setup_teardown(a_planted_gate_cookie_is_nobodys, begin, end),
		cmocka_unit_test_setup_teardown(cookies_of_the_name_without_suffix_are_read_until_they_are_replaced, begin, end),
		cmocka_unit_test_setup_teardown(verify_by_its_own_address_takes_demands_in_the_query, begin, end),
		cmocka_unit_test_setup_teardown(the_sign_on_is_believed_only_where_the_site_says_so, begin, end),
	};

	return cmocka_run_group_tests_name("web_guard", tests, NULL, NULL);
}
