/* Refreshing over HTTP: the rule's rows as a browser sees them, strangers' cookies, every end. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/rotate.h"
#include "support/site.h"

/* after this time a token is used alone again */
#define REST_MS (SITE_HAND_OUT_MS + SITE_QUIET_MS + 1)

static struct site site;
static uint64_t alice;

static int
begin(void **state)
{
	(void)state;
	site_open(&site);
	alice = site_add_user(&site, "alice", SITE_PASSWORD);
	site_add_user(&site, "mallory", SITE_PASSWORD);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	site_close(&site);
	return 0;
}

static void
refresh(struct browser *browser, struct reply *reply)
{
	browser_send(browser, "POST", "/refresh", NULL, reply);
}

/* A refresh with exactly these cookies, from a browser that stores what it gets. */
static void
refresh_with(struct browser *browser, const char *cookie, struct reply *reply)
{
	browser_ask(browser, &(struct ask){ .method = "POST", .path = "/auth/refresh", .cookie = cookie }, reply);
}

static void
expect_refusal(const struct reply *reply, int status, const char *error, const char *reason)
{
	reply_expect(reply, status, error);
	if (!slice_eq(reply_text(reply, NULL, "reason"), slice_of(reason)))
		fail_msg("reason %.*s, not %s", SLICE_ARG(reply_text(reply, NULL, "reason")), reason);
	assert_int_equal(reply_header_count(reply, "Set-Cookie"), 0);
}

static void
without_a_cookie_nobody_is_known(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice value;

	(void)state;
	refresh(&browser, &reply);
	expect_refusal(&reply, 401, "unauthorized", reason_info(REASON_NO_COOKIE)->name);
	assert_true(reply_header(&reply, "WWW-Authenticate", &value));
	assert_true(slice_eq(value, SLICE("Bearer")));
	reply_free(&reply);
}

/* Keeps the visitor's console free of red lines; a refusal of something sent is never hushed. */
static void
a_stranger_may_ask_quietly(void **state)
{
	static const char forged[] = "__Secure-pintle-refresh=forged; __Host-pintle-device=forged";
	struct browser browser = { .site = &site };
	struct ask ask = { .method = "POST", .path = "/auth/refresh", .extra = { { "HTTP_PREFER", "quiet" } } };
	struct reply reply;

	(void)state;
	browser_ask(&browser, &ask, &reply);
	assert_int_equal(reply.status, 204);
	assert_int_equal(reply.body.len, 0);
	reply_free(&reply);
	ask.cookie = forged;
	browser_ask(&browser, &ask, &reply);
	expect_refusal(&reply, 403, "invalid_refresh_token", reason_info(REASON_BAD_TOKEN)->name);
	reply_free(&reply);
}

static void
what_is_no_token_of_ours_is_invalid(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;

	(void)state;
	browser_login(&browser, "alice", NULL);
	browser.refresh[10] = browser.refresh[10] == 'A' ? 'B' : 'A';
	refresh(&browser, &reply);
	expect_refusal(&reply, 403, "invalid_refresh_token", reason_info(REASON_BAD_TOKEN)->name);
	reply_free(&reply);
	refresh_with(&browser, "__Secure-pintle-refresh=", &reply);
	expect_refusal(&reply, 403, "invalid_refresh_token", reason_info(REASON_BAD_TOKEN)->name);
	reply_free(&reply);
}

static void
the_usual_case_hands_out_another_token(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	char before[BROWSER_COOKIE_SIZE];

	(void)state;
	browser_login(&browser, "alice", NULL);
	for (int i = 0; i < 5; i++) {
		strcpy(before, browser.refresh);
		site_advance(REST_MS);
		refresh(&browser, &reply);
		assert_int_equal(reply.status, 200);
		assert_true(reply_text(&reply, NULL, "access_token").len > 0);
		assert_true(slice_eq(reply_text(&reply, "user", "name"), SLICE("alice")));
		assert_string_not_equal(browser.refresh, before);
		reply_free(&reply);
	}
}

static void
a_burst_of_tabs_gets_tokens_then_access_alone_then_a_move(void **state)
{
	struct browser browser = { .site = &site }, tab;
	struct reply reply;
	int64_t expires_in = 0;

	(void)state;
	browser_login(&browser, "alice", NULL);
	tab = browser;
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	for (int i = 0; i < 8; i++) {
		struct browser other = tab;

		refresh(&other, &reply);
		assert_int_equal(reply.status, 200);
		/* The cookie of the token and that of the device. */
		assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 2);
		reply_free(&reply);
	}
	site_advance(SITE_HAND_OUT_MS + 1);
	refresh(&tab, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 0);
	assert_true(json_get_integer(reply.json, "expires_in", &expires_in));
	assert_int_equal(expires_in, SITE_HAND_OUT_MS / 1000);
	reply_free(&reply);
	/* For this tab, the answers that carried its successor were lost. */
	site_advance(SITE_QUIET_MS);
	refresh(&tab, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 2);
	reply_free(&reply);
}

static void
a_spent_token_ends_its_session_and_no_other(void **state)
{
	struct browser victim = { .site = &site }, phone = { .site = &site }, thief;
	struct reply reply;

	(void)state;
	browser_login(&victim, "alice", NULL);
	browser_login(&phone, "alice", NULL);
	thief = victim;
	assert_int_equal(browser_refresh(&victim, NULL), 200);
	site_advance(REST_MS);
	assert_int_equal(browser_refresh(&victim, NULL), 200);
	refresh(&thief, &reply);
	expect_refusal(&reply, 403, "refresh_token_reused", reason_info(REASON_REUSED)->name);
	reply_free(&reply);
	refresh(&victim, &reply);
	expect_refusal(&reply, 403, reason_info(REASON_REUSED)->error, reason_info(REASON_REUSED)->name);
	reply_free(&reply);
	assert_int_equal(browser_refresh(&phone, NULL), 200);
}

static bool
nobody_waits(void *ctx)
{
	(void)ctx;
	return false;
}

static void
a_refresh_that_nobody_waits_for_changes_nothing(void **state)
{
	static const struct ask late[] = {
		{ .method = "POST", .path = "/auth/refresh", .peer_waits = nobody_waits },
		{ .method = "POST", .path = "/auth/refresh", .waited_ms = SITE_QUIET_MS / 2 + 1 },
		{ .method = "GET", .path = "/auth/me", .waited_ms = SITE_QUIET_MS / 2 + 1 },
	};
	struct browser browser = { .site = &site };
	struct session before, after;
	struct user user;
	enum reason standing;
	struct reply reply;
	char sid[ID_SIZE];
	bool found;

	(void)state;
	browser_login(&browser, "alice", NULL);
	browser_send(&browser, "GET", "/me", NULL, &reply);
	assert_true(slice_copy(reply_text(&reply, "session", "id"), sid, sizeof(sid)));
	reply_free(&reply);
	assert_int_equal(store_session_by_sid(site.store, clock_now(), slice_of(sid), &before, &user, &standing, &found), PT_OK);
	for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++) {
		browser_ask(&browser, &late[i], &reply);
		reply_expect(&reply, 503, "temporarily_unavailable");
		assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 0);
		reply_free(&reply);
	}
	assert_int_equal(store_session_by_sid(site.store, clock_now(), slice_of(sid), &after, &user, &standing, &found), PT_OK);
	assert_int_equal(after.moves, before.moves);
	assert_int_equal(after.rotation.next_serial, before.rotation.next_serial);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
}

/* ---- cookies that a stranger planted ---- */

/* Refreshes with these two refresh cookies, in this order, and expects this user's name. */
static void
expect_user(struct browser *browser, const char *name, const char *first, const char *second)
{
	char cookie[1024];
	struct reply reply;

	snprintf(cookie, sizeof(cookie), "__Secure-pintle-refresh=%s; __Secure-pintle-refresh=%s; __Host-pintle-device=%s",
	    first, second, browser->device);
	refresh_with(browser, cookie, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(slice_eq(reply_text(&reply, "user", "name"), slice_of(name)));
	reply_free(&reply);
}

static void
a_planted_cookie_makes_nobody_somebody_else(void **state)
{
	struct browser victim = { .site = &site }, mallory = { .site = &site };
	struct reply reply;
	char cookie[1024];

	(void)state;
	browser_login(&victim, "alice", NULL);
	browser_login(&mallory, "mallory", NULL);
	/* Alone, before the victim has a session: with the victim's device, and without any. */
	snprintf(cookie, sizeof(cookie), "__Secure-pintle-refresh=%s; __Host-pintle-device=%s", mallory.refresh, victim.device);
	refresh_with(&victim, cookie, &reply);
	expect_refusal(&reply, 403, "invalid_refresh_token", reason_info(REASON_FOREIGN_DEVICE)->name);
	reply_free(&reply);
	snprintf(cookie, sizeof(cookie), "__Secure-pintle-refresh=%s", mallory.refresh);
	refresh_with(&victim, cookie, &reply);
	expect_refusal(&reply, 403, "invalid_refresh_token", reason_info(REASON_FOREIGN_DEVICE)->name);
	reply_free(&reply);
	/* Beside the victim's own, before it and after it. */
	expect_user(&victim, "alice", mallory.refresh, victim.refresh);
	expect_user(&victim, "alice", victim.refresh, mallory.refresh);
	/* And no session has suffered. */
	site_advance(REST_MS);
	assert_int_equal(browser_refresh(&victim, NULL), 200);
	assert_int_equal(browser_refresh(&mallory, NULL), 200);
}

static void
a_planted_spent_cookie_raises_no_alarm(void **state)
{
	struct browser victim = { .site = &site }, mallory = { .site = &site }, spent;

	(void)state;
	browser_login(&victim, "alice", NULL);
	browser_login(&mallory, "mallory", NULL);
	spent = mallory;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(browser_refresh(&mallory, NULL), 200);
		site_advance(REST_MS);
	}
	expect_user(&victim, "alice", spent.refresh, victim.refresh);
	assert_int_equal(browser_refresh(&mallory, NULL), 200);
}

static void
a_planted_cookie_is_not_signed_in_at_the_other_endpoints(void **state)
{
	static const char *const paths[] = { "/auth/me", "/auth/sessions" };
	struct browser victim = { .site = &site }, mallory = { .site = &site };
	struct reply reply;
	char cookie[1024];

	(void)state;
	browser_login(&victim, "alice", NULL);
	browser_login(&mallory, "mallory", NULL);
	snprintf(cookie, sizeof(cookie), "__Secure-pintle-refresh=%s; __Host-pintle-device=%s", mallory.refresh, victim.device);
	for (size_t i = 0; i < 2; i++) {
		browser_ask(&victim, &(struct ask){ .method = "GET", .path = paths[i], .cookie = cookie }, &reply);
		reply_expect(&reply, 401, "unauthorized");
		reply_free(&reply);
	}
	/* A logout with it does not end the stranger's session. */
	browser_ask(&victim, &(struct ask){ .method = "POST", .path = "/auth/logout", .cookie = cookie }, &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
	assert_int_equal(browser_refresh(&mallory, NULL), 200);
}

static void
a_login_beside_a_planted_cookie_is_ones_own(void **state)
{
	struct browser victim = { .site = &site }, mallory = { .site = &site };
	struct reply reply;
	char cookie[1024], before[BROWSER_COOKIE_SIZE];

	(void)state;
	browser_login(&victim, "alice", NULL);
	strcpy(before, victim.device);
	browser_login(&mallory, "mallory", NULL);
	snprintf(cookie, sizeof(cookie), "__Secure-pintle-refresh=%s; __Host-pintle-device=%s", mallory.refresh, victim.device);
	browser_ask(&victim, &(struct ask){
		.method = "POST", .path = "/auth/login", .cookie = cookie, .type = "application/json",
		.body = "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"}",
	}, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(slice_eq(reply_text(&reply, "user", "name"), SLICE("alice")));
	reply_free(&reply);
	assert_string_equal(victim.device, before);
	assert_int_equal(browser_refresh(&victim, NULL), 200);
	assert_int_equal(browser_refresh(&mallory, NULL), 200);
}

/* ---- a second login in the same browser ---- */

/* Only an access token, and no cookie that could replace another answer's. */
static void
expect_settling(struct browser *browser)
{
	struct reply reply;

	refresh(browser, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 0);
	reply_free(&reply);
}

static void
a_late_answer_for_the_old_login_does_not_harm_the_new_one(void **state)
{
	struct browser browser = { .site = &site }, old;
	struct reply reply;

	(void)state;
	browser_login(&browser, "alice", NULL);
	old = browser;
	browser_login(&browser, "alice", NULL);
	expect_settling(&old);
	expect_settling(&browser);
	site_advance(SITE_QUIET_MS);
	expect_settling(&old);
	expect_settling(&browser);
	site_advance(1);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	refresh(&old, &reply);
	expect_refusal(&reply, 403, reason_info(REASON_REPLACED)->error, reason_info(REASON_REPLACED)->name);
	reply_free(&reply);
	site_advance(REST_MS);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
}

/* Short periods are for tests; rounding to seconds must not make a token that is born dead. */
static void
a_token_of_a_short_hand_out_lives_for_a_second(void **state)
{
	struct browser browser = { .site = &site };

	(void)state;
	site.settings.periods.hand_out_ms = 300;
	browser_login(&browser, "alice", NULL);
	browser_login(&browser, "alice", NULL);
	for (int at = 0; at < 1000; at += 333) {
		struct buf header = BUF_EMPTY;
		int64_t expires_in = 0;
		struct reply reply;

		refresh(&browser, &reply);
		assert_int_equal(reply.status, 200);
		assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 0);
		assert_true(json_get_integer(reply.json, "expires_in", &expires_in));
		assert_int_equal(expires_in, 1);
		buf_printf(&header, "Bearer %.*s", SLICE_ARG(reply_text(&reply, NULL, "access_token")));
		buf_putc(&header, '\0');
		reply_free(&reply);
		const struct ask ask = { .method = "GET", .path = "/auth/me", .authorization = header.ptr };
		struct browser service = { .site = &site };

		site_advance(999);
		browser_ask(&service, &ask, &reply);
		assert_int_equal(reply.status, 200);
		reply_free(&reply);
		site_advance(1001);
		browser_ask(&service, &ask, &reply);
		assert_int_equal(reply.status, 401);
		reply_free(&reply);
		buf_free(&header);
		site_advance(333);
	}
}

static void
a_login_whose_answer_was_lost_signs_nobody_out(void **state)
{
	struct browser browser = { .site = &site }, lost;

	(void)state;
	browser_login(&browser, "alice", NULL);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	for (int i = 0; i < 2 * SETTLING_BROWSER_MAX; i++) {
		lost = browser;
		browser_login(&lost, "alice", NULL);
		site_advance(SITE_QUIET_MS / 2);
	}
	expect_settling(&browser);
	for (int i = 0; i < 4; i++) {
		site_advance(REST_MS);
		assert_int_equal(browser_refresh(&browser, NULL), 200);
	}
}

/*
 * Each answer brings its own device. If a refresh of the first session is answered after the second
 * login, the browser must not end up with the token of one beside the device of the other.
 */
static void
of_two_first_logins_at_one_instant_either_is_kept(void **state)
{
	struct browser first = { .site = &site }, second = { .site = &site }, sent;
	struct buf named = BUF_EMPTY;
	struct reply reply;

	(void)state;
	browser_login(&first, "alice", NULL);
	browser_login(&second, "alice", NULL);
	sent = first;
	refresh(&sent, &reply);
	assert_int_equal(reply.status, 200);
	buf_printf(&named, "Set-Cookie: __Host-pintle-device=%s; ", first.device);
	assert_non_null(memmem(reply.head.ptr, reply.head.len, named.ptr, named.len));
	buf_free(&named);
	reply_free(&reply);
	site_advance(REST_MS);
	assert_int_equal(browser_refresh(&sent, NULL), 200);
	assert_int_equal(browser_refresh(&second, NULL), 200);
}

static void
of_two_own_cookies_the_newer_login_is_refreshed(void **state)
{
	struct browser browser = { .site = &site }, old;

	(void)state;
	browser_login(&browser, "alice", NULL);
	old = browser;
	browser_login(&browser, "alice", NULL);
	expect_user(&browser, "alice", old.refresh, browser.refresh);
	site_advance(REST_MS);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
}

/* ---- the ends of a session ---- */

static void
a_disabled_users_sessions_are_dead_and_stay_dead(void **state)
{
	struct browser laptop = { .site = &site }, phone = { .site = &site };
	struct buf token = BUF_EMPTY, header = BUF_EMPTY;
	struct reply reply;

	(void)state;
	browser_login(&laptop, "alice", &token);
	browser_login(&phone, "alice", NULL);
	site_disable_user(&site, alice, true);
	refresh(&laptop, &reply);
	expect_refusal(&reply, 403, "user_disabled", reason_info(REASON_USER_DISABLED)->name);
	reply_free(&reply);
	buf_printf(&header, "Bearer %.*s", SLICE_ARG(buf_slice(&token)));
	buf_putc(&header, '\0');
	browser_ask(&laptop, &(struct ask){ .method = "GET", .path = "/auth/me", .authorization = header.ptr }, &reply);
	reply_expect(&reply, 401, "invalid_token");
	reply_free(&reply);
	site_disable_user(&site, alice, false);
	assert_int_equal(browser_refresh(&laptop, NULL), 403);
	assert_int_equal(browser_refresh(&phone, NULL), 403);
	browser_login(&laptop, "alice", NULL);
	buf_free(&token);
	buf_free(&header);
}

static void
the_least_used_session_goes_where_there_are_too_many(void **state)
{
	struct browser browsers[6];
	const char *reason;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		browsers[i] = (struct browser){ .site = &site };
		/* the first is used again, so the second is now the least recently used */
		if (i == 5)
			assert_int_equal(browser_refresh(&browsers[0], NULL), 200);
		browser_login(&browsers[i], "alice", NULL);
		site_advance(1000);
	}
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(browser_refresh(&browsers[i], &reason), i == 1 ? 403 : 200);
		assert_string_equal(reason, i == 1 ? reason_info(REASON_SESSION_CAP)->name : "");
	}
}

static void
a_session_that_is_not_used_ends(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;

	(void)state;
	browser_login(&browser, "alice", NULL);
	site_advance(24 * SITE_HOUR_MS - 1000);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	site_advance(24 * SITE_HOUR_MS);
	refresh(&browser, &reply);
	expect_refusal(&reply, 403, "session_expired", reason_info(REASON_IDLE)->name);
	reply_free(&reply);
}

static void
no_use_moves_the_absolute_end(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	int64_t expires_in = 0;

	(void)state;
	browser_login(&browser, "alice", NULL);
	for (int i = 0; i < 90 * 2 - 1; i++) {
		site_advance(12 * SITE_HOUR_MS);
		assert_int_equal(browser_refresh(&browser, NULL), 200);
	}
	/* An access token ends with its session, however short its life becomes. */
	site_advance(12 * SITE_HOUR_MS - 100000);
	refresh(&browser, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(json_get_integer(reply.json, "expires_in", &expires_in));
	assert_int_equal(expires_in, 100);
	reply_free(&reply);
	site_advance(100000);
	refresh(&browser, &reply);
	expect_refusal(&reply, 403, "session_expired", reason_info(REASON_ABSOLUTE)->name);
	reply_free(&reply);
}

static void
looking_around_does_not_rotate(void **state)
{
	struct browser browser = { .site = &site }, copy;
	struct reply reply;

	(void)state;
	browser_login(&browser, "alice", NULL);
	copy = browser;
	for (int i = 0; i < 3; i++) {
		site_advance(REST_MS);
		browser_send(&browser, "GET", "/me", NULL, &reply);
		assert_int_equal(reply.status, 200);
		assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 0);
		reply_free(&reply);
	}
	assert_string_equal(browser.refresh, copy.refresh);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
}

static void
a_spent_token_is_spent_wherever_it_is_shown(void **state)
{
	struct browser victim = { .site = &site }, thief;
	struct reply reply;
	const char *reason;

	(void)state;
	browser_login(&victim, "alice", NULL);
	thief = victim;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(browser_refresh(&victim, NULL), 200);
		site_advance(REST_MS);
	}
	browser_send(&thief, "GET", "/me", NULL, &reply);
	reply_expect(&reply, 401, "unauthorized");
	assert_true(slice_eq(reply_text(&reply, NULL, "reason"), slice_of(reason_info(REASON_REUSED)->name)));
	reply_free(&reply);
	assert_int_equal(browser_refresh(&victim, &reason), 403);
	assert_string_equal(reason, reason_info(REASON_REUSED)->name);
}

static bool
count_event(const struct event *event, void *ctx)
{
	assert_int_equal(event->kind, EVENT_REFRESH_REFUSED);
	++*(unsigned *)ctx;
	return true;
}

static unsigned
refusals_told(void)
{
	const struct store_event_filter filter = { .kind = EVENT_REFRESH_REFUSED };
	unsigned count = 0;

	assert_int_equal(store_event_each(site.store, &filter, count_event, &count), PT_OK);
	return count;
}

static void
the_audit_log_is_told_of_refusals_and_not_flooded_by_them(void **state)
{
	struct browser browser = { .site = &site }, late, stranger = { .site = &site }, other;
	struct reply reply;
	char cookie[4 * BROWSER_COOKIE_SIZE];

	(void)state;
	/* Nobody's: no cookie, and no token of ours. */
	assert_int_equal(browser_refresh(&stranger, NULL), 401);
	browser_login(&stranger, "mallory", NULL);
	stranger.refresh[10] = stranger.refresh[10] == 'A' ? 'B' : 'A';
	assert_int_equal(browser_refresh(&stranger, NULL), 403);
	assert_int_equal(refusals_told(), 0);
	browser_login(&browser, "alice", NULL);
	late = browser;
	browser_send(&browser, "POST", "/logout", NULL, &reply);
	reply_free(&reply);
	for (int i = 0; i < 100; i++)
		assert_int_equal(browser_refresh(&late, NULL), 403);
	assert_int_equal(refusals_told(), 1);
	/* Several cookies, none of them good. */
	other = late;
	browser_login(&other, "alice", NULL);
	snprintf(cookie, sizeof(cookie), "__Secure-pintle-refresh=%s; __Secure-pintle-refresh=%s; __Host-pintle-device=%s",
	    other.refresh, late.refresh, other.device);
	browser_send(&other, "POST", "/logout", NULL, &reply);
	reply_free(&reply);
	for (int i = 0; i < 3; i++) {
		refresh_with(&late, cookie, &reply);
		expect_refusal(&reply, 403, "session_revoked", reason_info(REASON_LOGOUT)->name);
		reply_free(&reply);
	}
	assert_int_equal(refusals_told(), 2);
	/* The end of a session is logged once, as an end. */
	other.refresh[0] = '\0';
	browser_login(&other, "alice", NULL);
	snprintf(cookie, sizeof(cookie), "__Secure-pintle-refresh=%s; __Secure-pintle-refresh=%s; __Host-pintle-device=%s",
	    other.refresh, late.refresh, other.device);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(browser_refresh(&other, NULL), 200);
		site_advance(REST_MS);
	}
	refresh_with(&late, cookie, &reply);
	expect_refusal(&reply, 403, "refresh_token_reused", reason_info(REASON_REUSED)->name);
	reply_free(&reply);
	assert_int_equal(refusals_told(), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_a_cookie_nobody_is_known, begin, end),
		cmocka_unit_test_setup_teardown(a_stranger_may_ask_quietly, begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_token_of_ours_is_invalid, begin, end),
		cmocka_unit_test_setup_teardown(the_usual_case_hands_out_another_token, begin, end),
		cmocka_unit_test_setup_teardown(a_burst_of_tabs_gets_tokens_then_access_alone_then_a_move, begin, end),
		cmocka_unit_test_setup_teardown(a_spent_token_ends_its_session_and_no_other, begin, end),
		cmocka_unit_test_setup_teardown(a_refresh_that_nobody_waits_for_changes_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_planted_cookie_makes_nobody_somebody_else, begin, end),
		cmocka_unit_test_setup_teardown(a_planted_spent_cookie_raises_no_alarm, begin, end),
		cmocka_unit_test_setup_teardown(a_planted_cookie_is_not_signed_in_at_the_other_endpoints, begin, end),
		cmocka_unit_test_setup_teardown(a_login_beside_a_planted_cookie_is_ones_own, begin, end),
		cmocka_unit_test_setup_teardown(a_late_answer_for_the_old_login_does_not_harm_the_new_one, begin, end),
		cmocka_unit_test_setup_teardown(a_token_of_a_short_hand_out_lives_for_a_second, begin, end),
		cmocka_unit_test_setup_teardown(a_login_whose_answer_was_lost_signs_nobody_out, begin, end),
		cmocka_unit_test_setup_teardown(of_two_first_logins_at_one_instant_either_is_kept, begin, end),
		cmocka_unit_test_setup_teardown(of_two_own_cookies_the_newer_login_is_refreshed, begin, end),
		cmocka_unit_test_setup_teardown(a_disabled_users_sessions_are_dead_and_stay_dead, begin, end),
		cmocka_unit_test_setup_teardown(the_least_used_session_goes_where_there_are_too_many, begin, end),
		cmocka_unit_test_setup_teardown(a_session_that_is_not_used_ends, begin, end),
		cmocka_unit_test_setup_teardown(no_use_moves_the_absolute_end, begin, end),
		cmocka_unit_test_setup_teardown(looking_around_does_not_rotate, begin, end),
		cmocka_unit_test_setup_teardown(a_spent_token_is_spent_wherever_it_is_shown, begin, end),
		cmocka_unit_test_setup_teardown(the_audit_log_is_told_of_refusals_and_not_flooded_by_them, begin, end),
	};

	return cmocka_run_group_tests_name("web_refresh", tests, NULL, NULL);
}
