/* One-time links: good once, in their time, for their holder; nothing is revealed to others. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/reason.h"
#include "crypto/digest.h"
#include "support/site.h"
#include "token/link_token.h"

#define NEW_PASSWORD "quite another password"
#define HOUR_MS INT64_C(3600000)

static struct site site;
static uint64_t alice;

/* A link as the command prints it. */
struct held {
	char token[LINK_TOKEN_SIZE];
	struct store_link link;
};

static int
begin(void **state)
{
	(void)state;
	site_open(&site);
	alice = site_add_user(&site, "alice", SITE_PASSWORD);
	return 0;
}

static int
end(void **state)
{
	uint64_t problems;

	(void)state;
	assert_int_equal(store_verify(site.store, NULL, NULL, &problems), PT_OK);
	assert_int_equal(problems, 0);
	site_close(&site);
	return 0;
}

/* Makes a link; its secret is made from seed. */
static struct held
make(uint64_t user, uint8_t seed)
{
	struct store_caller caller = site_caller();
	struct link_token token = { .user_number = user };
	struct held held = { .link = { .user_number = user } };
	enum store_change result;

	memset(token.secret, seed, sizeof(token.secret));
	link_token_format(&token, held.token);
	assert_int_equal(digest_sha256(token.secret, sizeof(token.secret), held.link.secret_hash), PT_OK);
	assert_int_equal(store_link_make(site.store, &caller, &held.link, site_now_ms() + HOUR_MS, &result), PT_OK);
	assert_int_equal(result, CHANGE_DONE);
	return held;
}

static void
use(const char *token, const char *password, struct reply *reply)
{
	struct browser browser = { .site = &site, .address = "192.0.2.99" };
	char body[512];

	snprintf(body, sizeof(body), "{\"token\":\"%s\",\"new\":\"%s\"}", token, password);
	browser_send(&browser, "POST", "/link", body, reply);
}

static int
use_status(const char *token)
{
	struct reply reply;

	use(token, NEW_PASSWORD, &reply);
	int status = reply.status;

	if (status != 204)
		reply_expect(&reply, 403, "invalid_link");
	reply_free(&reply);
	return status;
}

static int
login_status(const char *password)
{
	struct browser browser = { .site = &site, .address = "192.0.2.7" };
	struct reply reply;
	char body[256];

	snprintf(body, sizeof(body), "{\"username\":\"alice\",\"password\":\"%s\"}", password);
	browser_send(&browser, "POST", "/login", body, &reply);
	int status = reply.status;

	reply_free(&reply);
	return status;
}

static bool
count(const struct event *event, void *ctx)
{
	*(unsigned *)ctx += event->times;
	return true;
}

static unsigned
events(enum event_kind kind)
{
	struct store_event_filter filter = { .kind = kind };
	unsigned found = 0;

	assert_int_equal(store_event_each(site.store, &filter, count, &found), PT_OK);
	return found;
}

static void
a_link_sets_the_password_and_ends_all_sessions(void **state)
{
	struct browser browser = { .site = &site };
	struct held held;
	const char *reason;

	(void)state;
	browser_login(&browser, "alice", NULL);
	held = make(alice, 1);
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	assert_int_equal(use_status(held.token), 204);
	assert_int_equal(browser_refresh(&browser, &reason), 403);
	assert_string_equal(reason, "password_changed");
	assert_int_equal(login_status(SITE_PASSWORD), 401);
	assert_int_equal(login_status(NEW_PASSWORD), 200);
	assert_int_equal(events(EVENT_LINK_MADE), 1);
	assert_int_equal(events(EVENT_LINK_USED), 1);
	assert_int_equal(events(EVENT_PASSWORD_CHANGED), 1);
}

static void
a_link_used_twice_is_used_once(void **state)
{
	struct held held = make(alice, 1);

	(void)state;
	assert_int_equal(use_status(held.token), 204);
	assert_int_equal(use_status(held.token), 403);
	assert_int_equal(events(EVENT_LINK_USED), 1);
	assert_int_equal(events(EVENT_LINK_REFUSED), 1);
}

/* Both have hashed, and both try to spend it. */
static void
of_two_at_once_one_wins(void **state)
{
	struct held held = make(alice, 1);
	struct store_caller caller = site_caller();
	enum reason first, second;
	struct user user;

	(void)state;
	assert_int_equal(store_link_look(site.store, caller.now, &held.link, &user, &first), PT_OK);
	assert_int_equal(first, REASON_NONE);
	assert_int_equal(store_link_spend(site.store, &caller, &held.link, "$hash$one", &user, &first), PT_OK);
	assert_int_equal(store_link_spend(site.store, &caller, &held.link, "$hash$two", &user, &second), PT_OK);
	assert_int_equal(first, REASON_NONE);
	assert_int_equal(second, REASON_LINK_UNKNOWN);
}

static void
a_link_ends_with_its_time(void **state)
{
	struct held held = make(alice, 1);
	struct store_swept swept;

	(void)state;
	site_advance(HOUR_MS - 1);
	assert_int_equal(store_sweep(site.store, clock_now(), 100, &swept), PT_OK);
	site_advance(1);
	assert_int_equal(use_status(held.token), 403);
	assert_int_equal(login_status(NEW_PASSWORD), 401);
	assert_int_equal(events(EVENT_LINK_EXPIRED), 0);
	assert_int_equal(store_sweep(site.store, clock_now(), 100, &swept), PT_OK);
	assert_int_equal(events(EVENT_LINK_EXPIRED), 1);
	assert_int_equal(use_status(held.token), 403);
}

static void
what_ends_a_link_ends_it(void **state)
{
	struct held first = make(alice, 1), second = make(alice, 2), third;
	struct store_caller caller = site_caller();
	uint64_t bob = site_add_user(&site, "bob", NULL);
	enum store_change result;
	bool done;

	(void)state;
	assert_int_equal(use_status(first.token), 403);	/* replaced by another one */
	assert_int_equal(store_user_set_password(site.store, &caller, alice, NULL, "$hash", 0, &result), PT_OK);
	/* the password was changed in another way */
	assert_int_equal(use_status(second.token), 403);
	third = make(alice, 3);
	site_disable_user(&site, alice, true);
	assert_int_equal(use_status(third.token), 403);
	assert_int_equal(store_link_make(site.store, &caller, &third.link, site_now_ms() + HOUR_MS, &result), PT_OK);
	assert_int_equal(result, CHANGE_USER_DISABLED);
	site_disable_user(&site, alice, false);
	assert_int_equal(use_status(third.token), 204);
	first = make(bob, 4);
	assert_int_equal(store_user_delete(site.store, &caller, bob, &done), PT_OK);
	assert_int_equal(use_status(first.token), 403);
	assert_int_equal(store_link_make(site.store, &caller, &first.link, site_now_ms() + HOUR_MS, &result), PT_OK);
	assert_int_equal(result, CHANGE_USER_GONE);
}

static void
to_strangers_all_links_that_are_not_good_look_alike(void **state)
{
	struct held used = make(alice, 1), late, off;
	uint64_t bob = site_add_user(&site, "bob", NULL), eve = site_add_user(&site, "eve", NULL);
	const char *tokens[5];
	struct reply first, other;

	(void)state;
	assert_int_equal(use_status(used.token), 204);
	late = make(bob, 2);
	site_advance(HOUR_MS);
	off = make(eve, 3);
	site_disable_user(&site, eve, true);
	tokens[0] = used.token;
	tokens[1] = late.token;
	tokens[2] = off.token;
	tokens[3] = "AAAAAAAAAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ";
	tokens[4] = "no token at all";
	use(tokens[0], NEW_PASSWORD, &first);
	for (int i = 1; i < 5; i++) {
		use(tokens[i], NEW_PASSWORD, &other);
		assert_int_equal(other.status, 403);
		assert_int_equal(other.body.len, first.body.len);
		assert_memory_equal(other.body.ptr, first.body.ptr, first.body.len);
		reply_free(&other);
	}
	reply_free(&first);
}

static void
a_password_that_may_not_be_leaves_the_link(void **state)
{
	struct held held = make(alice, 1);
	struct reply reply;

	(void)state;
	use(held.token, "short", &reply);
	reply_expect(&reply, 400, "invalid_password");
	reply_free(&reply);
	assert_int_equal(events(EVENT_LINK_REFUSED), 0);
	assert_int_equal(use_status(held.token), 204);
}

static void
ask_form(const char *method, const char *body, struct reply *reply)
{
	struct browser browser = { .site = &site };

	browser_ask(&browser, &(struct ask){
		.method = method, .path = "/auth/link", .body = body,
		.type = body ? "application/x-www-form-urlencoded" : NULL,
	}, reply);
}

static bool
body_has(const struct reply *reply, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i + len <= reply->body.len; i++)
		if (memcmp(reply->body.ptr + i, text, len) == 0)
			return true;
	return false;
}

static void
the_page_works_without_script(void **state)
{
	struct held held = make(alice, 1);
	struct slice value;
	struct reply reply;
	char body[256];

	(void)state;
	ask_form("GET", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(body_has(&reply, "name=\"token\"") && body_has(&reply, "autocomplete=\"new-password\""));
	assert_true(reply_header(&reply, "Cache-Control", &value) && slice_eq(value, SLICE("no-store")));
	assert_true(reply_header(&reply, "Referrer-Policy", &value) && slice_eq(value, SLICE("same-origin")));
	reply_free(&reply);
	/* A password that is not allowed: the page again, with the token in it. */
	snprintf(body, sizeof(body), "token=%s&new=short", held.token);
	ask_form("POST", body, &reply);
	assert_int_equal(reply.status, 400);
	assert_true(body_has(&reply, held.token) && body_has(&reply, "role=\"alert\""));
	assert_true(body_has(&reply, "aria-describedby=\"about error\" aria-invalid=\"true\" autofocus>"));
	reply_free(&reply);
	snprintf(body, sizeof(body), "token=%s&new=quite+another+password", held.token);
	ask_form("POST", body, &reply);
	assert_int_equal(reply.status, 303);
	assert_true(reply_header(&reply, "Location", &value) && slice_eq(value, SLICE("/auth/link?done")));
	reply_free(&reply);
	assert_int_equal(login_status(NEW_PASSWORD), 200);
	/* Used again: the page says so, and does not repeat the useless token. */
	ask_form("POST", body, &reply);
	assert_int_equal(reply.status, 403);
	assert_true(body_has(&reply, "Ask for a new one") && !body_has(&reply, held.token));
	assert_true(body_has(&reply, "value=\"\" aria-invalid=\"true\" aria-describedby=\"error\">"));
	reply_free(&reply);
}

static void
looking_at_the_page_spends_nothing(void **state)
{
	struct held held = make(alice, 1);
	const char *const methods[] = { "GET", "HEAD", "OPTIONS" };
	struct reply reply;

	(void)state;
	for (int i = 0; i < 3; i++) {
		ask_form(methods[i], NULL, &reply);
		assert_int_equal(reply.status / 100, 2);
		reply_free(&reply);
	}
	assert_int_equal(use_status(held.token), 204);
}

static void
who_guesses_is_stopped(void **state)
{
	struct held held = make(alice, 9);
	struct reply reply;
	unsigned tries = 0;
	int status;

	(void)state;
	do {
		use("AAAAAAAAAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ", NEW_PASSWORD, &reply);
		status = reply.status;
		reply_free(&reply);
	} while (status == 403 && ++tries < 1000);
	assert_int_equal(status, 429);
	/*
	 * Tries that were not examined are not logged, and of the others no more than were counted.
	 */
	assert_int_equal(events(EVENT_LINK_REFUSED), tries);
	assert_int_equal(events(EVENT_LOGIN_LIMITED), 1);
	/* The right link's holder is no stranger and does not wait with others at that address. */
	assert_int_equal(use_status(held.token), 204);
}

/* One try from that browser with a cookie jar. */
static int
login_from(struct browser *browser, const char *password)
{
	struct reply reply;
	char body[256];

	snprintf(body, sizeof(body), "{\"username\":\"alice\",\"password\":\"%s\"}", password);
	browser_send(browser, "POST", "/login", body, &reply);
	int status = reply.status;

	reply_free(&reply);
	return status;
}

/* Until neither the account nor the address is examined any more. */
static void
strangers_guess(const char *address)
{
	struct browser stranger = { .site = &site, .address = address };

	for (int i = 0; i < 40; i++)
		login_from(&stranger, "not the one it is");
}

static void
whoever_spends_a_link_gets_in_while_strangers_guess(void **state)
{
	const char *const kinds[] = { "application/json", "application/x-www-form-urlencoded" };

	(void)state;
	for (uint8_t i = 0; i < 2; i++) {
		struct browser owner = { .site = &site, .address = "192.0.2.7" }, other = owner;
		struct held held = make(alice, (uint8_t)(i + 1));
		struct reply reply;
		char body[512];

		strangers_guess("198.51.100.1");
		strangers_guess(owner.address);
		assert_int_equal(login_from(&owner, SITE_PASSWORD), 429);
		snprintf(body, sizeof(body), i == 0 ? "{\"token\":\"%s\",\"new\":\"%s\"}" : "token=%s&new=%s", held.token,
		    i == 0 ? NEW_PASSWORD : "quite+another+password");
		browser_ask(&owner, &(struct ask){
			.method = "POST", .path = "/auth/link", .body = body, .type = kinds[i],
		}, &reply);
		assert_int_equal(reply.status, i == 0 ? 204 : 303);
		reply_free(&reply);
		strangers_guess("198.51.100.2");
		strangers_guess(owner.address);
		assert_int_equal(login_from(&owner, NEW_PASSWORD), 200);
		assert_int_equal(login_from(&other, NEW_PASSWORD), 429);
	}
}

/* A refused link makes no device known. */
static void
a_link_that_is_not_good_makes_no_device_known(void **state)
{
	struct browser stranger = { .site = &site, .address = "192.0.2.7" };
	struct held held = make(alice, 1);
	struct reply reply;
	char body[512];

	(void)state;
	assert_int_equal(use_status(held.token), 204);
	snprintf(body, sizeof(body), "{\"token\":\"%s\",\"new\":\"%s\"}", held.token, NEW_PASSWORD);
	browser_send(&stranger, "POST", "/link", body, &reply);
	assert_int_equal(reply.status, 403);
	assert_string_equal(stranger.device, "");
	reply_free(&reply);
	strangers_guess("198.51.100.1");
	assert_int_equal(login_from(&stranger, NEW_PASSWORD), 429);
}

/*
 * The browser of a session is a known device, whichever others have replaced it in the list since.
 */
static void
whoever_sets_a_password_by_the_old_one_is_known(void **state)
{
	struct browser owner = { .site = &site, .address = "192.0.2.7" };
	struct reply reply;

	(void)state;
	assert_int_equal(login_from(&owner, SITE_PASSWORD), 200);
	for (unsigned i = 0; i < site.options.known_devices; i++) {
		struct browser other = { .site = &site, .address = "192.0.2.8" };

		site_advance(1000);
		assert_int_equal(login_from(&other, SITE_PASSWORD), 200);
	}
	strangers_guess("198.51.100.1");
	strangers_guess(owner.address);
	browser_send(&owner, "POST", "/password",
	    "{\"current\":\"" SITE_PASSWORD "\",\"new\":\"" NEW_PASSWORD "\"}", &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
	browser_send(&owner, "POST", "/logout", NULL, &reply);
	reply_free(&reply);
	assert_int_equal(login_from(&owner, NEW_PASSWORD), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_link_sets_the_password_and_ends_all_sessions, begin, end),
		cmocka_unit_test_setup_teardown(a_link_used_twice_is_used_once, begin, end),
		cmocka_unit_test_setup_teardown(of_two_at_once_one_wins, begin, end),
		cmocka_unit_test_setup_teardown(a_link_ends_with_its_time, begin, end),
		cmocka_unit_test_setup_teardown(what_ends_a_link_ends_it, begin, end),
		cmocka_unit_test_setup_teardown(to_strangers_all_links_that_are_not_good_look_alike, begin, end),
		cmocka_unit_test_setup_teardown(a_password_that_may_not_be_leaves_the_link, begin, end),
		cmocka_unit_test_setup_teardown(the_page_works_without_script, begin, end),
		cmocka_unit_test_setup_teardown(looking_at_the_page_spends_nothing, begin, end),
		cmocka_unit_test_setup_teardown(who_guesses_is_stopped, begin, end),
		cmocka_unit_test_setup_teardown(whoever_spends_a_link_gets_in_while_strangers_guess, begin, end),
		cmocka_unit_test_setup_teardown(a_link_that_is_not_good_makes_no_device_known, begin, end),
		cmocka_unit_test_setup_teardown(whoever_sets_a_password_by_the_old_one_is_known, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
