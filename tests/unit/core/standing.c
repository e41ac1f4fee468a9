/* Whether a session stands, and when it ends. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/standing.h"

#define NOW 1000000
#define BOOT 7

/* A moment at which both clocks show ms. */
static struct instant
at(int64_t ms)
{
	return (struct instant){ .wall_ms = ms, .stamp = { BOOT, ms } };
}

/* Times are relative to NOW. */
struct standing_row {
	const char *name;
	int64_t idle_in, absolute_in;
	enum reason ended;
	bool gone, disabled;
	enum reason want;
};

static const struct standing_row standing_rows[] = {
	{ "a session before both its ends stands", 1, 2, REASON_NONE, false, false, REASON_NONE },
	{ "an idle end that is now has passed", 0, 2, REASON_NONE, false, false, REASON_IDLE },
	{ "an idle end long ago has passed", -99, 2, REASON_NONE, false, false, REASON_IDLE },
	{ "an absolute end that is now has passed", 0, 0, REASON_NONE, false, false, REASON_ABSOLUTE },
	{ "of two ends that have passed the first one ended it", -9, -1, REASON_NONE, false, false, REASON_IDLE },
	{ "an idle end cut to the absolute one counts as absolute", -5, -5, REASON_NONE, false, false, REASON_ABSOLUTE },
	{ "an absolute end before the idle one is absolute", 5, -5, REASON_NONE, false, false, REASON_ABSOLUTE },
	{ "a session without times has ended", -NOW, -NOW, REASON_NONE, false, false, REASON_ABSOLUTE },
	{ "the user is disabled", 1, 2, REASON_NONE, false, true, REASON_USER_DISABLED },
	{ "the user is gone", 1, 2, REASON_NONE, true, false, REASON_USER_DELETED },
	{ "a disabled user counts before the times", -1, -1, REASON_NONE, false, true, REASON_USER_DISABLED },
	{ "a recorded end stands when the times have passed", -1, -1, REASON_LOGOUT, false, false, REASON_LOGOUT },
	{ "a recorded end stands when the user is gone", 1, 2, REASON_ADMIN, true, false, REASON_ADMIN },
	{ "a recorded end stands when the user is disabled", 1, 2, REASON_REUSED, false, true, REASON_REUSED },
};

static void
decide_every_row(void **unused)
{
	const struct standing_rules rules = { SLICE("") };
	const struct instant now = { .wall_ms = NOW, .stamp = { BOOT, NOW } };

	(void)unused;
	for (size_t i = 0; i < sizeof(standing_rows) / sizeof(standing_rows[0]); i++) {
		const struct standing_row *row = &standing_rows[i];
		struct user user = { .disabled = row->disabled };
		struct session session = {
			.idle_end = NOW + row->idle_in, .absolute_end = NOW + row->absolute_in, .ended = row->ended,
		};
		enum reason got = standing_decide(&session, row->gone ? NULL : &user, now, &rules);

		if (got != row->want)
			fail_msg("%s: got %s", row->name, reason_info(got)->name);
	}
}

/* Members of staff must have a second factor. */
static const struct {
	const char *name;
	const char *groups;
	uint32_t methods;
	int64_t idle_in;
	enum reason want;
} factor_rows[] = {
	{ "who must have one does not stand by a password", "a,staff", LOGIN_BY_PASSWORD, 1, REASON_OTP_REQUIRED },
	{ "who must have one stands by both", "a,staff", LOGIN_BY_PASSWORD | LOGIN_BY_OTP, 1, REASON_NONE },
	{ "the web server's own sign-on has its own ways", "a,staff", LOGIN_BY_WEB_SERVER, 1, REASON_NONE },
	{ "who need not have one stands by a password", "a,staf", LOGIN_BY_PASSWORD, 1, REASON_NONE },
	{ "a session whose time has passed says that", "a,staff", LOGIN_BY_PASSWORD, -1, REASON_IDLE },
};

static void
a_second_factor_is_wanted_of_who_must_have_one(void **unused)
{
	const struct standing_rules rules = { SLICE("staff") };
	const struct instant now = { .wall_ms = NOW, .stamp = { BOOT, NOW } };

	(void)unused;
	for (size_t i = 0; i < sizeof(factor_rows) / sizeof(factor_rows[0]); i++) {
		struct session session = {
			.idle_end = NOW + factor_rows[i].idle_in, .absolute_end = NOW + 9, .methods = factor_rows[i].methods,
		};
		struct user user = { 0 };

		slice_copy(slice_of(factor_rows[i].groups), user.groups, sizeof(user.groups));
		enum reason got = standing_decide(&session, &user, now, &rules);

		if (got != factor_rows[i].want)
			fail_msg("%s: got %s", factor_rows[i].name, reason_info(got)->name);
	}
}

static const struct lifetimes lifetimes = { .idle_ms = 100, .idle_remember_ms = 400, .absolute_ms = 1000 };

static void
a_session_begins_with_its_ends(void **unused)
{
	struct session plain = { .remember = false }, remembered = { .remember = true };

	(void)unused;
	standing_begin(&plain, at(NOW), &lifetimes);
	assert_int_equal(plain.idle_end, NOW + 100);
	assert_int_equal(plain.absolute_end, NOW + 1000);
	standing_begin(&remembered, at(NOW), &lifetimes);
	assert_int_equal(remembered.idle_end, NOW + 400);
	assert_int_equal(remembered.absolute_end, NOW + 1000);
	assert_int_equal(standing_end(&remembered), NOW + 400);
}

static void
an_idle_life_longer_than_the_absolute_one_is_cut(void **unused)
{
	const struct lifetimes odd = { .idle_ms = 5000, .idle_remember_ms = 5000, .absolute_ms = 1000 };
	struct session session = { .remember = false };

	(void)unused;
	standing_begin(&session, at(NOW), &odd);
	assert_int_equal(session.idle_end, NOW + 1000);
}

static void
use_moves_the_idle_end_alone_and_never_back(void **unused)
{
	struct session session = { .remember = false };

	(void)unused;
	standing_begin(&session, at(NOW), &lifetimes);
	standing_touch(&session, at(NOW + 60), &lifetimes);
	assert_int_equal(session.idle_end, NOW + 160);
	/* Setting the wall clock back takes nothing away. */
	standing_touch(&session, (struct instant){ NOW - 500, { BOOT, NOW + 60 } }, &lifetimes);
	assert_int_equal(session.idle_end, NOW + 160);
	standing_touch(&session, at(NOW + 950), &lifetimes);
	assert_int_equal(session.idle_end, NOW + 1000);
	assert_int_equal(session.absolute_end, NOW + 1000);
}

/* ---- a clock that is set ---- */

#define MINUTE INT64_C(60000)
#define DAY (24 * 60 * MINUTE)
#define YEAR (365 * DAY)
#define TODAY (50 * YEAR)

static const struct lifetimes days = { .idle_ms = DAY, .idle_remember_ms = 14 * DAY, .absolute_ms = 90 * DAY };

/* A session begins while the wall clock is wrong; later the clock is set right, in any boot. */
static const struct leap_row {
	const char *name;
	int64_t off;		/* how far it was ahead; negative: behind */
	int64_t passed;		/* real time until the session is looked at */
	bool rebooted;
	enum reason want;
	int64_t absolute_in;	/* its end after the next use, counted from then; 0: it has none */
} leap_rows[] = {
	{ "a clock that is right", 0, MINUTE, false, REASON_NONE, 90 * DAY - MINUTE },
	{ "a clock that is right, idle for too long", 0, DAY + MINUTE, false, REASON_IDLE, 0 },
	{ "ten minutes fast, set right", 10 * MINUTE, MINUTE, false, REASON_NONE, 90 * DAY - MINUTE },
	{ "ten minutes fast, set right by a boot: the use counts as of now", 10 * MINUTE, MINUTE, true, REASON_NONE,
	  90 * DAY },
	{ "twelve years fast stands for no twelve years", 12 * YEAR, MINUTE, false, REASON_NONE, 90 * DAY - MINUTE },
	{ "nor after a boot", 12 * YEAR, MINUTE, true, REASON_NONE, 90 * DAY },
	{ "twelve years fast, idle for too long", 12 * YEAR, DAY + MINUTE, false, REASON_IDLE, 0 },
	{ "a month behind, set right, ends nothing that was begun since", -30 * DAY, MINUTE, false, REASON_NONE,
	  90 * DAY - MINUTE },
	{ "a month behind, idle for too long", -30 * DAY, DAY + MINUTE, false, REASON_IDLE, 0 },
	{ "a year behind, set right, is past no absolute end", -YEAR, MINUTE, false, REASON_NONE, 90 * DAY - MINUTE },
};

static void
a_clock_that_is_set_neither_ends_nor_lengthens(void **unused)
{
	const struct standing_rules rules = { SLICE("") };
	const struct user user = { .disabled = false };

	(void)unused;
	for (size_t i = 0; i < sizeof(leap_rows) / sizeof(leap_rows[0]); i++) {
		const struct leap_row *row = &leap_rows[i];
		struct instant begun = { TODAY + row->off, { BOOT, YEAR } };
		struct instant now = { TODAY + row->passed, { BOOT + row->rebooted, YEAR + row->passed } };
		struct session session = { .remember = false };

		standing_begin(&session, begun, &days);
		enum reason got = standing_decide(&session, &user, now, &rules);

		if (got != row->want)
			fail_msg("%s: got %s", row->name, reason_info(got)->name);
		if (row->absolute_in == 0)
			continue;
		standing_touch(&session, now, &days);
		if (session.absolute_end - now.wall_ms != row->absolute_in || session.idle_end - now.wall_ms != DAY)
			fail_msg("%s: ends in %lld ms", row->name, (long long)(session.absolute_end - now.wall_ms));
		assert_true(session.created_at <= now.wall_ms && session.auth_time <= now.wall_ms);
	}
}

/* Used while the clock is wrong and again when it is right: there and back changes nothing. */
static void
a_clock_that_is_wrong_for_a_while_changes_nothing(void **unused)
{
	static const int64_t off[] = { 12 * YEAR, 10 * MINUTE, -10 * MINUTE, -30 * DAY, -49 * YEAR };

	(void)unused;
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
		struct session session = { .remember = false };
		struct instant now = { TODAY, { BOOT, YEAR } };

		standing_begin(&session, now, &days);
		now.wall_ms += off[i] + MINUTE;
		now.stamp.ms += MINUTE;
		standing_touch(&session, now, &days);
		now.wall_ms += MINUTE - off[i];
		now.stamp.ms += MINUTE;
		standing_touch(&session, now, &days);
		assert_true(session.created_at == TODAY);
		assert_true(session.absolute_end == TODAY + 90 * DAY);
		assert_true(session.idle_end == TODAY + 2 * MINUTE + DAY);
	}
}

static void
a_use_that_lies_ahead_is_not_fresh(void **unused)
{
	struct session session = { .remember = false };

	(void)unused;
	standing_begin(&session, at(TODAY), &days);
	assert_true(standing_is_fresh(&session, at(TODAY + MINUTE), 5 * MINUTE));
	assert_false(standing_is_fresh(&session, at(TODAY + 5 * MINUTE), 5 * MINUTE));
	assert_false(standing_is_fresh(&session, at(TODAY - YEAR), 5 * MINUTE));
}

/* A session in constant use must not reach its idle end between two writes. */
static void
a_use_is_written_four_times_in_an_idle_life_or_every_five_minutes(void **unused)
{
	static const struct {
		int64_t idle, remember, due;
	} rows[] = {
		{ 24 * 60 * MINUTE, 24 * 60 * MINUTE, 5 * MINUTE }, { 20 * MINUTE, 99 * MINUTE, 5 * MINUTE },
		{ 20 * MINUTE - 4, 99 * MINUTE, 5 * MINUTE - 1 }, { 4 * MINUTE, 99 * MINUTE, MINUTE }, { 4, 99 * MINUTE, 1 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct lifetimes lives = { .idle_ms = rows[i].idle, .idle_remember_ms = rows[i].remember,
		    .absolute_ms = YEAR };
		struct session plain = { .remember = false }, remembered = { .remember = true };

		standing_begin(&plain, at(TODAY), &lives);
		standing_begin(&remembered, at(TODAY), &lives);
		assert_false(standing_touch_is_due(&plain, at(TODAY + rows[i].due - 1), &lives));
		assert_true(standing_touch_is_due(&plain, at(TODAY + rows[i].due), &lives));
		assert_false(standing_touch_is_due(&remembered, at(TODAY + 5 * MINUTE - 1), &lives));
		assert_true(standing_touch_is_due(&remembered, at(TODAY + 5 * MINUTE), &lives));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decide_every_row),
		cmocka_unit_test(a_second_factor_is_wanted_of_who_must_have_one),
		cmocka_unit_test(a_session_begins_with_its_ends),
		cmocka_unit_test(an_idle_life_longer_than_the_absolute_one_is_cut),
		cmocka_unit_test(use_moves_the_idle_end_alone_and_never_back),
		cmocka_unit_test(a_clock_that_is_set_neither_ends_nor_lengthens),
		cmocka_unit_test(a_clock_that_is_wrong_for_a_while_changes_nothing),
		cmocka_unit_test(a_use_that_lies_ahead_is_not_fresh),
		cmocka_unit_test(a_use_is_written_four_times_in_an_idle_life_or_every_five_minutes),
	};

	return cmocka_run_group_tests_name("standing", tests, NULL, NULL);
}
