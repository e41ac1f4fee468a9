/* The quiet rule signs nobody out: random browsers, single-flight clients and crashes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "support/rotate_world.h"

#define SESSIONS 8000	/* worlds of each kind */

struct life {
	unsigned at_once;
	bool gives_up;
	unsigned slowness;
	unsigned crash_every;	/* about one crash in so many steps; 0: never */
	unsigned login_every;	/* one request in so many is a login; 0: none */
	bool loses_logins;	/* no answer to a login arrives */
};

/* False if rotation logged the browser out. */
static bool
live_honestly(const struct life *life, struct tally *tally)
{
	struct server server;
	struct shown jar;

	server_begin(&server, tally, &jar);
	struct browser browser = browser_begin(&server, &jar, life->at_once, life->gives_up);

	browser.slowness = life->slowness;
	browser.login_every = life->login_every;
	browser.loses_logins = life->loses_logins;
	for (int step = 0; step < 800 && !server.refused; step++) {
		if (life->crash_every && one_in(life->crash_every)) {
			browser_lose_all(&browser);
			server_crash(&server);
			browser.send_at = server.now.ms;
		}
		browser_step(&browser, &server);
	}
	return !server.refused;
}

static void
browsers_at_any_pace_stay_in(void **unused)
{
	struct tally tally = { 0 };

	(void)unused;
	dice_seed(1);
	for (unsigned i = 0; i < SESSIONS; i++)
		assert_true(live_honestly(&(struct life){ .at_once = 1 + i % WAYS, .slowness = 1 }, &tally));
	tally_tell("any pace", &tally);
	for (int row = 2; row <= 5; row++)
		assert_true(tally.rows[row] > SESSIONS);
}

static void
clients_of_one_request_and_ghosts_stay_in(void **unused)
{
	struct tally tally = { 0 };

	(void)unused;
	dice_seed(2);
	for (unsigned i = 0; i < SESSIONS; i++)
		assert_true(live_honestly(&(struct life){ .at_once = 1, .gives_up = true, .slowness = 1 }, &tally));
	tally_tell("ghosts", &tally);
	for (int row = 2; row <= 5; row++)
		assert_true(tally.rows[row] > SESSIONS);
}

static void
a_store_that_lost_commits_logs_nobody_out(void **unused)
{
	struct tally tally = { 0 };

	(void)unused;
	dice_seed(3);
	for (unsigned i = 0; i < SESSIONS; i++)
		assert_true(live_honestly(&(struct life){ .at_once = 1 + i % WAYS, .gives_up = i % WAYS == 0, .slowness = 1,
		    .crash_every = 40 }, &tally));
	tally_tell("crashes", &tally);
	for (int row = 1; row <= 5; row++)
		assert_true(tally.rows[row] > SESSIONS);
}

static void
logins_sign_nobody_out(void **unused)
{
	struct tally tally = { 0 };

	(void)unused;
	dice_seed(6);
	for (unsigned i = 0; i < SESSIONS; i++)
		assert_true(live_honestly(&(struct life){ .at_once = 1 + i % WAYS, .gives_up = i % WAYS == 0, .slowness = 1,
		    .crash_every = i % 3 ? 0 : 100, .login_every = 2 + i % 40, .loses_logins = i % 5 == 0 }, &tally));
	tally_tell("logins", &tally);
	for (int row = 2; row <= 5; row++)
		assert_true(tally.rows[row] > SESSIONS);
	assert_true(tally.settling > SESSIONS && tally.uses > SESSIONS && tally.replaced > SESSIONS && tally.capped > SESSIONS);
}

/* Beyond the promised times these worlds must sign people out, or they could detect nothing. */
static void
flights_that_last_too_long_are_found_out(void **unused)
{
	struct tally tally = { 0 };
	unsigned pace = 0, ghosts = 0, logins = 0;

	(void)unused;
	dice_seed(5);
	for (unsigned i = 0; i < SESSIONS; i++) {
		pace += !live_honestly(&(struct life){ .at_once = 2 + i % (WAYS - 1), .slowness = 3 }, &tally);
		ghosts += !live_honestly(&(struct life){ .at_once = 1, .gives_up = true, .slowness = 3 }, &tally);
		logins += !live_honestly(&(struct life){ .at_once = 2, .slowness = 3, .login_every = 4 }, &tally);
	}
	print_message("# flights three times too long: %u of %d logged out at any pace, %u by ghosts, %u with logins\n",
	    pace, SESSIONS, ghosts, logins);
	assert_true(pace > 0 && ghosts > 0 && logins > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(browsers_at_any_pace_stay_in),
		cmocka_unit_test(clients_of_one_request_and_ghosts_stay_in),
		cmocka_unit_test(a_store_that_lost_commits_logs_nobody_out),
		cmocka_unit_test(logins_sign_nobody_out),
		cmocka_unit_test(flights_that_last_too_long_are_found_out),
	};

	return cmocka_run_group_tests_name("nobody is logged out by rotation", tests, NULL, NULL);
}
