/*
 * Guessing over HTTP: what is limited, what is not, and that no answer reveals which users exist.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "support/site.h"

#include <stdio.h>
#include <string.h>

#include "web/who/guess_key.h"

#define RIGHT "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"}"
#define MINUTE INT64_C(60000)

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

/* One try from an address (NULL: the usual one), without cookies. */
static int
try_from(const char *address, const char *body, struct reply *reply)
{
	struct browser browser = { .site = &site, .address = address };

	browser_send(&browser, "POST", "/login", body, reply);
	return reply->status;
}

static int
status_from(const char *address, const char *body)
{
	struct reply reply;
	int status = try_from(address, body, &reply);

	reply_free(&reply);
	return status;
}

static int
guess(const char *address, const char *name)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"username\":\"%s\",\"password\":\"not the one that it is\"}", name);
	return status_from(address, body);
}

/* How many wrong tries are examined before one is not; if many, each comes from another address. */
static unsigned
guesses(const char *name, bool many)
{
	char address[32];
	unsigned made = 0;
	int status;

	for (;; made++) {
		snprintf(address, sizeof(address), "198.51.100.%u", many ? made : 1);
		status = guess(address, name);
		if (status != 401)
			break;
	}
	assert_int_equal(status, 429);
	return made;
}

static bool
one_more(const struct event *event, void *ctx)
{
	(void)event;
	++*(unsigned *)ctx;
	return true;
}

static unsigned
events(enum event_kind kind)
{
	struct store_event_filter filter = { .kind = kind };
	unsigned count = 0;

	assert_int_equal(store_event_each(site.store, &filter, one_more, &count), PT_OK);
	return count;
}

static void
many_addresses_get_no_more_than_one_at_one_account(void **state)
{
	(void)state;
	assert_int_equal(guesses("alice", true), 10);
	/* The right password is not examined either, so that the answer cannot reveal it. */
	assert_int_equal(status_from("203.0.113.1", RIGHT), 429);
	assert_int_equal(guesses("bob", true), 10);
}

static void
one_address_gets_no_more_at_many_accounts(void **state)
{
	char name[32];
	unsigned made = 0;

	(void)state;
	do
		snprintf(name, sizeof(name), "somebody%u", made);
	while (guess("198.51.100.9", name) == 401 && ++made);
	assert_int_equal(made, 30);
	/* Others can still sign in, even to the same accounts. */
	assert_int_equal(status_from("203.0.113.1", RIGHT), 200);
}

static const struct {
	const char *name, *first, *second;
	bool same;
} networks[] = {
	{ "one IPv4 address and its neighbour", "198.51.100.1", "198.51.100.2", false },
	{ "two addresses of one /64", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true },
	{ "two networks of one site", "2001:db8:1:2::1", "2001:db8:1:3::1", false },
	{ "an IPv4 address written as IPv6", "198.51.100.1", "::ffff:198.51.100.1", true },
	{ "two peers that have no address", "unix:", "", true },
};

static void
an_address_is_a_network(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		char name[32];

		for (unsigned n = 0; n < 30; n++) {
			snprintf(name, sizeof(name), "somebody%u", n);
			assert_int_equal(guess(networks[i].first, name), 401);
		}
		if ((guess(networks[i].second, "somebody-else") == 429) != networks[i].same)
			fail_msg("%s", networks[i].name);
		end(NULL);
		begin(NULL);
	}
}

static const char *const spellings[] = { "alice", "Alice", "ALICE", "aLiCe", "\\u0041lice", "alicE" };

static void
all_spellings_of_a_name_are_one(void **state)
{
	struct browser browser = { .site = &site };
	unsigned made = 0;

	(void)state;
	while (made < 9) {
		assert_int_equal(guess("198.51.100.1", spellings[made % 6]), 401);
		made++;
	}
	struct reply reply;

	browser_ask(&browser, &(struct ask){ .method = "POST", .path = "/auth/login",
		.type = "application/x-www-form-urlencoded", .body = "username=AL%69ce&password=wrong" }, &reply);
	assert_int_equal(reply.status, 401);
	reply_free(&reply);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(guess("198.51.100.2", spellings[i]), 429);
}

/* Names that exist, do not or cannot: status, headers and bodies are the same at each try. */
static void
limits_tell_nobody_who_there_is(void **state)
{
	static const char *const names[] = { "alice", "nobody", "no name at all!", "dora", "paul" };
	struct reply replies[5];

	(void)state;
	site_disable_user(&site, site_add_user(&site, "dora", SITE_PASSWORD), true);
	site_add_user(&site, "paul", NULL);
	for (unsigned made = 0; made < 12; made++) {
		for (size_t i = 0; i < 5; i++) {
			char body[256], address[32];

			snprintf(body, sizeof(body), "{\"username\":\"%s\",\"password\":\"not the one that it is\"}", names[i]);
			snprintf(address, sizeof(address), "198.51.100.%u", (unsigned)i);
			try_from(address, body, &replies[i]);
			assert_int_equal(replies[i].status, made < 10 ? 401 : 429);
			assert_true(slice_eq(buf_slice(&replies[i].body), buf_slice(&replies[0].body)));
			assert_int_equal(replies[i].head.len, replies[0].head.len);
		}
		for (size_t i = 0; i < 5; i++)
			reply_free(&replies[i]);
	}
}

static void
the_time_that_is_told_is_true(void **state)
{
	struct reply reply;
	struct slice value;
	uint64_t seconds;

	(void)state;
	guesses("alice", true);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(try_from("203.0.113.1", RIGHT, &reply), 429);
		reply_expect(&reply, 429, "too_many_requests");
		assert_true(reply_header(&reply, "Retry-After", &value));
		assert_true(slice_to_u64(value, &seconds));
		assert_int_equal(seconds, 60u << round);
		reply_free(&reply);
		site_advance((int64_t)seconds * 1000 - 1);
		assert_int_equal(status_from("203.0.113.1", RIGHT), 429);
		site_advance(1);
		assert_int_equal(guess("203.0.113.1", "alice"), 401);
	}
	site_advance(8 * MINUTE);
	assert_int_equal(status_from("203.0.113.1", RIGHT), 200);
}

/*
 * Ten right logins leave nothing counted, so the eleventh need not wait. And none of them lowers
 * what was counted before.
 */
static void
right_logins_count_for_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 25; i++)
		assert_int_equal(status_from("198.51.100.1", RIGHT), 200);
	/* An attacker's own logins in between do not help his address. */
	for (int i = 0; i < 30; i++) {
		char name[32];

		snprintf(name, sizeof(name), "somebody%d", i);
		assert_int_equal(status_from("198.51.100.1", RIGHT), 200);
		assert_int_equal(guess("198.51.100.1", name), 401);
	}
	assert_int_equal(guess("198.51.100.1", "one-more"), 429);
}

static void
strangers_do_not_lock_the_owner_out(void **state)
{
	struct browser owner = { .site = &site };
	struct reply reply;
	char device[BROWSER_COOKIE_SIZE];

	(void)state;
	browser_login(&owner, "alice", NULL);
	browser_send(&owner, "POST", "/logout", NULL, &reply);
	reply_free(&reply);
	guesses("alice", true);
	memcpy(device, owner.device, sizeof(device));
	/* On the known device: even after logout, and from an address that is over its limit. */
	owner.address = "198.51.100.1";
	for (int i = 0; i < 40; i++)
		guess("198.51.100.1", "nobody");
	browser_login(&owner, "alice", NULL);
	assert_int_equal(status_from("203.0.113.1", RIGHT), 429);
	/* A device known to alice is not known to bob. */
	struct browser stolen = { .site = &site, .address = "198.51.100.1" };

	memcpy(stolen.device, device, sizeof(stolen.device));
	guesses("bob", true);
	browser_send(&stolen, "POST", "/login", "{\"username\":\"bob\",\"password\":\"" SITE_PASSWORD "\"}", &reply);
	assert_int_equal(reply.status, 429);
	reply_free(&reply);
}

static void
a_stolen_device_cookie_gains_little(void **state)
{
	struct browser owner = { .site = &site }, thief = { .site = &site, .address = "198.51.100.7" };
	struct reply reply;
	unsigned made = 0;

	(void)state;
	browser_login(&owner, "alice", NULL);
	memcpy(thief.device, owner.device, sizeof(thief.device));
	for (;; made++) {
		browser_send(&thief, "POST", "/login", "{\"username\":\"alice\",\"password\":\"not the one it is\"}", &reply);
		int status = reply.status;

		reply_free(&reply);
		if (status == 429)
			break;
		assert_int_equal(status, 401);
	}
	assert_int_equal(made, 15);
	/* None of these count for the account: a new device of the owner gets in. */
	assert_int_equal(status_from("203.0.113.1", RIGHT), 200);
}

static void
the_password_is_guessed_nowhere_else(void **state)
{
	struct browser owner = { .site = &site };
	struct reply reply;
	unsigned made = 0;
	int status;

	(void)state;
	browser_login(&owner, "alice", NULL);
	do {
		browser_send(&owner, "POST", "/password",
		    "{\"current\":\"not the one it is\",\"new\":\"another password of mine\"}", &reply);
		status = reply.status;
		if (status == 429)
			reply_expect(&reply, 429, "too_many_requests");
		reply_free(&reply);
	} while (status == 403 && ++made);
	assert_int_equal(status, 429);
	assert_int_equal(made, 15);
	browser_send(&owner, "POST", "/password",
	    "{\"current\":\"" SITE_PASSWORD "\",\"new\":\"another password of mine\"}", &reply);
	assert_int_equal(reply.status, 429);
	reply_free(&reply);
	site_advance(MINUTE);
	browser_send(&owner, "POST", "/password",
	    "{\"current\":\"" SITE_PASSWORD "\",\"new\":\"another password of mine\"}", &reply);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
}

static void
without_a_hashing_slot_nothing_is_counted(void **state)
{
	int slots[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(password_slots_enter(site.slots, &slots[i]), PT_OK);
	for (int i = 0; i < 12; i++)
		assert_int_equal(guess("198.51.100.1", "alice"), 503);
	for (int i = 0; i < 2; i++)
		password_slots_leave(site.slots, slots[i]);
	assert_int_equal(guesses("alice", true), 10);
}

static void
a_form_gets_the_page_and_when_to_come_back(void **state)
{
	struct browser browser = { .site = &site };
	struct reply reply;
	struct slice value;

	(void)state;
	guesses("alice", true);
	browser_ask(&browser, &(struct ask){ .method = "POST", .path = "/auth/login",
		.type = "application/x-www-form-urlencoded",
		.body = "username=alice&password=wrong&return=%2Fapp" }, &reply);
	assert_int_equal(reply.status, 429);
	assert_true(reply_header(&reply, "Retry-After", &value));
	assert_true(slice_eq(value, SLICE("60")));
	assert_true(reply_header(&reply, "Content-Type", &value));
	assert_true(slice_starts(value, SLICE("text/html")));
	buf_putc(&reply.body, '\0');
	assert_non_null(strstr(reply.body.ptr, "Too many wrong tries. Try again in 60 seconds."));
	assert_non_null(strstr(reply.body.ptr, "value=\"/app\""));
	reply_free(&reply);
}

static void
a_flood_does_not_fill_the_log(void **state)
{
	(void)state;
	guesses("alice", true);
	for (int i = 0; i < 300; i++)
		assert_int_equal(guess("198.51.100.1", "alice"), 429);
	assert_int_equal(events(EVENT_LOGIN_LIMITED), 1);
	assert_int_equal(events(EVENT_LOGIN_FAILED), 10);
	site_advance(MINUTE);
	for (int i = 0; i < 300; i++)
		guess("198.51.100.1", "alice");
	assert_int_equal(events(EVENT_LOGIN_LIMITED), 2);
}

/* Beyond three the oldest is forgotten; those of a deleted user are gone. */
static void
devices_are_remembered_up_to_a_number(void **state)
{
	struct browser browsers[4];
	struct reply reply;

	(void)state;
	for (int i = 0; i < 4; i++) {
		browsers[i] = (struct browser){ .site = &site };
		browser_login(&browsers[i], "alice", NULL);
		site_advance(1000);
	}
	guesses("alice", true);
	for (int i = 3; i >= 0; i--) {
		browser_send(&browsers[i], "POST", "/login", RIGHT, &reply);
		assert_int_equal(reply.status, i == 0 ? 429 : 200);
		reply_free(&reply);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(many_addresses_get_no_more_than_one_at_one_account),
		TEST(one_address_gets_no_more_at_many_accounts),
		TEST(an_address_is_a_network),
		TEST(all_spellings_of_a_name_are_one),
		TEST(limits_tell_nobody_who_there_is),
		TEST(the_time_that_is_told_is_true),
		TEST(right_logins_count_for_nothing),
		TEST(strangers_do_not_lock_the_owner_out),
		TEST(a_stolen_device_cookie_gains_little),
		TEST(the_password_is_guessed_nowhere_else),
		TEST(without_a_hashing_slot_nothing_is_counted),
		TEST(a_form_gets_the_page_and_when_to_come_back),
		TEST(a_flood_does_not_fill_the_log),
		TEST(devices_are_remembered_up_to_a_number),
	};

	return cmocka_run_group_tests_name("web_guess", tests, NULL, NULL);
}
