/* Sessions that began while the clock was ahead and that nobody has used since. */
#include "support/store_fixture.h"

#define YEARS_MS (12 * 365 * DAY_MS)
#define ANOTHER_BOOT ((struct stamp){ 43, HOUR_MS })

/* Looks at everything, a few at a time; returns how many were brought back. */
static unsigned
bring_all(struct fixture *f, unsigned looks)
{
	unsigned all = 0, brought;
	uint64_t position = 0;

	do {
		assert_int_equal(store_bring_back(f->store, f->now, looks, &position, &brought), PT_OK);
		all += brought;
	} while (position != 0);
	return all;
}

static void
sweep(struct fixture *f)
{
	struct store_swept swept;

	do
		assert_int_equal(store_sweep(f->store, f->now, 10, &swept), PT_OK);
	while (swept.more);
}

static uint64_t
live(struct fixture *f)
{
	struct store_stats stats;

	assert_int_equal(store_stats(f->store, &stats), PT_OK);
	return stats.sessions_live;
}

static struct session
login_ahead(struct fixture *f, int64_t ahead, uint8_t device)
{
	f->now.wall_ms += ahead;
	struct session session = fixture_login(f, &f->ann, 1, device);

	f->now.wall_ms -= ahead;
	return session;
}

/* How the clock is set right, and whether by a reboot, which loses what the other clock knew. */
static const struct way {
	const char *sentence;
	bool booted;
} ways[] = {
	{ "in the same boot, and the machine is booted later", false },
	{ "over a boot", true },
};

static void
a_session_that_nobody_uses_ends_at_its_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		void *own;

		fixture_setup(&own);
		struct fixture *f = own;
		struct session session = login_ahead(f, YEARS_MS, 1);
		enum reason standing;

		if (ways[i].booted)
			f->now.stamp = ANOTHER_BOOT;
		assert_int_equal(bring_all(f, 10), 1);
		f->now.stamp = ANOTHER_BOOT;
		session = fixture_session(f, session.sid, &standing);
		if (standing != REASON_NONE || session.idle_end != f->now.wall_ms + f->options.lifetimes.idle_ms ||
		    session.absolute_end != f->now.wall_ms + f->options.lifetimes.absolute_ms)
			fail_msg("%s: its ends do not count from now", ways[i].sentence);
		assert_int_equal(bring_all(f, 10), 0);
		assert_int_equal(fixture_problems(f), 0);
		fixture_pass(f, f->options.lifetimes.idle_ms + 2 * HOUR_MS);
		sweep(f);
		if (live(f) != 0)
			fail_msg("%s: it stands past its end", ways[i].sentence);
		fixture_teardown(&own);
	}
}

/* Being looked at gains nothing: the end that was written first stays. */
static void
looking_again_moves_no_end(void **state)
{
	struct fixture *f = *state;
	struct session session = login_ahead(f, YEARS_MS, 1);
	enum reason standing;

	f->now.stamp = ANOTHER_BOOT;
	bring_all(f, 10);
	int64_t end = fixture_session(f, session.sid, &standing).absolute_end;

	for (int i = 0; i < 5; i++) {
		fixture_pass(f, HOUR_MS);
		assert_int_equal(bring_all(f, 10), 0);
	}
	assert_int_equal(fixture_session(f, session.sid, &standing).absolute_end, end);
}

static void
a_walk_goes_on_where_it_was_and_finds_all(void **state)
{
	struct fixture *f = *state;
	unsigned brought;
	uint64_t position = 0;

	for (uint8_t i = 0; i < 8; i++)
		login_ahead(f, i % 2 ? YEARS_MS : 0, i);
	f->now.stamp = ANOTHER_BOOT;
	assert_int_equal(store_bring_back(f->store, f->now, 3, &position, &brought), PT_OK);
	assert_int_equal(brought, 1);
	assert_true(position != 0);
	assert_int_equal(bring_all(f, 3), 3);
	position = STORE_ANYWHERE;
	assert_int_equal(store_bring_back(f->store, f->now, 100, &position, &brought), PT_OK);
	assert_int_equal(position, 0);
	assert_int_equal(fixture_problems(f), 0);
}

/* An ended one is kept as long as any other, from now on. */
static void
a_session_that_was_ended_ahead_is_removed_at_its_time(void **state)
{
	struct fixture *f = *state;
	struct session session = login_ahead(f, YEARS_MS, 1);
	struct store_stats stats;
	bool found;

	f->now.wall_ms += YEARS_MS;
	struct store_caller caller = fixture_caller(f);

	assert_int_equal(store_session_end(f->store, &caller, 0, slice_of(session.sid), REASON_ADMIN, &found), PT_OK);
	f->now.wall_ms -= YEARS_MS;
	assert_int_equal(bring_all(f, 10), 1);
	fixture_pass(f, f->options.ended_keep_ms + HOUR_MS);
	sweep(f);
	assert_int_equal(store_stats(f->store, &stats), PT_OK);
	assert_int_equal(stats.sessions, 0);
}

/* If it is the present clock that is wrong, nothing was lost. */
static void
a_clock_that_was_behind_itself_ends_nothing(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	const int64_t right = f->now.wall_ms;
	enum reason standing;

	f->now = (struct instant){ HOUR_MS, ANOTHER_BOOT };
	assert_int_equal(bring_all(f, 10), 1);
	fixture_pass(f, HOUR_MS);
	f->now.wall_ms = right + HOUR_MS;
	sweep(f);
	session = fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	/* And it is as before once it has been written. */
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);

	assert_int_equal(fixture_refresh(f, &token).verdict, STORE_GOOD);
	session = fixture_session(f, session.sid, &standing);
	assert_true(session.absolute_end >= right + f->options.lifetimes.absolute_ms - HOUR_MS);
	assert_true(session.absolute_end <= right + f->options.lifetimes.absolute_ms + HOUR_MS);
}

static void
an_hour_is_no_reason_to_write(void **state)
{
	struct fixture *f = *state;

	login_ahead(f, HOUR_MS, 1);
	f->now.stamp = ANOTHER_BOOT;
	assert_int_equal(bring_all(f, 10), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_that_nobody_uses_ends_at_its_time),
		TEST(looking_again_moves_no_end),
		TEST(a_walk_goes_on_where_it_was_and_finds_all),
		TEST(a_session_that_was_ended_ahead_is_removed_at_its_time),
		TEST(a_clock_that_was_behind_itself_ends_nothing),
		TEST(an_hour_is_no_reason_to_write),
	};

	return cmocka_run_group_tests_name("ahead", tests, NULL, NULL);
}
