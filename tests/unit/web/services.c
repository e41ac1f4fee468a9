/* What services ask: introspection and revocation, and which of them may ask. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"
#include "support/site.h"

/* The Basic credentials "billing:a-secret-of-billing", and others. */
#define BILLING "Basic YmlsbGluZzphLXNlY3JldC1vZi1iaWxsaW5n"
#define SECRET "a-secret-of-billing"
#define NOTHING_MORE "{\"active\":false}"
#define FORM "application/x-www-form-urlencoded"

static const char *const paths[] = { "/auth/introspect", "/auth/revoke" };
static struct site site;
static struct service billing;
static uint64_t alice;

/* ---- a store that fails when told to ---- */

static enum pt_err failing;	/* PT_OK: the real one answers */

__typeof__(store_revoke) __real_store_revoke, __wrap_store_revoke;
__typeof__(store_session_end) __real_store_session_end, __wrap_store_session_end;
__typeof__(store_session_by_sid) __real_store_session_by_sid, __wrap_store_session_by_sid;

enum pt_err
__wrap_store_revoke(struct store *store, const struct store_caller *caller, const struct store_presented *presented,
    struct store_judgement *out, bool *ended)
{
	return failing != PT_OK ? failing : __real_store_revoke(store, caller, presented, out, ended);
}

enum pt_err
__wrap_store_session_end(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice sid, enum reason reason, bool *found)
{
	return failing != PT_OK ? failing : __real_store_session_end(store, caller, user_number, sid, reason, found);
}

enum pt_err
__wrap_store_session_by_sid(struct store *store, struct instant now, struct slice sid, struct session *session,
    struct user *user, enum reason *standing, bool *found)
{
	/*
	 * A revocation looks first: only an I/O error may fail here, others at the session's end.
	 */
	return failing == PT_ERR_IO ? failing :
	    __real_store_session_by_sid(store, now, sid, session, user, standing, found);
}

/* ---- the site ---- */

static int
begin(void **state)
{
	struct store_caller caller;
	bool added;

	(void)state;
	failing = PT_OK;
	site_open(&site);
	caller = site_caller();
	alice = site_add_user(&site, "alice", SITE_PASSWORD);
	billing = (struct service){ .name = "billing" };
	assert_int_equal(digest_sha256(SECRET, sizeof(SECRET) - 1, billing.secret_hash), PT_OK);
	assert_int_equal(store_service_add(site.store, &caller, &billing, &added), PT_OK);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	site_close(&site);
	return 0;
}

/* Asks like a service: no cookies, and a form with the token. */
static void
service_ask(const char *path, const char *authorization, struct slice token, struct reply *reply)
{
	struct browser service = { .site = &site };
	char body[4096];

	assert_true((size_t)snprintf(body, sizeof(body), "token=%.*s&token_type_hint=anything", SLICE_ARG(token)) < sizeof(body));
	browser_ask(&service, &(struct ask){
		.method = "POST", .path = path, .type = FORM, .body = body, .authorization = authorization,
	}, reply);
}

static bool
is_active(struct slice token)
{
	struct reply reply;
	bool active = false;

	service_ask("/auth/introspect", BILLING, token, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(json_get_bool(reply.json, "active", &active));
	if (!active)
		assert_true(slice_eq(buf_slice(&reply.body), SLICE(NOTHING_MORE)));
	reply_free(&reply);
	return active;
}

static void
revoke(struct slice token)
{
	struct reply reply;

	service_ask("/auth/revoke", BILLING, token, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply.body.len, 0);
	reply_free(&reply);
}

/* ---- who may ask ---- */

static const struct {
	const char *sentence;
	const char *authorization;
} strangers[] = {
	{ "nobody", NULL },
	{ "an empty header", "" },
	{ "a scheme alone", "Basic" },
	{ "an unknown service", "Basic c2hvcDphLXNlY3JldC1vZi1iaWxsaW5n" },
	{ "a wrong secret", "Basic YmlsbGluZzphLXNlY3JldC1vZi1iaWxsaW5v" },
	{ "no secret", "Basic YmlsbGluZzo=" },
	{ "no name", "Basic OmEtc2VjcmV0LW9mLWJpbGxpbmc=" },
	{ "no colon", "Basic YmlsbGluZw==" },
	{ "the name in capitals", "Basic QklMTElORzphLXNlY3JldC1vZi1iaWxsaW5n" },
	{ "a user by its password", "Basic YWxpY2U6YSBsb25nIGVub3VnaCBwYXNzd29yZA==" },
	{ "what is no base64", "Basic YmlsbGluZzphLXNlY3JldC1vZi1iaWxsaW5$" },
	{ "what is in the other alphabet", "Basic YmlsbGluZzo-_-8=" },
	{ "the right ones under another scheme", "Bearer YmlsbGluZzphLXNlY3JldC1vZi1iaWxsaW5n" },
};

static void
a_stranger_is_told_nothing_and_ends_nothing(void **state)
{
	struct browser browser = { .site = &site };
	struct buf access = BUF_EMPTY;

	(void)state;
	browser_login(&browser, "alice", &access);
	for (size_t i = 0; i < 2 * sizeof(strangers) / sizeof(strangers[0]); i++) {
		struct slice challenge;
		struct reply reply;

		service_ask(paths[i % 2], strangers[i / 2].authorization, buf_slice(&access), &reply);
		if (reply.status != 401 || !slice_eq(reply_text(&reply, NULL, "error"), SLICE("invalid_client")))
			fail_msg("%s got %d", strangers[i / 2].sentence, reply.status);
		assert_true(reply_header(&reply, "WWW-Authenticate", &challenge));
		assert_true(slice_starts(challenge, SLICE("Basic realm=")));
		reply_free(&reply);
	}
	assert_true(is_active(buf_slice(&access)));
	buf_free(&access);
}

static void
credentials_of_any_length_are_read_safely(void **state)
{
	char header[2048] = "Basic ";
	struct reply reply;

	(void)state;
	for (size_t len = sizeof("Basic ") - 1; len + 4 < sizeof(header); len += 4) {
		memcpy(header + len, "OjpB", 5);
		service_ask("/auth/introspect", header, SLICE("x"), &reply);
		reply_expect(&reply, 401, "invalid_client");
		reply_free(&reply);
	}
}

static void
a_rotated_or_removed_service_is_a_stranger(void **state)
{
	struct store_caller caller = site_caller();
	const uint8_t other[DIGEST_SIZE] = { 1 };
	struct reply reply;
	bool found;

	(void)state;
	assert_false(is_active(SLICE("x")));
	assert_int_equal(store_service_set_secret(site.store, &caller, SLICE("billing"), other, &found), PT_OK);
	service_ask("/auth/introspect", BILLING, SLICE("x"), &reply);
	reply_expect(&reply, 401, "invalid_client");
	reply_free(&reply);
	assert_int_equal(store_service_set_secret(site.store, &caller, SLICE("billing"), billing.secret_hash, &found), PT_OK);
	assert_false(is_active(SLICE("x")));
	assert_int_equal(store_service_remove(site.store, &caller, SLICE("billing"), &found), PT_OK);
	service_ask("/auth/introspect", BILLING, SLICE("x"), &reply);
	reply_expect(&reply, 401, "invalid_client");
	reply_free(&reply);
}

/* ---- how it is asked ---- */

static const struct {
	const char *sentence;
	struct ask ask;
	int status;
} odd_asks[] = {
	{ "no token", { .type = FORM, .body = "token_type_hint=access_token" }, 400 },
	{ "two tokens", { .type = FORM, .body = "token=a&token=b" }, 400 },
	{ "no body", { .type = FORM }, 400 },
	{ "no body and no type", { .body = NULL }, 400 },
	{ "JSON", { .type = "application/json", .body = "{\"token\":\"a\"}" }, 400 },
	{ "another type", { .type = "text/plain", .body = "token=a" }, 415 },
	{ "a broken escape", { .type = FORM, .body = "token=%zz" }, 400 },
	{ "the query", { .query = "token=a", .type = FORM, .body = "x=y" }, 400 },
	{ "another method", { .method = "GET", .query = "token=a" }, 405 },
	{ "a page of another site", { .type = FORM, .body = "token=a",
	    .extra = { { "HTTP_SEC_FETCH_SITE", "cross-site" } } }, 403 },
	{ "a page of another origin", { .type = FORM, .body = "token=a",
	    .extra = { { "HTTP_ORIGIN", "https://evil.example" } } }, 403 },
	{ "an empty token", { .type = FORM, .body = "token=" }, 200 },
};

static void
what_is_asked_oddly_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(odd_asks) / sizeof(odd_asks[0]); i++) {
		struct browser service = { .site = &site };
		struct ask ask = odd_asks[i / 2].ask;
		struct reply reply;

		ask.path = paths[i % 2];
		ask.method = ask.method ? ask.method : "POST";
		ask.authorization = BILLING;
		browser_ask(&service, &ask, &reply);
		if (reply.status != odd_asks[i / 2].status)
			fail_msg("%s at %s: %d", odd_asks[i / 2].sentence, ask.path, reply.status);
		reply_free(&reply);
	}
}

/* ---- introspection ---- */

static void
expect_text(const struct reply *reply, const char *name, const char *value)
{
	if (!slice_eq(reply_text(reply, NULL, name), slice_of(value)))
		fail_msg("%s is %.*s", name, SLICE_ARG(reply_text(reply, NULL, name)));
}

static void
expect_time(const struct reply *reply, const char *name, int64_t value)
{
	int64_t got = 0;

	assert_true(json_get_integer(reply->json, name, &got));
	assert_int_equal(got, value);
}

static void
a_token_that_stands_is_told_of(void **state)
{
	struct browser browser = { .site = &site };
	struct store_caller caller = site_caller();
	const int64_t now_s = site_now_ms() / 1000;
	struct buf access = BUF_EMPTY;
	struct reply reply;
	struct slice one;
	bool flag = false;

	(void)state;
	browser_login(&browser, "alice", &access);
	assert_int_equal(store_user_set_groups(site.store, &caller, alice, SLICE("staff,wheel"), &flag), PT_OK);
	service_ask("/auth/introspect", BILLING, buf_slice(&access), &reply);
	assert_int_equal(reply.status, 200);
	assert_true(json_get_bool(reply.json, "active", &flag) && flag);
	expect_text(&reply, "iss", site.settings.issuer);
	expect_text(&reply, "aud", site.settings.audience);
	expect_text(&reply, "client_id", "pintle");
	expect_text(&reply, "username", "alice");
	expect_text(&reply, "token_type", "Bearer");
	assert_int_equal(reply_text(&reply, NULL, "sub").len, ID_SIZE - 1);
	assert_int_equal(reply_text(&reply, NULL, "sid").len, ID_SIZE - 1);
	assert_int_equal(reply_text(&reply, NULL, "jti").len, ID_SIZE - 1);
	expect_time(&reply, "iat", now_s);
	expect_time(&reply, "exp", now_s + site.settings.access_ttl_ms / 1000);
	expect_time(&reply, "auth_time", now_s);
	assert_int_equal(json_array_len(reply.json, "amr"), 1);
	assert_true(json_array_string(reply.json, "amr", 0, &one) && slice_eq(one, SLICE("pwd")));
	/* As they are now, not as in the token. */
	assert_int_equal(json_array_len(reply.json, "groups"), 2);
	assert_true(json_array_string(reply.json, "groups", 1, &one) && slice_eq(one, SLICE("wheel")));
	assert_true(reply_header(&reply, "Cache-Control", &one) && slice_eq(one, SLICE("no-store")));
	reply_free(&reply);
	buf_free(&access);
}

static void
what_is_no_access_token_is_inactive(void **state)
{
	struct browser browser = { .site = &site };
	struct buf access = BUF_EMPTY;

	(void)state;
	browser_login(&browser, "alice", &access);
	assert_false(is_active(SLICE("")));
	assert_false(is_active(SLICE("a.b.c")));
	assert_false(is_active(slice_of(browser.refresh)));
	assert_true(is_active(buf_slice(&access)));
	access.ptr[access.len / 2] ^= 1;
	assert_false(is_active(buf_slice(&access)));
	buf_free(&access);
}

static void
a_token_is_inactive_from_its_end(void **state)
{
	struct browser browser = { .site = &site };
	struct buf access = BUF_EMPTY;

	(void)state;
	browser_login(&browser, "alice", &access);
	site_advance(site.settings.access_ttl_ms - 1000);
	assert_true(is_active(buf_slice(&access)));
	site_advance(1000);
	assert_false(is_active(buf_slice(&access)));
	buf_free(&access);
}

static void
a_logout_counts_at_once_and_for_that_session_alone(void **state)
{
	struct browser laptop = { .site = &site }, phone = { .site = &site };
	struct buf first = BUF_EMPTY, second = BUF_EMPTY;
	struct reply reply;

	(void)state;
	browser_login(&laptop, "alice", &first);
	browser_login(&phone, "alice", &second);
	browser_send(&laptop, "POST", "/logout", NULL, &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
	assert_false(is_active(buf_slice(&first)));
	assert_true(is_active(buf_slice(&second)));
	buf_free(&first);
	buf_free(&second);
}

static void
a_disabled_user_s_tokens_are_inactive_and_stay_so(void **state)
{
	struct browser browser = { .site = &site };
	struct buf access = BUF_EMPTY;

	(void)state;
	browser_login(&browser, "alice", &access);
	site_disable_user(&site, alice, true);
	assert_false(is_active(buf_slice(&access)));
	site_disable_user(&site, alice, false);
	assert_false(is_active(buf_slice(&access)));
	buf_free(&access);
}

/* ---- revocation ---- */

static void
either_token_ends_its_session_and_no_other(void **state)
{
	(void)state;
	for (int by_refresh = 0; by_refresh < 2; by_refresh++) {
		struct browser laptop = { .site = &site }, phone = { .site = &site };
		struct buf first = BUF_EMPTY, second = BUF_EMPTY;
		const char *reason;

		browser_login(&laptop, "alice", &first);
		browser_login(&phone, "alice", &second);
		revoke(by_refresh ? slice_of(laptop.refresh) : buf_slice(&first));
		assert_false(is_active(buf_slice(&first)));
		assert_int_equal(browser_refresh(&laptop, &reason), 403);
		assert_string_equal(reason, "service");
		assert_true(is_active(buf_slice(&second)));
		assert_int_equal(browser_refresh(&phone, NULL), 200);
		/* Revoking again changes nothing and is no error. */
		revoke(by_refresh ? slice_of(laptop.refresh) : buf_slice(&first));
		buf_free(&first);
		buf_free(&second);
	}
}

static void
a_token_of_nobody_is_revoked_already(void **state)
{
	struct browser browser = { .site = &site };
	struct buf access = BUF_EMPTY;
	char other[BROWSER_COOKIE_SIZE];

	(void)state;
	browser_login(&browser, "alice", &access);
	revoke(SLICE("nothing"));
	revoke(SLICE("a.b.c"));
	strcpy(other, browser.refresh);
	other[10] = other[10] == 'A' ? 'B' : 'A';
	revoke(slice_of(other));
	assert_true(is_active(buf_slice(&access)));
	buf_free(&access);
}

static bool
count_event(const struct event *event, void *ctx)
{
	unsigned *count = ctx;

	assert_string_equal(event->service, "billing");
	assert_int_equal(event->reason, REASON_SERVICE);
	assert_string_equal(event->username, "alice");
	++*count;
	return true;
}

static void
the_log_tells_which_service_revoked(void **state)
{
	struct browser browser = { .site = &site };
	const struct store_event_filter ended = { .kind = EVENT_SESSION_ENDED };
	struct buf access = BUF_EMPTY;
	unsigned count = 0;

	(void)state;
	browser_login(&browser, "alice", NULL);
	revoke(slice_of(browser.refresh));
	browser_login(&browser, "alice", &access);
	revoke(buf_slice(&access));
	assert_int_equal(store_event_each(site.store, &ended, count_event, &count), PT_OK);
	assert_int_equal(count, 2);
	buf_free(&access);
}

/* ---- a store that fails ---- */

/* Shows D15. */
static void
a_failure_is_never_taken_for_an_answer(void **state)
{
	struct browser browser = { .site = &site };
	struct buf access = BUF_EMPTY;
	struct reply reply;

	(void)state;
	browser_login(&browser, "alice", &access);
	failing = PT_ERR_FULL;
	service_ask("/auth/revoke", BILLING, buf_slice(&access), &reply);
	reply_expect(&reply, 503, "temporarily_unavailable");
	reply_free(&reply);
	failing = PT_ERR_IO;
	service_ask("/auth/revoke", BILLING, buf_slice(&access), &reply);
	reply_expect(&reply, 503, "temporarily_unavailable");
	reply_free(&reply);
	service_ask("/auth/revoke", BILLING, slice_of(browser.refresh), &reply);
	reply_expect(&reply, 503, "temporarily_unavailable");
	reply_free(&reply);
	service_ask("/auth/introspect", BILLING, buf_slice(&access), &reply);
	reply_expect(&reply, 503, "temporarily_unavailable");
	reply_free(&reply);
	failing = PT_OK;
	assert_true(is_active(buf_slice(&access)));
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	buf_free(&access);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_stranger_is_told_nothing_and_ends_nothing),
		TEST(credentials_of_any_length_are_read_safely),
		TEST(a_rotated_or_removed_service_is_a_stranger),
		TEST(what_is_asked_oddly_is_refused),
		TEST(a_token_that_stands_is_told_of),
		TEST(what_is_no_access_token_is_inactive),
		TEST(a_token_is_inactive_from_its_end),
		TEST(a_logout_counts_at_once_and_for_that_session_alone),
		TEST(a_disabled_user_s_tokens_are_inactive_and_stay_so),
		TEST(either_token_ends_its_session_and_no_other),
		TEST(a_token_of_nobody_is_revoked_already),
		TEST(the_log_tells_which_service_revoked),
		TEST(a_failure_is_never_taken_for_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
