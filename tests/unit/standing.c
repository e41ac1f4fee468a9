/* Whether a session stands, and when it ends. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/standing.h"

#define NOW 1000000
#define BOOT 7

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

/* Who is of the staff must have a second factor. */
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

		slice_copy(slice_of(factor_rows[i].groups), user.groups, sizeof user.groups);
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
	standing_begin(&plain, NOW, &lifetimes);
	assert_int_equal(plain.idle_end, NOW + 100);
	assert_int_equal(plain.absolute_end, NOW + 1000);
	standing_begin(&remembered, NOW, &lifetimes);
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
	standing_begin(&session, NOW, &odd);
	assert_int_equal(session.idle_end, NOW + 1000);
}

static void
use_moves_the_idle_end_alone_and_never_back(void **unused)
{
	struct session session = { .remember = false };

	(void)unused;
	standing_begin(&session, NOW, &lifetimes);
	standing_touch(&session, NOW + 60, &lifetimes);
	assert_int_equal(session.idle_end, NOW + 160);
	/* A wall clock that was set back takes nothing away. */
	standing_touch(&session, NOW - 500, &lifetimes);
	assert_int_equal(session.idle_end, NOW + 160);
	standing_touch(&session, NOW + 950, &lifetimes);
	assert_int_equal(session.idle_end, NOW + 1000);
	assert_int_equal(session.absolute_end, NOW + 1000);
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
	};

	return cmocka_run_group_tests_name("standing", tests, NULL, NULL);
}
