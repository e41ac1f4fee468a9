/* Logging in and out: what is handed out, and that everything wrong looks the same. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/site.h"
#include "token/access_token.h"
#include "web/who/name_tag.h"

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

static bool
contains(struct slice text, const char *part)
{
	struct slice wanted = slice_of(part);

	for (; text.len >= wanted.len; text = slice_skip(text, 1))
		if (slice_starts(text, wanted))
			return true;
	return false;
}

static void
a_login_hands_out_an_access_token_that_verifies(void **state)
{
	struct browser browser = { .site = &site };
	struct access_token token;
	enum access_verdict verdict;
	struct reply reply;
	int64_t expires_in = 0;

	(void)state;
	browser_send(&browser, "POST", "/login",
	    "{\"username\":\"Alice\",\"password\":\"" SITE_PASSWORD "\",\"device\":\"Laptop\",\"unknown\":[1]}", &reply);
	assert_int_equal(reply.status, 200);
	assert_true(slice_eq(reply_text(&reply, NULL, "token_type"), SLICE("Bearer")));
	assert_true(json_get_integer(reply.json, "expires_in", &expires_in));
	assert_int_equal(expires_in, 600);
	assert_int_equal(reply_text(&reply, NULL, "server_time").len, 20);
	assert_true(slice_eq(reply_text(&reply, "user", "name"), SLICE("alice")));
	assert_true(slice_eq(reply_text(&reply, "session", "device"), SLICE("Laptop")));
	assert_true(slice_eq(reply_text(&reply, "session", "ip"), SLICE("192.0.2.1")));

	const struct keyring *keys = keyring_watch_hold(site.keys, clock_now().stamp);

	assert_int_equal(access_token_verify(keys, reply_text(&reply, NULL, "access_token"),
	    slice_of(site.settings.issuer), slice_of(site.settings.audience), site_now_ms() / 1000, &token, &verdict), PT_OK);
	assert_int_equal(verdict, ACCESS_GOOD);
	assert_true(slice_eq(token.claims.subject, reply_text(&reply, "user", "id")));
	assert_true(slice_eq(token.claims.session_id, reply_text(&reply, "session", "id")));
	assert_true(slice_eq(token.claims.username, SLICE("alice")));
	assert_true(slice_eq(token.claims.amr, SLICE("pwd")));
	assert_int_equal(token.claims.expires_at, site_now_ms() / 1000 + 600);
	access_token_free(&token);
	keyring_watch_release(site.keys, keys);
	/* The refresh token is in its cookie and nowhere else. */
	assert_true(browser.refresh[0] != '\0');
	assert_false(contains(buf_slice(&reply.body), browser.refresh));
	reply_free(&reply);
}

/* Logs in with this "remember" and returns the Set-Cookie line of the refresh cookie. */
static void
login_for_cookie(struct browser *browser, const char *remember, struct reply *reply, struct slice *line)
{
	char body[256];
	struct slice head, rest;

	snprintf(body, sizeof(body), "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\",\"remember\":%s}", remember);
	browser_send(browser, "POST", "/login", body, reply);
	assert_int_equal(reply->status, 200);
	assert_int_equal(reply_header_count(reply, "Set-Cookie"), 2);
	for (head = buf_slice(&reply->head); head.len; head = rest) {
		slice_cut(head, '\n', line, &rest);
		if (slice_starts(*line, SLICE("Set-Cookie: ")) && contains(*line, "refresh="))
			return;
	}
	fail_msg("no refresh cookie");
}

static void
the_cookies_have_exactly_their_attributes(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice line;

	(void)state;
	login_for_cookie(&browser, "false", &reply, &line);
	assert_true(slice_starts(line, SLICE("Set-Cookie: __Secure-pintle-refresh=")));
	assert_true(contains(line, "; Path=/auth; Secure; HttpOnly; SameSite=Strict\r"));
	assert_false(contains(line, "Domain"));
	assert_true(contains(buf_slice(&reply.head), "Set-Cookie: __Host-pintle-device="));
	assert_true(contains(buf_slice(&reply.head), "; Path=/; Max-Age=34560000; Secure; HttpOnly; SameSite=Strict\r\n"));
	reply_free(&reply);
	/* Remembered: until the session's idle end, which comes before the absolute one. */
	login_for_cookie(&browser, "true", &reply, &line);
	assert_true(contains(line, "; Path=/auth; Max-Age=1209600; Secure; HttpOnly; SameSite=Strict\r"));
	reply_free(&reply);
}

static void
the_refresh_cookie_may_be_for_the_whole_host(void **state)
{
	static char host_name[] = "__Host-pintle-refresh";
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice line;

	(void)state;
	site.settings.refresh_cookie = host_name;
	site.settings.refresh_cookie_root = true;
	login_for_cookie(&browser, "false", &reply, &line);
	assert_true(slice_starts(line, SLICE("Set-Cookie: __Host-pintle-refresh=")));
	assert_true(contains(line, "; Path=/; Secure; HttpOnly; SameSite=Strict\r"));
	reply_free(&reply);
}

static void
on_loopback_without_tls_secure_goes_too(void **state)
{
	static char plain_refresh[] = "pintle-refresh", plain_device[] = "pintle-device";
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice line;

	(void)state;
	site.settings.insecure_loopback = true;
	site.settings.refresh_cookie = plain_refresh;
	site.settings.device_cookie = plain_device;
	login_for_cookie(&browser, "false", &reply, &line);
	assert_true(slice_starts(line, SLICE("Set-Cookie: pintle-refresh=")));
	assert_true(contains(line, "; Path=/auth; HttpOnly; SameSite=Strict\r"));
	assert_false(contains(buf_slice(&reply.head), "; Secure"));
	assert_false(contains(buf_slice(&reply.head), "Set-Cookie: __"));
	reply_free(&reply);
}

static void
a_remembered_cookie_never_outlives_its_session(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice line;

	(void)state;
	login_for_cookie(&browser, "true", &reply, &line);
	reply_free(&reply);
	/* Used every ten days, until the absolute end is five days away. */
	for (int i = 0; i < 8; i++) {
		site_advance(10 * 24 * SITE_HOUR_MS);
		assert_int_equal(browser_refresh(&browser, NULL), 200);
	}
	site_advance(5 * 24 * SITE_HOUR_MS);
	browser_send(&browser, "POST", "/refresh", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(contains(buf_slice(&reply.head), "; Max-Age=432000; "));
	reply_free(&reply);
}

/* Max-Age=0 would clear the cookie; a token without life would be asked for again at once. */
static void
in_its_last_second_a_session_is_refreshed_and_then_refused(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice line;
	const char *reason;
	int64_t expires_in = 0;

	(void)state;
	login_for_cookie(&browser, "true", &reply, &line);
	reply_free(&reply);
	site_advance(14 * 24 * SITE_HOUR_MS - 1500);
	browser_send(&browser, "POST", "/refresh", NULL, &reply);
	assert_int_equal(reply.status, 200);
	reply_free(&reply);
	/* Its idle end moved; its absolute end does not. */
	for (int days = 14; days < 84; days += 14) {
		site_advance(14 * 24 * SITE_HOUR_MS - 1500);
		assert_int_equal(browser_refresh(&browser, NULL), 200);
	}
	site_advance(6 * 24 * SITE_HOUR_MS + 6 * 1500 - 300);
	browser_send(&browser, "POST", "/refresh", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(contains(buf_slice(&reply.head), "; Max-Age=1; "));
	assert_false(contains(buf_slice(&reply.head), "; Max-Age=0"));
	assert_true(json_get_integer(reply.json, "expires_in", &expires_in));
	assert_int_equal(expires_in, 1);
	reply_free(&reply);
	site_advance(300);
	assert_int_equal(browser_refresh(&browser, &reason), 403);
	assert_string_equal(reason, reason_info(REASON_ABSOLUTE)->name);
}

static void
the_device_keeps_its_name_and_a_broken_one_is_replaced(void **state)
{
	struct browser browser = { .site = &site };
	char first[BROWSER_COOKIE_SIZE];

	(void)state;
	browser_login(&browser, "alice", NULL);
	strcpy(first, browser.device);
	assert_int_equal(strlen(first), 22);
	browser_login(&browser, "alice", NULL);
	assert_string_equal(browser.device, first);
	strcpy(browser.device, "AAAAAAAAAAAAAAAAAAAAA");
	browser_login(&browser, "alice", NULL);
	assert_int_equal(strlen(browser.device), 22);
	assert_string_not_equal(browser.device, first);
}

/*
 * The clock is wrong if it is behind the keys: nothing begins, existing sessions continue, and all
 * of them live on afterwards.
 */
static void
a_clock_behind_the_keys_lets_nobody_in_and_nobody_out(void **state)
{
	struct browser browser = { .site = &site }, other = { .site = &site }, leaving = { .site = &site };
	struct reply reply;
	struct slice value;
	bool login = true;

	(void)state;
	browser_login(&browser, "alice", NULL);
	browser_login(&leaving, "alice", NULL);
	site_advance(SITE_HOUR_MS);
	site_set_wall(-30 * 24 * SITE_HOUR_MS);
	browser_send(&other, "POST", "/login", "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"}", &reply);
	reply_expect(&reply, 503, "temporarily_unavailable");
	assert_true(reply_header(&reply, "Retry-After", &value));
	reply_free(&reply);
	browser_send(&other, "GET", "/health", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(json_get_bool(reply.json, "login", &login) && !login);
	assert_true(slice_eq(reply_text(&reply, NULL, "clock"), SLICE("behind")));
	reply_free(&reply);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(browser_refresh(&browser, NULL), 200);
		site_advance(SITE_HOUR_MS);
	}
	struct browser copy = leaving;

	browser_send(&leaving, "POST", "/logout", NULL, &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
	assert_int_equal(browser_refresh(&copy, NULL), 403);
	site_set_wall(30 * 24 * SITE_HOUR_MS);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	browser_login(&other, "alice", NULL);
	browser_send(&other, "GET", "/health", NULL, &reply);
	assert_false(json_get_bool(reply.json, "login", &login));
	reply_free(&reply);
	assert_int_equal(browser_refresh(&other, NULL), 200);
}

struct wrong_row {
	const char *name;
	const char *body;
};

static const struct wrong_row wrong_rows[] = {
	{ "a wrong password", "{\"username\":\"alice\",\"password\":\"not this one at all\"}" },
	{ "a password in another case", "{\"username\":\"alice\",\"password\":\"A LONG ENOUGH PASSWORD\"}" },
	{ "a password with a blank more", "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD " \"}" },
	{ "a user that nobody is", "{\"username\":\"nobody\",\"password\":\"" SITE_PASSWORD "\"}" },
	{ "a name that nobody can have", "{\"username\":\"a b\\u00e4\",\"password\":\"" SITE_PASSWORD "\"}" },
	{ "a disabled user, with the right password", "{\"username\":\"dora\",\"password\":\"" SITE_PASSWORD "\"}" },
	{ "a user without a password", "{\"username\":\"paul\",\"password\":\"" SITE_PASSWORD "\"}" },
};

static void
whatever_is_wrong_looks_alike(void **state)
{
	struct buf first = BUF_EMPTY;

	(void)state;
	site_disable_user(&site, site_add_user(&site, "dora", SITE_PASSWORD), true);
	site_add_user(&site, "paul", NULL);
	for (size_t i = 0; i < sizeof(wrong_rows) / sizeof(wrong_rows[0]); i++) {
		struct browser browser = { .site = &site };
		struct reply reply;

		browser_send(&browser, "POST", "/login", wrong_rows[i].body, &reply);
		if (reply.status != 401)
			fail_msg("%s: %d", wrong_rows[i].name, reply.status);
		reply_expect(&reply, 401, "invalid_credentials");
		assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 0);
		if (i == 0)
			buf_put(&first, buf_slice(&reply.body));
		if (!slice_eq(buf_slice(&first), buf_slice(&reply.body)))
			fail_msg("%s has an answer of its own", wrong_rows[i].name);
		reply_free(&reply);
	}
	buf_free(&first);
}

static const struct wrong_row malformed_rows[] = {
	{ "no body", "" },
	{ "no object", "[]" },
	{ "no name", "{\"password\":\"" SITE_PASSWORD "\"}" },
	{ "no password", "{\"username\":\"alice\"}" },
	{ "an empty password", "{\"username\":\"alice\",\"password\":\"\"}" },
	{ "a password that is a number", "{\"username\":\"alice\",\"password\":5}" },
	{ "remember as a text", "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\",\"remember\":\"yes\"}" },
	{ "a name that comes twice", "{\"username\":\"alice\",\"username\":\"bob\",\"password\":\"" SITE_PASSWORD "\"}" },
	{ "bytes behind the object", "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"} x" },
	{ "a NUL in the password", "{\"username\":\"alice\",\"password\":\"a long\\u0000enough password\"}" },
	{ "a name that is no UTF-8", "{\"username\":\"\xff\",\"password\":\"" SITE_PASSWORD "\"}" },
	{ "a device with a control character",
	    "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\",\"device\":\"a\\nb\"}" },
};

/* The name in the newest event; empty if it has none. */
static bool
keep_name(const struct event *event, void *ctx)
{
	memcpy(ctx, event->username, sizeof(event->username));
	return true;
}

static void
assert_last_name_is(const char *want)
{
	char name[USER_NAME_SIZE] = "left over";
	const struct store_event_filter filter = { .newest = 1 };

	assert_int_equal(store_event_each(site.store, &filter, keep_name, name), PT_OK);
	assert_string_equal(name, want);
}

/* Tries to log in under a name with a wrong password; 401 or, after too many tries, 429. */
static void
fail_as(const char *name, int status)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	char body[256];

	snprintf(body, sizeof(body), "{\"username\":\"%s\",\"password\":\"x\"}", name);
	browser_send(&browser, "POST", "/login", body, &reply);
	reply_expect(&reply, status, status == 401 ? "invalid_credentials" : "too_many_requests");
	reply_free(&reply);
}

/* The tag of a folded name at this site. */
static const char *
tag_of(const char *name)
{
	static char tag[NAME_TAG_SIZE];
	const struct keyring *keys = keyring_watch_hold(site.keys, clock_now().stamp);
	struct mac_key *key;

	assert_int_equal(keyring_derive(keys, NAME_TAG_LABEL, &key), PT_OK);
	keyring_watch_release(site.keys, keys);
	assert_int_equal(name_tag_make(key, slice_of(name), tag), PT_OK);
	mac_key_free(key);
	return tag;
}

/*
 * People type passwords into the name field: for a name that is no user's, the log can only tell
 * whether it is the same one again.
 */
static void
a_failed_login_is_logged_with_the_name_only_if_it_is_a_users(void **state)
{
	(void)state;
	fail_as("ALICE", 401);
	assert_last_name_is("alice");
	fail_as("Zo\u00eb", 401);
	assert_last_name_is("");
	fail_as("CorrectHorse-99", 401);
	assert_last_name_is(tag_of("correcthorse-99"));
	fail_as("correcthorse-98", 401);
	assert_last_name_is(tag_of("correcthorse-98"));
	site.settings.usernames = USERNAME_UNICODE;
	fail_as("ZO\u00cb", 401);
	assert_last_name_is(tag_of("zo\xc3\xab"));
	site_advance(SITE_HOUR_MS);	/* within that hour the same failure is not a new event */
	fail_as("my pass word!", 401);
	assert_last_name_is("");
}

static void
too_many_tries_are_logged_alike(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		fail_as("CorrectHorse-99", 401);
		fail_as("alice", 401);
	}
	fail_as("correcthorse-99", 429);
	assert_last_name_is(tag_of("correcthorse-99"));
	fail_as("alice", 429);
	assert_last_name_is("alice");
}

static const struct {
	const char *name, *typed, *tag;	/* tag NULL: not a tag */
} tag_rows[] = {
	{ "a tag", "?ABCDEFGH", "?ABCDEFGH" },
	{ "in small letters", "?abcdefgh", "?ABCDEFGH" },
	{ "a name", "abcdefgh", NULL },
	{ "too short", "?ABCDEFG", NULL },
	{ "too long", "?ABCDEFGHA", NULL },
	{ "no letters of a tag", "?ABCDEFG1", NULL },
	{ "the sign alone", "?", NULL },
	{ "nothing", "", NULL },
};

static void
a_tag_is_read_as_it_is_shown(void **state)
{
	char tag[NAME_TAG_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(tag_rows) / sizeof(tag_rows[0]); i++) {
		bool good = name_tag_read(slice_of(tag_rows[i].typed), tag);

		if (good != (tag_rows[i].tag != NULL) || (good && strcmp(tag, tag_rows[i].tag) != 0))
			fail_msg("%s", tag_rows[i].name);
	}
	assert_string_equal(tag_of(""), "");
	assert_int_equal(strlen(tag_of("a")), NAME_TAG_SIZE - 1);
	assert_true(name_tag_read(slice_of(tag_of("a")), tag));
}

/* In JSON and in a form, composed and decomposed, in capitals and in full width. */
static void
all_spellings_of_a_name_are_one_user(void **state)
{
	static const char *const spellings[] = {
		"{\"username\":\"zo\u00eb\",\"password\":\"" SITE_PASSWORD "\"}",
		"{\"username\":\"ZOE\u0308\",\"password\":\"" SITE_PASSWORD "\"}",
		"{\"username\":\"\uff3a\uff2f\u00cb\",\"password\":\"" SITE_PASSWORD "\"}",
	};
	struct browser browser = { .site = &site };
	struct reply reply;

	(void)state;
	site.settings.usernames = USERNAME_UNICODE;
	site_add_user(&site, "zo\xc3\xab", SITE_PASSWORD);
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		browser_send(&browser, "POST", "/login", spellings[i], &reply);
		assert_int_equal(reply.status, 200);
		assert_true(slice_eq(reply_text(&reply, "user", "name"), SLICE("zo\xc3\xab")));
		reply_free(&reply);
	}
	browser_ask(&browser, &(struct ask){
		.method = "POST", .path = "/auth/login", .type = "application/x-www-form-urlencoded",
		.body = "username=ZOE%CC%88&password=a+long+enough+password",
	}, &reply);
	assert_int_equal(reply.status, 303);
	reply_free(&reply);
}

static void
what_is_malformed_is_told_as_such(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(malformed_rows) / sizeof(malformed_rows[0]); i++) {
		struct browser browser = { .site = &site };
		struct reply reply;

		browser_send(&browser, "POST", "/login", malformed_rows[i].body, &reply);
		if (reply.status != 400)
			fail_msg("%s: %d", malformed_rows[i].name, reply.status);
		reply_expect(&reply, 400, "invalid_request");
		reply_free(&reply);
	}
}

static void
a_huge_password_is_refused_before_it_is_hashed(void **state)
{
	struct browser browser = { .site = &site };
	struct buf body = BUF_EMPTY;
	struct reply reply;
	int slots[2];

	(void)state;
	/* With every slot taken, a login that must hash gets 503. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(password_slots_enter(site.slots, &slots[i]), PT_OK);
	buf_puts(&body, "{\"username\":\"alice\",\"password\":\"");
	for (int i = 0; i < 4097; i++)
		buf_putc(&body, 'x');
	buf_puts(&body, "\"}");
	buf_putc(&body, '\0');
	browser_send(&browser, "POST", "/login", body.ptr, &reply);
	reply_expect(&reply, 400, "invalid_request");
	reply_free(&reply);
	buf_free(&body);
	for (int i = 0; i < 2; i++)
		password_slots_leave(site.slots, slots[i]);
}

static void
without_a_free_slot_the_login_is_asked_back(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice value;
	int slots[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(password_slots_enter(site.slots, &slots[i]), PT_OK);
	browser_send(&browser, "POST", "/login", "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"}", &reply);
	reply_expect(&reply, 503, "temporarily_unavailable");
	assert_true(reply_header(&reply, "Retry-After", &value));
	assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 0);
	reply_free(&reply);
	/* A person using the form gets a page that says so. */
	browser_ask(&browser, &(struct ask){
		.method = "POST", .path = "/auth/login", .type = "application/x-www-form-urlencoded",
		.body = "username=alice&password=x",
	}, &reply);
	assert_int_equal(reply.status, 503);
	assert_true(contains(buf_slice(&reply.body), "<p role=\"alert\""));
	reply_free(&reply);
	for (int i = 0; i < 2; i++)
		password_slots_leave(site.slots, slots[i]);
	browser_login(&browser, "alice", NULL);
}

static void
a_hash_of_yesterdays_cost_is_remade_at_login(void **state)
{
	struct browser browser = { .site = &site };
	struct user before, after;
	bool found;

	(void)state;
	assert_int_equal(store_user_by_name(site.store, SLICE("alice"), &before, &found), PT_OK);
	site.settings.password_cost.passes = 2;
	browser_login(&browser, "alice", NULL);
	assert_int_equal(store_user_by_name(site.store, SLICE("alice"), &after, &found), PT_OK);
	assert_string_not_equal(after.password_hash, before.password_hash);
	assert_true(contains(slice_of(after.password_hash), "t=2"));
	browser_login(&browser, "alice", NULL);
	assert_int_equal(store_user_by_name(site.store, SLICE("alice"), &before, &found), PT_OK);
	assert_string_equal(after.password_hash, before.password_hash);
}

/* ---- hashes that other programs made ---- */

/* Replaces alice's own hash by this one, as an import does. */
static void
give_alice(const char *hash)
{
	struct store_caller caller = site_caller();
	struct user user;
	enum store_change result;
	bool done;

	assert_int_equal(store_user_by_name(site.store, SLICE("alice"), &user, &done), PT_OK);
	assert_int_equal(store_user_set_password(site.store, &caller, user.number, NULL, hash, 0, &result), PT_OK);
	assert_int_equal(result, CHANGE_DONE);
}

static void
expect_hash_of_alice(const char *begins)
{
	struct user user;
	bool found;

	assert_int_equal(store_user_by_name(site.store, SLICE("alice"), &user, &found), PT_OK);
	assert_true(slice_starts(slice_of(user.password_hash), slice_of(begins)));
}

static int
login_status(const char *body)
{
	struct browser browser = { .site = &site };
	struct reply reply = { 0 };

	browser_send(&browser, "POST", "/login", body, &reply);
	int status = reply.status;

	reply_free(&reply);
	return status;
}

#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static void
a_foreign_hash_is_remade_at_the_first_right_login(void **state)
{
	(void)state;
	/* From Apache's documentation. */
	give_alice("$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/");
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"mypassword\"}"), 401);
	expect_hash_of_alice("$apr1$");
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"myPassword\"}"), 200);
	expect_hash_of_alice("$argon2id$v=19$m=8,t=1,p=1$");
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"mypassword\"}"), 401);
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"myPassword\"}"), 200);
}

/* The bytes that bcrypt ignored may be a typing error: they must not become the password. */
static void
a_password_that_bcrypt_cut_is_not_remade(void **state)
{
	(void)state;
	give_alice("$2y$05$wLXWgIwdVPfIQ.UKqZdAoOUjIl8BKhIHyO61PeZ2hym8dUmIIJjZK");
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"" SEVENTY "ab and a slip\"}"), 200);
	expect_hash_of_alice("$2y$");
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"" SEVENTY "ab\"}"), 200);
	expect_hash_of_alice("$argon2id$");
}

/* The site has two slots of 8 KiB: a hash of 16 takes both; one of 17 can never be checked. */
static void
a_hash_over_the_ceiling_lets_nobody_in(void **state)
{
	const struct password_cost both = { .memory_kib = 16, .passes = 1, .lanes = 1 };
	const struct password_cost more = { .memory_kib = 17, .passes = 1, .lanes = 1 };
	char hash[PASSWORD_HASH_SIZE];
	int slot;

	(void)state;
	assert_int_equal(password_hash(SLICE(SITE_PASSWORD), &both, hash), PT_OK);
	give_alice(hash);
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"}"), 200);
	/* While another login holds one slot it waits, and is asked to come back. */
	assert_int_equal(password_slots_enter(site.slots, &slot), PT_OK);
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"}"), 503);
	password_slots_leave(site.slots, slot);
	assert_int_equal(password_slots_used(site.slots), 0);

	assert_int_equal(password_hash(SLICE(SITE_PASSWORD), &more, hash), PT_OK);
	give_alice(hash);
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"}"), 401);
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"wrong password\"}"), 401);
}

static void
a_hash_of_no_known_form_is_an_error(void **state)
{
	(void)state;
	give_alice("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"U*U U*U U*U\"}"), 500);
}

static struct instant stood_at;
static int looks;

/* A clock at whose second reading, after the hashing, another login remakes the hash. */
static struct instant
clock_of_a_rehash(void)
{
	struct user user;
	char hash[PASSWORD_HASH_SIZE];
	bool found;

	if (++looks != 2)
		return stood_at;
	assert_int_equal(store_user_by_name(site.store, SLICE("alice"), &user, &found), PT_OK);
	assert_int_equal(password_hash(SLICE(SITE_PASSWORD), &site.settings.password_cost, hash), PT_OK);
	assert_int_equal(store_user_rehash(site.store, user.number, user.password_hash, hash), PT_OK);
	return stood_at;
}

static void
a_hash_that_is_remade_meanwhile_turns_nobody_away(void **state)
{
	struct browser browser = { .site = &site };

	(void)state;
	stood_at = clock_now();
	looks = 0;
	clock_set_source(clock_of_a_rehash);
	browser_login(&browser, "alice", NULL);
	assert_true(looks > 2);
	/* Both attempts were one guess, and a right one: all ten tries are left. */
	for (int tries = 0; tries < 10; tries++)
		assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"wrong password\"}"), 401);
	assert_int_equal(login_status("{\"username\":\"alice\",\"password\":\"wrong password\"}"), 429);
}

/* Adds users with the longest possible list of groups until there is no room for another. */
static void
fill_store(void)
{
	struct store_caller caller = site_caller();
	enum pt_err err = PT_OK;

	for (unsigned i = 0; i < 1000 && err == PT_OK; i++) {
		struct user user = { 0 };
		bool added;

		snprintf(user.name, sizeof(user.name), "user%u", i);
		memset(user.groups, 'g', sizeof(user.groups) - 1);
		err = store_user_add(site.store, &caller, &user, &added);
	}
	assert_int_equal(err, PT_ERR_FULL);
}

static void
a_full_store_takes_no_login_and_every_logout(void **state)
{
	struct browser before = { .site = &site }, late = { .site = &site };
	struct reply reply = { 0 };

	(void)state;
	site_close(&site);
	site_open_with(&site, &(struct site_size){ .map_bytes = 1 << 20, .sessions_per_user = 100000 });
	site_add_user(&site, "alice", SITE_PASSWORD);
	browser_login(&before, "alice", NULL);
	fill_store();
	browser_send(&late, "POST", "/login", "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"}", &reply);
	reply_expect(&reply, 503, "temporarily_unavailable");
	assert_string_equal(late.refresh, "");
	reply_free(&reply);
	browser_send(&late, "GET", "/health", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(slice_eq(buf_slice(&reply.body), SLICE("{\"status\":\"ok\",\"login\":false}")));
	reply_free(&reply);
	browser_send(&before, "POST", "/logout", NULL, &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
}

/* ---- forms ---- */

static void
send_form(struct browser *browser, const char *path, const char *body, struct reply *reply)
{
	browser_ask(browser, &(struct ask){
		.method = "POST",
		.path = path,
		.type = "application/x-www-form-urlencoded",
		.body = body,
		.extra = { { "HTTP_SEC_FETCH_SITE", "same-origin" } },
	}, reply);
}

struct form_row {
	const char *name;
	const char *wanted;	/* the escaped value of the field "return" */
	const char *location;
};

static const struct form_row form_rows[] = {
	{ "a local path is gone to", "%2Fapp%2Fpage%3Fa%3D1", "/app/page?a=1" },
	{ "another host is not", "%2F%2Fevil.example%2F", "/auth/" },
	{ "nor in a browser's other spelling of it", "%2F%5Cevil.example", "/auth/" },
	{ "nor by a whole address", "https%3A%2F%2Fevil.example%2F", "/auth/" },
	{ "no line is ended by it", "%2Fa%0D%0ASet-Cookie%3A+x%3Dy", "/auth/" },
	{ "nor by a tab, which browsers drop", "%2F%09%2Fevil.example", "/auth/" },
	{ "nothing is the mount", "", "/auth/" },
	{ "what is no ASCII is escaped", "%2F%C3%A4+b", "/%C3%A4%20b" },
};

static void
a_form_goes_where_the_server_had_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(form_rows) / sizeof(form_rows[0]); i++) {
		struct browser browser = { .site = &site };
		struct reply reply;
		struct slice value;
		char body[256];

		snprintf(body, sizeof(body), "username=alice&password=a+long+enough+password&remember=on&return=%s",
		    form_rows[i].wanted);
		send_form(&browser, "/auth/login", body, &reply);
		assert_int_equal(reply.status, 303);
		assert_true(reply_header(&reply, "Location", &value));
		if (!slice_eq(value, slice_of(form_rows[i].location)))
			fail_msg("%s: %.*s", form_rows[i].name, SLICE_ARG(value));
		assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 2);
		assert_int_equal(reply.body.len, 0);
		reply_free(&reply);
		assert_int_equal(browser_refresh(&browser, NULL), 200);
	}
}

static void
a_failed_form_gets_the_page_again(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice value;

	(void)state;
	send_form(&browser, "/auth/login", "username=%22%3E%3Cscript%3E&password=wrong&return=%2Fapp%3Fa%26b", &reply);
	assert_int_equal(reply.status, 401);
	assert_true(reply_header(&reply, "Content-Type", &value));
	assert_true(slice_eq(value, SLICE("text/html; charset=utf-8")));
	assert_true(contains(buf_slice(&reply.body), "Wrong user name or password."));
	assert_true(contains(buf_slice(&reply.body), "name=\"return\" value=\"/app?a&amp;b\""));
	assert_true(contains(buf_slice(&reply.body), "value=\"&quot;&gt;&lt;script&gt;\""));
	assert_false(contains(buf_slice(&reply.body), "<script>"));
	assert_false(contains(buf_slice(&reply.body), "wrong\""));
	assert_true(reply_header(&reply, "Content-Security-Policy", &value));
	assert_true(contains(value, "frame-ancestors 'none'"));
	assert_false(contains(value, "unsafe-inline"));
	assert_true(reply_header(&reply, "Referrer-Policy", &value));
	assert_true(slice_eq(value, SLICE("same-origin")));
	assert_true(reply_header(&reply, "X-Content-Type-Options", &value));
	reply_free(&reply);
}

static void
a_repeated_field_is_no_login(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;

	(void)state;
	send_form(&browser, "/auth/login", "username=bob&password=a+long+enough+password&username=alice", &reply);
	assert_int_equal(reply.status, 400);
	assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 0);
	reply_free(&reply);
}

/* A malformed form is refused like any other: a person gets the page, a program gets JSON. */
static void
what_is_malformed_is_told_as_every_refusal_is(void **state)
{
	static const char *const paths[] = { "/auth/login", "/auth/password", "/auth/link",
		"/auth/account/rename", "/auth/otp/confirm" };
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice type;

	(void)state;
	browser_login(&browser, "alice", NULL);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		send_form(&browser, paths[i], "new=%zz", &reply);
		assert_int_equal(reply.status, 400);
		assert_true(reply_header(&reply, "Content-Type", &type));
		assert_true(slice_starts(type, SLICE("text/html")));
		assert_true(contains(buf_slice(&reply.body), "role=\"alert\""));
		reply_free(&reply);
		browser_ask(&browser, &(struct ask){ .method = "POST", .path = paths[i],
		    .type = "application/json", .body = "{" }, &reply);
		assert_int_equal(reply.status, 400);
		assert_true(slice_eq(reply_text(&reply, NULL, "error"), SLICE("invalid_request")));
		reply_free(&reply);
	}
}

static void
the_pages_are_there_for_a_browser(void **state)
{
	static const char *const pages[] = { "/auth", "/auth/", "/auth/login", "/auth/logout" };
	struct browser browser = { .site = &site };
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		browser_ask(&browser, &(struct ask){ .method = "GET", .path = pages[i] }, &reply);
		assert_int_equal(reply.status, 200);
		assert_true(contains(buf_slice(&reply.body), "<form method=\"post\""));
		reply_free(&reply);
	}
	browser_login(&browser, "alice", NULL);
	browser_send(&browser, "GET", "/", NULL, &reply);
	assert_true(contains(buf_slice(&reply.body), "<strong>alice</strong>"));
	reply_free(&reply);
}

/* ---- logout ---- */

static void
logout_ends_this_device_and_clears_its_cookie(void **state)
{
	struct browser laptop = { .site = &site }, phone = { .site = &site }, copy;
	const char *reason;
	struct reply reply;

	(void)state;
	browser_login(&laptop, "alice", NULL);
	browser_login(&phone, "alice", NULL);
	copy = laptop;
	browser_send(&laptop, "POST", "/logout", NULL, &reply);
	assert_int_equal(reply.status, 204);
	assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 1);
	assert_true(contains(buf_slice(&reply.head),
	    "Set-Cookie: __Secure-pintle-refresh=; Path=/auth; Max-Age=0; Secure; HttpOnly; SameSite=Strict\r\n"));
	reply_free(&reply);
	assert_string_equal(laptop.refresh, "");
	assert_string_not_equal(laptop.device, "");
	assert_int_equal(browser_refresh(&copy, &reason), 403);
	assert_string_equal(reason, "logout");
	assert_int_equal(browser_refresh(&phone, NULL), 200);
}

static void
logout_without_a_login_is_no_error(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice value;

	(void)state;
	browser_send(&browser, "POST", "/logout", NULL, &reply);
	assert_int_equal(reply.status, 204);
	assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 1);
	reply_free(&reply);
	send_form(&browser, "/auth/logout", "", &reply);
	assert_int_equal(reply.status, 303);
	assert_true(reply_header(&reply, "Location", &value));
	assert_true(slice_eq(value, SLICE("/auth/")));
	reply_free(&reply);
	send_form(&browser, "/auth/logout", "return=%2Fapp%2F", &reply);
	assert_true(reply_header(&reply, "Location", &value));
	assert_true(slice_eq(value, SLICE("/app/")));
	reply_free(&reply);
}

static void
a_spent_token_logs_out_as_well(void **state)
{
	struct browser browser = { .site = &site }, old;
	const char *reason;
	struct reply reply;

	(void)state;
	browser_login(&browser, "alice", NULL);
	old = browser;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(browser_refresh(&browser, NULL), 200);
		site_advance(SITE_HAND_OUT_MS + SITE_QUIET_MS + 1);
	}
	browser_send(&old, "POST", "/logout", NULL, &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
	assert_int_equal(browser_refresh(&browser, &reason), 403);
	assert_string_equal(reason, "logout");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_login_hands_out_an_access_token_that_verifies, begin, end),
		cmocka_unit_test_setup_teardown(the_cookies_have_exactly_their_attributes, begin, end),
		cmocka_unit_test_setup_teardown(the_refresh_cookie_may_be_for_the_whole_host, begin, end),
		cmocka_unit_test_setup_teardown(on_loopback_without_tls_secure_goes_too, begin, end),
		cmocka_unit_test_setup_teardown(a_remembered_cookie_never_outlives_its_session, begin, end),
		cmocka_unit_test_setup_teardown(in_its_last_second_a_session_is_refreshed_and_then_refused, begin, end),
		cmocka_unit_test_setup_teardown(the_device_keeps_its_name_and_a_broken_one_is_replaced, begin, end),
		cmocka_unit_test_setup_teardown(whatever_is_wrong_looks_alike, begin, end),
		cmocka_unit_test_setup_teardown(a_failed_login_is_logged_with_the_name_only_if_it_is_a_users, begin, end),
		cmocka_unit_test_setup_teardown(too_many_tries_are_logged_alike, begin, end),
		cmocka_unit_test_setup_teardown(a_tag_is_read_as_it_is_shown, begin, end),
		cmocka_unit_test_setup_teardown(all_spellings_of_a_name_are_one_user, begin, end),
		cmocka_unit_test_setup_teardown(what_is_malformed_is_told_as_such, begin, end),
		cmocka_unit_test_setup_teardown(a_huge_password_is_refused_before_it_is_hashed, begin, end),
		cmocka_unit_test_setup_teardown(without_a_free_slot_the_login_is_asked_back, begin, end),
		cmocka_unit_test_setup_teardown(a_hash_of_yesterdays_cost_is_remade_at_login, begin, end),
		cmocka_unit_test_setup_teardown(a_foreign_hash_is_remade_at_the_first_right_login, begin, end),
		cmocka_unit_test_setup_teardown(a_password_that_bcrypt_cut_is_not_remade, begin, end),
		cmocka_unit_test_setup_teardown(a_hash_over_the_ceiling_lets_nobody_in, begin, end),
		cmocka_unit_test_setup_teardown(a_hash_of_no_known_form_is_an_error, begin, end),
		cmocka_unit_test_setup_teardown(a_hash_that_is_remade_meanwhile_turns_nobody_away, begin, end),
		cmocka_unit_test_setup_teardown(a_full_store_takes_no_login_and_every_logout, begin, end),
		cmocka_unit_test_setup_teardown(a_form_goes_where_the_server_had_written, begin, end),
		cmocka_unit_test_setup_teardown(a_failed_form_gets_the_page_again, begin, end),
		cmocka_unit_test_setup_teardown(a_repeated_field_is_no_login, begin, end),
		cmocka_unit_test_setup_teardown(what_is_malformed_is_told_as_every_refusal_is, begin, end),
		cmocka_unit_test_setup_teardown(the_pages_are_there_for_a_browser, begin, end),
		cmocka_unit_test_setup_teardown(a_clock_behind_the_keys_lets_nobody_in_and_nobody_out, begin, end),
		cmocka_unit_test_setup_teardown(logout_ends_this_device_and_clears_its_cookie, begin, end),
		cmocka_unit_test_setup_teardown(logout_without_a_login_is_no_error, begin, end),
		cmocka_unit_test_setup_teardown(a_spent_token_logs_out_as_well, begin, end),
	};

	return cmocka_run_group_tests_name("web_login", tests, NULL, NULL);
}
