/* What the web server asks before it lets a request through: verify, deny, guard, and the authorizer role. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "site.h"

static struct site site;
static struct browser browser;
static struct buf bearer;	/* "Bearer TOKEN" of the browser's login */
static uint64_t alice;

static int
begin(void **state)
{
	struct buf token = BUF_EMPTY;
	struct store_caller caller;
	bool found;

	(void)state;
	site_open(&site);
	site.settings.gate_cookie = true;
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

enum shown { NOTHING = 0, BEARER, GATE };

/* One question of the web server's, and the answer that it has to get. */
struct row {
	const char *name;
	enum shown shown;
	enum web_role role;
	const char *method, *query;
	const char *extra[SITE_EXTRAS][2];
	int status;
	const char *reason;	/* X-Auth-Reason; NULL: there is none */
	const char *body;	/* what is found in it; NULL: any */
};

#define MODE(mode) { "PINTLE_MODE", mode }
#define NAVIGATES { "HTTP_SEC_FETCH_MODE", "navigate" }, { "REQUEST_URI", "/app/x?y=1&z=<2>" }
#define FROM(site_) { "HTTP_SEC_FETCH_SITE", site_ }

static const struct row rows[] = {
	{ "a token passes", BEARER, WEB_RESPONDER, "GET", NULL, { MODE("verify") }, 204, NULL, NULL },
	{ "a gate cookie passes", GATE, WEB_RESPONDER, "GET", NULL, { MODE("verify") }, 204, NULL, NULL },
	{ "nothing does not", NOTHING, WEB_RESPONDER, "GET", NULL, { MODE("verify") }, 401, "signed_out", "\"error\"" },
	{ "a token passes with a method that changes something", BEARER, WEB_RESPONDER, "DELETE", NULL,
	    { MODE("verify"), FROM("cross-site") }, 204, NULL, NULL },
	{ "a gate cookie passes with a form of our own page", GATE, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), FROM("same-origin") }, 204, NULL, NULL },
	{ "a gate cookie does not pass with another site's form", GATE, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), FROM("cross-site") }, 403, "cross_origin", NULL },
	{ "nor with a sibling's", GATE, WEB_RESPONDER, "POST", NULL,
	    { MODE("verify"), FROM("same-site") }, 403, "cross_origin", NULL },
	{ "a gate cookie does not open another site's WebSocket", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "HTTP_UPGRADE", "WebSocket" }, { "HTTP_ORIGIN", "https://evil.example" } }, 403, "cross_origin", NULL },
	{ "a gate cookie passes when another site links here", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), FROM("cross-site") }, 204, NULL, NULL },
	{ "where the server asks by GET the original method counts", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("guard"), { "PINTLE_METHOD", "POST" }, FROM("cross-site") }, 403, "cross_origin", NULL },
	{ "one of the groups is enough", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "root,admins" } }, 204, NULL, NULL },
	{ "another group is not", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "root" } }, 403, "not_allowed", "insufficient_scope" },
	{ "nor the beginning of one", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "adm" } }, 403, "not_allowed", NULL },
	{ "an empty demand lets nobody in", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "" } }, 500, NULL, NULL },
	{ "nor does a broken one", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "a b" } }, 500, NULL, NULL },
	{ "nor a broken age", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_MAX_AGE", "5m" } }, 500, NULL, NULL },
	{ "nor an empty one", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_MAX_AGE", "" } }, 500, NULL, NULL },
	{ "a demand in the query is not read in a mode", GATE, WEB_RESPONDER, "GET", "group=root",
	    { MODE("verify") }, 204, NULL, NULL },
	{ "nor does the query take a demand away", GATE, WEB_RESPONDER, "GET", "group=admins",
	    { MODE("verify"), { "PINTLE_GROUP", "root" } }, 403, "not_allowed", NULL },
	{ "nor does a header of the client's", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("verify"), { "PINTLE_GROUP", "root" }, { "HTTP_PINTLE_GROUP", "admins" } }, 403, "not_allowed", NULL },
	{ "a mode that there is not lets nobody in", GATE, WEB_RESPONDER, "GET", NULL, { MODE("verfy") }, 500, NULL, NULL },
	{ "nor does an empty one", GATE, WEB_RESPONDER, "GET", NULL, { MODE("") }, 500, NULL, NULL },
	{ "an authorizer's yes is 200", GATE, WEB_AUTHORIZER, "GET", NULL, { { NULL, NULL } }, 200, NULL, NULL },
	{ "an authorizer's no is a page for a person", NOTHING, WEB_AUTHORIZER, "GET", NULL, { NAVIGATES },
	    401, "signed_out", "<form method=\"post\" action=\"/auth/login\"" },
	{ "and JSON for a program", NOTHING, WEB_AUTHORIZER, "GET", NULL, { { NULL, NULL } }, 401, "signed_out", "\"unauthorized\"" },
	{ "deny shows the login page in place", NOTHING, WEB_RESPONDER, "GET", NULL, { MODE("deny"), NAVIGATES },
	    401, "signed_out", "data-in-place=\"yes\" data-silent=\"yes\" data-unsafe=\"\"" },
	{ "the address is escaped in it", NOTHING, WEB_RESPONDER, "GET", NULL, { MODE("deny"), NAVIGATES },
	    401, "signed_out", "name=\"return\" value=\"/app/x?y=1&amp;z=&lt;2&gt;\"" },
	{ "without Fetch Metadata a browser is known by what it accepts", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), { "HTTP_ACCEPT", "application/xml, Text/HTML;q=0.9" } }, 401, "signed_out", "<form" },
	{ "an XHR that accepts HTML gets JSON all the same", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), { "HTTP_SEC_FETCH_MODE", "cors" }, { "HTTP_ACCEPT", "text/html" } }, 401, "signed_out", "\"error\"" },
	{ "the page in the place of a POST says that it was not sent", NOTHING, WEB_RESPONDER, "POST", NULL,
	    { MODE("deny"), NAVIGATES }, 401, "signed_out", "data-unsafe=\"yes\"" },
	{ "who is signed in but not allowed is told so", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), NAVIGATES, { "PINTLE_REASON", "not_allowed" } }, 403, "not_allowed", "<strong>alice</strong>" },
	{ "step-up never tries silently", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), NAVIGATES, { "PINTLE_REASON", "step_up" } }, 401, "step_up", "data-silent=\"\"" },
	{ "deny never says yes, whatever it is told", GATE, WEB_RESPONDER, "GET", NULL,
	    { MODE("deny"), { "PINTLE_REASON", "pass" } }, 403, "not_allowed", NULL },
	{ "guard is both in one", NOTHING, WEB_RESPONDER, "GET", NULL, { MODE("guard"), NAVIGATES }, 401, "signed_out", "<form" },
	{ "a return address to another site is left out", NOTHING, WEB_RESPONDER, "GET", NULL,
	    { MODE("guard"), { "HTTP_SEC_FETCH_MODE", "navigate" }, { "PINTLE_URI", "//evil.example/" } },
	    401, "signed_out", "data-return=\"\"" },
};

static void
ask(const struct row *row, struct reply *reply)
{
	struct browser stranger = { .site = &site };
	struct ask question = { .method = row->method, .path = "/app/x", .query = row->query, .role = row->role,
	    .authorization = row->shown == BEARER ? bearer.ptr : NULL };

	memcpy(question.extra, row->extra, sizeof(question.extra));
	if (row->shown == GATE)
		slice_copy(slice_of(browser.gate), stranger.gate, sizeof(stranger.gate));
	browser_ask(&stranger, &question, reply);
}

static bool
holds(const struct reply *reply, const char *text)
{
	return reply->body.len && memmem(reply->body.ptr, reply->body.len, text, strlen(text)) != NULL;
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
		/* Whatever is asked and answered: no cookie, nothing to keep, nothing said of others. */
		assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 0);
		assert_int_equal(reply_header_count(&reply, "Cache-Control"), 1);
		assert_true(reply_header_count(&reply, "WWW-Authenticate") <= 1);
		if (rows[i].role == WEB_AUTHORIZER)
			assert_true(reply.head.len + reply.body.len < 8000);
		reply_free(&reply);
	}
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
	header_is(&reply, "X-Auth-User", NULL);
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
	    "error_description=\"A fresh sign-in is wanted\", max_age=\"60\"");
	reply_free(&reply);
	/* The server passes verify's own challenge on. */
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
	/* Used for eleven hours, so the session's 24 idle hours began anew: a refresh works on. */
	site_advance(20 * SITE_HOUR_MS);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	assert_int_equal(verify_status(GATE), 204);
}

/* By its own address too, whatever is demanded; only what passes is a use. */
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

/* A use by the gate cookie shows which session the browser holds. */
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
	site_advance(STORE_TOUCH_EVERY_MS);
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
	/* The refresh token is no gate cookie, nor the other way about. */
	snprintf(cookies, sizeof(cookies), "__Host-pintle-gate=%s", browser.refresh);
	browser_ask(&stranger, &(struct ask){ .method = "GET", .path = "/x", .cookie = cookies, .extra = { MODE("verify") } }, &reply);
	assert_int_equal(reply.status, 401);
	reply_free(&reply);
	snprintf(cookies, sizeof(cookies), "__Secure-pintle-refresh=%s; __Host-pintle-device=%s", browser.gate, browser.device);
	browser_ask(&stranger, &(struct ask){ .method = "POST", .path = "/auth/refresh", .cookie = cookies }, &reply);
	assert_int_equal(reply.status, 403);
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
		cmocka_unit_test_setup_teardown(no_challenges_as_the_rfcs_say, begin, end),
		cmocka_unit_test_setup_teardown(a_logout_counts_at_once, begin, end),
		cmocka_unit_test_setup_teardown(a_disabled_user_counts_at_once, begin, end),
		cmocka_unit_test_setup_teardown(a_remembered_token_ends_with_its_time, begin, end),
		cmocka_unit_test_setup_teardown(a_gate_cookie_ends_with_its_time_and_moves_the_idle_end, begin, end),
		cmocka_unit_test_setup_teardown(a_use_at_verifys_own_address_counts, begin, end),
		cmocka_unit_test_setup_teardown(a_use_by_the_gate_cookie_ends_older_sessions_of_the_browser, begin, end),
		cmocka_unit_test_setup_teardown(a_planted_gate_cookie_is_nobodys, begin, end),
		cmocka_unit_test_setup_teardown(verify_by_its_own_address_takes_demands_in_the_query, begin, end),
		cmocka_unit_test_setup_teardown(the_sign_on_is_believed_only_where_the_site_says_so, begin, end),
	};

	return cmocka_run_group_tests_name("web_guard", tests, NULL, NULL);
}
