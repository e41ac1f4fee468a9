/* The device list, what may be done with it, and changing a password. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/reason.h"
#include "support/site.h"

#define NEW_PASSWORD "quite another password"

static struct site site;

static int
begin(void **state)
{
	(void)state;
	site_open(&site);
	site_add_user(&site, "alice", SITE_PASSWORD);
	site_add_user(&site, "bob", SITE_PASSWORD);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	site_close(&site);
	return 0;
}

/* The id of the browser's own session. */
static void
own_id(struct browser *browser, char out[ID_SIZE])
{
	struct reply reply;

	browser_send(browser, "GET", "/me", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(slice_copy(reply_text(&reply, "session", "id"), out, ID_SIZE));
	reply_free(&reply);
}

static int
send_to_session(struct browser *browser, const char *method, const char *id, const char *body)
{
	struct reply reply;
	char path[64];
	int status;

	snprintf(path, sizeof(path), "/sessions/%s", id);
	browser_send(browser, method, path, body, &reply);
	status = reply.status;
	reply_free(&reply);
	return status;
}

static struct slice
member(const struct json *object, const char *name)
{
	struct slice value = { NULL, 0 };

	json_get_string(object, name, &value);
	return value;
}

static void
the_list_shows_each_device_and_marks_ones_own(void **state)
{
	struct browser laptop = { .site = &site }, phone = { .site = &site, .address = "2001:db8::7" };
	struct browser bob = { .site = &site };
	struct reply reply;
	char laptop_id[ID_SIZE], phone_id[ID_SIZE];
	bool current = false;

	(void)state;
	browser_login(&laptop, "alice", NULL);
	site_advance(61000);
	browser_login(&phone, "alice", NULL);
	browser_login(&bob, "bob", NULL);
	own_id(&laptop, laptop_id);
	own_id(&phone, phone_id);
	browser_send(&phone, "GET", "/sessions", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_array_len(reply.json, "sessions"), 2);
	const struct json *first = json_array_object(reply.json, "sessions", 0);
	const struct json *second = json_array_object(reply.json, "sessions", 1);

	assert_true(slice_eq(member(first, "id"), slice_of(phone_id)));
	assert_true(slice_eq(member(first, "ip"), SLICE("2001:db8::7")));
	assert_true(slice_eq(member(first, "user_agent"), SLICE("Test/1.0")));
	assert_true(json_get_bool(first, "current", &current) && current);
	assert_true(slice_eq(member(second, "id"), slice_of(laptop_id)));
	assert_true(json_get_bool(second, "current", &current) && !current);
	reply_free(&reply);
}

static void
anothers_last_use_is_shown_to_the_hour(void **state)
{
	struct browser laptop = { .site = &site }, phone = { .site = &site }, tablet = { .site = &site };
	struct reply reply;
	struct slice seen, ends;
	char now[CLOCK_TEXT_SIZE];
	unsigned older = 0;

	(void)state;
	browser_login(&laptop, "alice", NULL);
	browser_login(&phone, "alice", NULL);
	site_advance(SITE_HOUR_MS - site_now_ms() % SITE_HOUR_MS + 754000);
	browser_login(&tablet, "alice", NULL);
	assert_int_equal(browser_refresh(&laptop, NULL), 200);
	assert_int_equal(browser_refresh(&phone, NULL), 200);
	clock_format(site_now_ms(), now);
	browser_send(&laptop, "GET", "/sessions", NULL, &reply);
	assert_int_equal(json_array_len(reply.json, "sessions"), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct json *session = json_array_object(reply.json, "sessions", i);
		bool current = false;

		assert_true(json_get_bool(session, "current", &current));
		seen = member(session, "last_seen_at");
		ends = member(session, "expires_at");
		assert_int_equal(seen.len, 20);
		/* A session that began within this hour was not used before that. */
		if (current || slice_eq(member(session, "created_at"), slice_of(now))) {
			assert_true(slice_eq(seen, slice_of(now)));
			continue;
		}
		older++;
		/* The end would reveal the last use, so it is equally coarse. */
		assert_true(slice_eq(slice_skip(seen, 13), SLICE(":00:00Z")));
		assert_true(slice_eq(slice_skip(ends, 13), SLICE(":00:00Z")));
	}
	assert_int_equal(older, 1);
	reply_free(&reply);
}

static void
a_device_gets_a_name(void **state)
{
	struct browser browser = { .site = &site }, bob = { .site = &site };
	struct reply reply;
	char id[ID_SIZE], path[64];

	(void)state;
	browser_login(&browser, "alice", NULL);
	browser_login(&bob, "bob", NULL);
	own_id(&browser, id);
	snprintf(path, sizeof(path), "/sessions/%s", id);
	browser_send(&browser, "PATCH", path, "{\"device\":\"K\\u00fcche\"}", &reply);
	assert_int_equal(reply.status, 200);
	assert_true(slice_eq(reply_text(&reply, NULL, "device"), SLICE("K\xc3\xbc" "che")));
	reply_free(&reply);
	assert_int_equal(send_to_session(&browser, "PATCH", id, "{\"device\":\"a\\nb\"}"), 400);
	assert_int_equal(send_to_session(&browser, "PATCH", id, "{\"device\":7}"), 400);
	assert_int_equal(send_to_session(&browser, "PATCH", id, "{}"), 400);
	assert_int_equal(send_to_session(&bob, "PATCH", id, "{\"device\":\"mine\"}"), 404);
	assert_int_equal(send_to_session(&browser, "PATCH", "AAAAAAAAAAAAAAAAAAAAAA", "{\"device\":\"x\"}"), 404);
}

static void
one_device_is_logged_out_and_the_other_lives_on(void **state)
{
	struct browser laptop = { .site = &site }, phone = { .site = &site };
	struct buf token = BUF_EMPTY, header = BUF_EMPTY;
	struct reply reply;
	struct slice value;
	const char *reason;
	char id[ID_SIZE];

	(void)state;
	browser_login(&laptop, "alice", NULL);
	browser_login(&phone, "alice", &token);
	own_id(&phone, id);
	assert_int_equal(send_to_session(&laptop, "DELETE", id, NULL), 204);
	assert_int_equal(send_to_session(&laptop, "DELETE", id, NULL), 404);
	assert_int_equal(browser_refresh(&phone, &reason), 403);
	assert_string_equal(reason, reason_info(REASON_LOGOUT_ELSEWHERE)->name);
	assert_int_equal(browser_refresh(&laptop, NULL), 200);
	/* Its access token has minutes to live, but is refused here already. */
	buf_printf(&header, "bearer %.*s", SLICE_ARG(buf_slice(&token)));
	buf_putc(&header, '\0');
	browser_ask(&laptop, &(struct ask){ .method = "GET", .path = "/auth/sessions", .authorization = header.ptr }, &reply);
	reply_expect(&reply, 401, "invalid_token");
	assert_true(reply_header(&reply, "WWW-Authenticate", &value));
	assert_true(slice_eq(value, SLICE("Bearer error=\"invalid_token\"")));
	reply_free(&reply);
	buf_free(&token);
	buf_free(&header);
}

static void
nobody_ends_anothers_session(void **state)
{
	struct browser browser = { .site = &site }, bob = { .site = &site };
	char id[ID_SIZE];

	(void)state;
	browser_login(&browser, "alice", NULL);
	browser_login(&bob, "bob", NULL);
	own_id(&browser, id);
	assert_int_equal(send_to_session(&bob, "DELETE", id, NULL), 404);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
}

static int
end_all(struct browser *browser, const char *query)
{
	struct reply reply;
	int status;

	browser_ask(browser, &(struct ask){ .method = "DELETE", .path = "/auth/sessions", .query = query }, &reply);
	status = reply.status;
	reply_free(&reply);
	return status;
}

/* An unknown parameter in a query may have been meant to spare something. */
static void
what_destroys_takes_no_parameter_that_it_does_not_know(void **state)
{
	static const struct {
		const char *method, *path, *body;
	} requests[] = {
		{ "DELETE", "/auth/sessions", NULL }, { "DELETE", "/auth/otp", "{}" }, { "POST", "/auth/otp", "{}" },
		{ "POST", "/auth/otp/confirm", "{}" }, { "POST", "/auth/otp/recovery", "{}" },
		{ "POST", "/auth/account/sign-out", NULL }, { "POST", "/auth/account/otp-remove", NULL },
		{ "POST", "/auth/password", "{\"current\":\"" SITE_PASSWORD "\",\"new\":\"" NEW_PASSWORD "\"}" },
		{ "POST", "/auth/link", "{}" }, { "POST", "/auth/revoke", NULL },
	};
	static const char *const queries[] = {
		"keep[]=current", "keep%5B%5D=current", "Keep=current", "keep=current&force", "x=1", "&&a", "=", "keep=%",
	};
	struct browser laptop = { .site = &site }, phone = { .site = &site };
	char id[ID_SIZE], path[64];

	(void)state;
	browser_login(&laptop, "alice", NULL);
	browser_login(&phone, "alice", NULL);
	own_id(&phone, id);
	snprintf(path, sizeof(path), "/auth/sessions/%s", id);
	for (size_t i = 0; i <= sizeof(requests) / sizeof(requests[0]); i++) {
		for (size_t j = 0; j < sizeof(queries) / sizeof(queries[0]); j++) {
			const bool one = i == sizeof(requests) / sizeof(requests[0]);
			const char *body = one ? NULL : requests[i].body;
			struct ask ask = {
				.method = one ? "DELETE" : requests[i].method, .path = one ? path : requests[i].path,
				.query = queries[j], .body = body, .type = body ? "application/json" : NULL,
			};
			struct reply reply;

			browser_ask(&laptop, &ask, &reply);
			if (reply.status != 400)
				fail_msg("%s %s?%s: %d", ask.method, ask.path, ask.query, reply.status);
			reply_free(&reply);
		}
	}
	assert_int_equal(browser_refresh(&phone, NULL), 200);
	assert_int_equal(browser_refresh(&laptop, NULL), 200);
}

/* A logout is done whatever else the request says: it can end no more than it is asked to. */
static void
a_logout_is_done_whatever_its_query_says(void **state)
{
	struct browser browser = { .site = &site }, kept;
	struct reply reply;

	(void)state;
	browser_login(&browser, "alice", NULL);
	kept = browser;
	browser_ask(&browser, &(struct ask){ .method = "POST", .path = "/auth/logout", .query = "_=1&keep[]=x" }, &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
	assert_int_equal(browser_refresh(&kept, NULL), 403);
}

static void
everywhere_is_everywhere_or_everywhere_else(void **state)
{
	struct browser laptop = { .site = &site }, phone = { .site = &site }, bob = { .site = &site };

	(void)state;
	browser_login(&laptop, "alice", NULL);
	browser_login(&phone, "alice", NULL);
	browser_login(&bob, "bob", NULL);
	assert_int_equal(end_all(&laptop, "keep=Current"), 400);
	assert_int_equal(end_all(&laptop, "keep=current&keep=current"), 400);
	assert_int_equal(end_all(&laptop, "keep=%"), 400);
	assert_int_equal(browser_refresh(&phone, NULL), 200);
	assert_int_equal(end_all(&laptop, "keep=current"), 204);
	assert_int_equal(browser_refresh(&phone, NULL), 403);
	assert_int_equal(browser_refresh(&laptop, NULL), 200);
	assert_int_equal(end_all(&laptop, NULL), 204);
	assert_int_equal(browser_refresh(&laptop, NULL), 403);
	assert_int_equal(end_all(&laptop, NULL), 401);
	assert_int_equal(browser_refresh(&bob, NULL), 200);
}

static void
an_access_token_alone_is_enough(void **state)
{
	struct browser browser = { .site = &site }, service = { .site = &site };
	struct buf token = BUF_EMPTY, header = BUF_EMPTY;
	struct reply reply;

	(void)state;
	browser_login(&browser, "alice", &token);
	buf_printf(&header, "Bearer %.*s", SLICE_ARG(buf_slice(&token)));
	buf_putc(&header, '\0');
	const struct ask ask = { .method = "GET", .path = "/auth/me", .authorization = header.ptr };

	browser_ask(&service, &ask, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(slice_eq(reply_text(&reply, "user", "name"), SLICE("alice")));
	struct slice amr = { NULL, 0 };

	assert_true(json_array_string(reply.json, "amr", 0, &amr));
	assert_true(slice_eq(amr, SLICE("pwd")));
	assert_int_equal(reply_text(&reply, NULL, "auth_time").len, 20);
	reply_free(&reply);
	site_advance(600000);
	browser_ask(&service, &ask, &reply);
	reply_expect(&reply, 401, "invalid_token");
	reply_free(&reply);
	buf_free(&token);
	buf_free(&header);
}

/* ---- the password ---- */

static void
a_new_password_ends_every_other_session(void **state)
{
	struct browser laptop = { .site = &site }, phone = { .site = &site };
	const char *reason;
	struct reply reply;

	(void)state;
	browser_login(&laptop, "alice", NULL);
	browser_login(&phone, "alice", NULL);
	browser_send(&laptop, "POST", "/password",
	    "{\"current\":\"" SITE_PASSWORD "\",\"new\":\"" NEW_PASSWORD "\"}", &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
	assert_int_equal(browser_refresh(&phone, &reason), 403);
	assert_string_equal(reason, reason_info(REASON_PASSWORD_CHANGED)->name);
	assert_int_equal(browser_refresh(&laptop, NULL), 200);
	browser_send(&phone, "POST", "/login", "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"}", &reply);
	reply_expect(&reply, 401, "invalid_credentials");
	reply_free(&reply);
	browser_send(&phone, "POST", "/login", "{\"username\":\"alice\",\"password\":\"" NEW_PASSWORD "\"}", &reply);
	assert_int_equal(reply.status, 200);
	reply_free(&reply);
}

struct password_row {
	const char *name;
	const char *body;
	int status;
	const char *error;
};

static const struct password_row password_rows[] = {
	{ "the current one is wrong", "{\"current\":\"not this one\",\"new\":\"" NEW_PASSWORD "\"}", 403, "invalid_credentials" },
	{ "the current one is empty", "{\"current\":\"\",\"new\":\"" NEW_PASSWORD "\"}", 403, "invalid_credentials" },
	{ "the new one is too short", "{\"current\":\"" SITE_PASSWORD "\",\"new\":\"short\"}", 400, "invalid_password" },
	{ "there is no new one", "{\"current\":\"" SITE_PASSWORD "\"}", 400, "invalid_request" },
	{ "there is no current one", "{\"new\":\"" NEW_PASSWORD "\"}", 400, "invalid_request" },
};

static void
a_password_is_not_changed_lightly(void **state)
{
	struct browser laptop = { .site = &site }, phone = { .site = &site }, nobody = { .site = &site };
	struct reply reply;

	(void)state;
	browser_login(&laptop, "alice", NULL);
	browser_login(&phone, "alice", NULL);
	for (size_t i = 0; i < sizeof(password_rows) / sizeof(password_rows[0]); i++) {
		browser_send(&laptop, "POST", "/password", password_rows[i].body, &reply);
		if (reply.status != password_rows[i].status)
			fail_msg("%s: %d", password_rows[i].name, reply.status);
		reply_expect(&reply, password_rows[i].status, password_rows[i].error);
		reply_free(&reply);
	}
	browser_send(&nobody, "POST", "/password",
	    "{\"current\":\"" SITE_PASSWORD "\",\"new\":\"" NEW_PASSWORD "\"}", &reply);
	reply_expect(&reply, 401, "unauthorized");
	reply_free(&reply);
	assert_int_equal(browser_refresh(&phone, NULL), 200);
	browser_login(&phone, "alice", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_list_shows_each_device_and_marks_ones_own, begin, end),
		cmocka_unit_test_setup_teardown(anothers_last_use_is_shown_to_the_hour, begin, end),
		cmocka_unit_test_setup_teardown(a_device_gets_a_name, begin, end),
		cmocka_unit_test_setup_teardown(one_device_is_logged_out_and_the_other_lives_on, begin, end),
		cmocka_unit_test_setup_teardown(nobody_ends_anothers_session, begin, end),
		cmocka_unit_test_setup_teardown(what_destroys_takes_no_parameter_that_it_does_not_know, begin, end),
		cmocka_unit_test_setup_teardown(a_logout_is_done_whatever_its_query_says, begin, end),
		cmocka_unit_test_setup_teardown(everywhere_is_everywhere_or_everywhere_else, begin, end),
		cmocka_unit_test_setup_teardown(an_access_token_alone_is_enough, begin, end),
		cmocka_unit_test_setup_teardown(a_new_password_ends_every_other_session, begin, end),
		cmocka_unit_test_setup_teardown(a_password_is_not_changed_lightly, begin, end),
	};

	return cmocka_run_group_tests_name("web_sessions", tests, NULL, NULL);
}
