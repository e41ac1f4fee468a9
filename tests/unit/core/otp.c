/* The second factor's rule: who must have one, and that no code counts twice on any clock. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "core/otp.h"

static const struct {
	const char *name;
	const char *groups, *required;
	bool want;
} required_rows[] = {
	{ "nobody must", "staff", "", false },
	{ "everybody must", "staff", "all", true },
	{ "everybody is also who has no group", "", "all", true },
	{ "one of the groups", "a,staff", "admins,staff", true },
	{ "none of the groups", "a,staff", "admins,staf", false },
	{ "a group called all is only a group", "all", "admins", false },
};

static void
who_must_have_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(required_rows) / sizeof(required_rows[0]); i++)
		if (otp_is_required(slice_of(required_rows[i].groups), slice_of(required_rows[i].required)) !=
		    required_rows[i].want)
			fail_msg("%s", required_rows[i].name);
}

/* A clock that runs, stops and is set back: which code is accepted at each try. */
static const struct {
	const char *name;
	uint64_t step;
	bool want;
} steps[] = {
	{ "the first code", 1000, true },
	{ "the same again", 1000, false },
	{ "its neighbour before, never used", 999, false },
	{ "the next one", 1001, true },
	{ "two steps on", 1003, true },
	{ "the one that was left out", 1002, false },
	{ "the clock is an hour back: a code of the past", 884, false },
	{ "the last one, when the clock comes there again", 1003, false },
	{ "and the one after it", 1004, true },
};

static void
no_step_counts_twice(void **state)
{
	struct otp otp = { .on = true, .sealed = { 7 } };

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct otp_proof proof = { .kind = OTP_PROOF_CODE, .sealed = { 7 }, .step = steps[i].step };
		uint64_t before = otp.last_step;

		if (otp_spend(&otp, &proof) != steps[i].want)
			fail_msg("%s", steps[i].name);
		assert_int_equal(otp.last_step, steps[i].want ? steps[i].step : before);
	}
}

static void
a_code_of_another_secret_and_no_proof_are_nothing(void **state)
{
	struct otp on = { .on = true, .sealed = { 7 } }, off = { .sealed = { 7 } };
	struct otp_proof other = { .kind = OTP_PROOF_CODE, .sealed = { 8 }, .step = 5 },
	    right = { .kind = OTP_PROOF_CODE, .sealed = { 7 }, .step = 5 }, nothing = { .kind = OTP_PROOF_NONE },
	    zero = { .kind = OTP_PROOF_RECOVERY };

	(void)state;
	assert_false(otp_spend(&on, &other));
	assert_false(otp_spend(&on, &nothing));
	/* Spent codes are zero in the record; a code of zero must not match them. */
	assert_false(otp_spend(&on, &zero));
	assert_false(otp_spend(&off, &right));
	assert_int_equal(on.last_step, 0);
}

static void
each_recovery_code_is_good_once_even_when_the_clock_is_back(void **state)
{
	struct otp otp = { .on = true, .last_step = UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		otp.recovery[i][0] = (uint8_t)(i + 1);
	for (unsigned i = 0; i < OTP_RECOVERY_CODES; i++) {
		struct otp_proof proof = { .kind = OTP_PROOF_RECOVERY, .hash = { (uint8_t)(OTP_RECOVERY_CODES - i) } };

		assert_int_equal(otp_recovery_left(&otp), OTP_RECOVERY_CODES - i);
		assert_true(otp_spend(&otp, &proof));
		assert_false(otp_spend(&otp, &proof));
	}
	assert_int_equal(otp_recovery_left(&otp), 0);
}

static void
a_secret_is_turned_on_by_its_first_code_in_time(void **state)
{
	static const int64_t minute = 60000;
	const struct otp begun = { .pending = { 9 }, .pending_at = 100 * minute };
	const struct otp_enrolment right = { .sealed = { 9 }, .step = 200, .recovery = { { 1 } } }, wrong = { .sealed = { 8 } };
	struct otp otp = begun;

	(void)state;
	assert_false(otp_confirm(&otp, &wrong, 101 * minute));
	assert_false(otp_confirm(&otp, &right, 116 * minute));
	assert_false(otp_confirm(&otp, &right, 99 * minute));
	assert_memory_equal(&otp, &begun, sizeof(otp));
	assert_true(otp_confirm(&otp, &right, 115 * minute));
	assert_true(otp.on);
	assert_int_equal(otp.sealed[0], 9);
	assert_int_equal(otp.last_step, 200);
	assert_int_equal(otp.enrolled_at, 115 * minute);
	assert_int_equal(otp_recovery_left(&otp), 1);
	assert_false(otp_confirm(&otp, &right, 115 * minute));
}

static void
a_new_secret_takes_the_place_of_one_that_is_on(void **state)
{
	struct otp otp = { .on = true, .sealed = { 7 }, .last_step = 5000, .pending = { 9 }, .pending_at = 1 };
	const struct otp_enrolment next = { .sealed = { 9 }, .step = 200 };
	struct otp_proof before = { .kind = OTP_PROOF_CODE, .sealed = { 7 }, .step = 5001 };

	(void)state;
	assert_true(otp_confirm(&otp, &next, 2));
	assert_int_equal(otp.last_step, 200);
	assert_false(otp_spend(&otp, &before));
}

/*
 * What an import brings, over what is there; recovery codes by their first bytes, times in seconds.
 */
static const struct {
	const char *name;
	uint8_t sealed, other_sealed;
	uint64_t step, other_step, want_step;
	int64_t recovery_at, other_recovery_at;
	const char *recovery, *other, *want;
	bool changed;
} arrivals[] = {
	{ "another secret takes the place of all", 7, 8, 90, 50, 50, 20, 10, "\1\2", "\3", "\3", true },
	{ "the same again changes nothing", 7, 7, 50, 50, 50, 10, 10, "\1\2", "\1\2", "\1\2", false },
	{ "a step that was used there", 7, 7, 50, 60, 60, 10, 10, "\1\2", "\1\2", "\1\2", true },
	{ "a step that was used here stays used", 7, 7, 90, 50, 90, 10, 10, "\1\2", "\1\2", "\1\2", false },
	{ "a code that was used here stays used", 7, 7, 50, 50, 50, 10, 10, "\2", "\1\2", "\2", false },
	{ "a code that was used there is used", 7, 7, 50, 50, 50, 10, 10, "\1\2", "\1", "\1", true },
	{ "one here, one there", 7, 7, 50, 50, 50, 10, 10, "\1\3", "\1\2", "\1", true },
	{ "older codes do not come back", 7, 7, 50, 50, 50, 20, 10, "\4\5", "\1\2", "\4\5", false },
	{ "newer codes take the place of older ones", 7, 7, 50, 50, 50, 10, 20, "\1\2", "\4\5", "\4\5", true },
};

static void
put_recovery(struct otp *otp, const char *first_bytes)
{
	for (size_t i = 0; first_bytes[i]; i++)
		otp->recovery[i][0] = (uint8_t)first_bytes[i];
}

static bool
has_recovery(const struct otp *otp, const char *first_bytes)
{
	size_t found = 0;

	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		found += otp->recovery[i][0] != 0 && strchr(first_bytes, otp->recovery[i][0]) != NULL;
	return found == strlen(first_bytes) && otp_recovery_left(otp) == found;
}

static void
nothing_that_was_spent_comes_back_with_what_moves_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(arrivals) / sizeof(arrivals[0]); i++) {
		/* An import file has no half seconds. */
		struct otp otp = {
			.user_number = 5, .on = true, .sealed = { arrivals[i].sealed }, .last_step = arrivals[i].step,
			.enrolled_at = 500, .recovery_at = arrivals[i].recovery_at * 1000 + 500,
		};
		struct otp newcomer = {
			.on = true, .sealed = { arrivals[i].other_sealed }, .last_step = arrivals[i].other_step,
			.recovery_at = arrivals[i].other_recovery_at * 1000,
		};

		put_recovery(&otp, arrivals[i].recovery);
		put_recovery(&newcomer, arrivals[i].other);
		if (otp_move_in(&otp, &newcomer) != arrivals[i].changed || otp.last_step != arrivals[i].want_step ||
		    !has_recovery(&otp, arrivals[i].want) || otp.sealed[0] != arrivals[i].other_sealed || otp.user_number != 5)
			fail_msg("%s", arrivals[i].name);
	}
}

static void
what_moves_in_where_none_is_on_is_taken_whole(void **state)
{
	struct otp otp = { .user_number = 5, .pending = { 9 }, .pending_at = 1, .last_step = 99 };
	struct otp newcomer = { .on = true, .sealed = { 7 }, .last_step = 50, .enrolled_at = 3, .recovery_at = 4 };

	(void)state;
	put_recovery(&newcomer, "\1\2");
	assert_true(otp_move_in(&otp, &newcomer));
	newcomer.user_number = 5;
	assert_memory_equal(&otp, &newcomer, sizeof(otp));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_must_have_one),
		cmocka_unit_test(no_step_counts_twice),
		cmocka_unit_test(a_code_of_another_secret_and_no_proof_are_nothing),
		cmocka_unit_test(each_recovery_code_is_good_once_even_when_the_clock_is_back),
		cmocka_unit_test(a_secret_is_turned_on_by_its_first_code_in_time),
		cmocka_unit_test(a_new_secret_takes_the_place_of_one_that_is_on),
		cmocka_unit_test(nothing_that_was_spent_comes_back_with_what_moves_in),
		cmocka_unit_test(what_moves_in_where_none_is_on_is_taken_whole),
	};

	return cmocka_run_group_tests_name("otp", tests, NULL, NULL);
}
