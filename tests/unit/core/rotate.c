/* The quiet rule, row by row, and its edges. Ages and periods are in milliseconds. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/rotate.h"

#define A 60000
#define Q 120000
#define LAST ROTATE_LAST_SERIAL

static const struct rotate_periods periods = { .hand_out_ms = A, .quiet_ms = Q };
static const struct stamp before = { 1, 500 }, now = { 1, 900 };

struct rule_row {
	const char *name;
	struct { uint32_t serial, nonce, next; } state;
	struct rotate_presented token;
	int64_t age_ms;
	uint8_t row;
	enum rotate_answer answer;
	enum reason reason;
	struct { uint32_t serial, nonce, next; } after;	/* where the state moved to */
};

/* The state in most rows: the client is known to hold serial 4 with nonce 44; 5 was handed out. */
#define HANDED_OUT { 4, 44, 5 }
#define LOGGED_IN { 0, 44, 0 }
#define SAME { 0, 0, 0 }

static const struct rule_row rule_rows[] = {
	/* Row 1: the store has lost commits. */
	{ "a token one serial ahead outlived the store's last commit and moves on from itself",
	    HANDED_OUT, { 6, 66 }, 0, 1, ROTATE_TOKEN, REASON_NONE, { 6, 66, 7 } },
	{ "a token ahead moves in the middle of the quiet period too",
	    HANDED_OUT, { 6, 66 }, A + 1, 1, ROTATE_TOKEN, REASON_NONE, { 6, 66, 7 } },
	{ "a token ahead moves long after the last move",
	    HANDED_OUT, { 9, 99 }, AGE_LONG_AGO, 1, ROTATE_TOKEN, REASON_NONE, { 9, 99, 10 } },
	{ "a token ahead of a store that knows the login alone is good",
	    LOGGED_IN, { 1, 11 }, AGE_LONG_AGO, 1, ROTATE_TOKEN, REASON_NONE, { 1, 11, 2 } },
	{ "a thousand serials ahead can still be lost commits",
	    HANDED_OUT, { 1005, 1 }, 0, 1, ROTATE_TOKEN, REASON_NONE, { 1005, 1, 1006 } },
	{ "a thousand and one ahead is refused",
	    HANDED_OUT, { 1006, 1 }, 0, 6, ROTATE_REFUSE, REASON_TOO_FAR_AHEAD, SAME },
	{ "the highest number that a serial can be is too far ahead of a young session",
	    LOGGED_IN, { UINT32_MAX, 1 }, AGE_LONG_AGO, 6, ROTATE_REFUSE, REASON_TOO_FAR_AHEAD, SAME },

	/* Row 2: within the hand-out. */
	{ "the same token again, while its successor is handed out, gets the successor",
	    HANDED_OUT, { 4, 44 }, 0, 2, ROTATE_TOKEN, REASON_NONE, SAME },
	{ "the successor, presented while it is handed out, gets itself with another nonce",
	    HANDED_OUT, { 5, 1 }, 1000, 2, ROTATE_TOKEN, REASON_NONE, SAME },
	{ "any other nonce of the successor is as good while it is handed out",
	    HANDED_OUT, { 5, 44 }, 1000, 2, ROTATE_TOKEN, REASON_NONE, SAME },
	{ "an age of exactly A is still within the hand-out",
	    HANDED_OUT, { 4, 44 }, A, 2, ROTATE_TOKEN, REASON_NONE, SAME },
	{ "an age below zero counts as zero",
	    HANDED_OUT, { 4, 44 }, -1, 2, ROTATE_TOKEN, REASON_NONE, SAME },
	{ "the lowest age there is counts as zero",
	    HANDED_OUT, { 5, 1 }, INT64_MIN, 2, ROTATE_TOKEN, REASON_NONE, SAME },
	{ "the first refresh of a login may be repeated too",
	    { 0, 44, 1 }, { 0, 44 }, 10, 2, ROTATE_TOKEN, REASON_NONE, SAME },

	/* Row 3: the quiet period. */
	{ "one millisecond after the hand-out nothing is handed out",
	    HANDED_OUT, { 4, 44 }, A + 1, 3, ROTATE_ACCESS_ONLY, REASON_NONE, SAME },
	{ "the successor gets an access token alone in the quiet period",
	    HANDED_OUT, { 5, 7 }, A + Q / 2, 3, ROTATE_ACCESS_ONLY, REASON_NONE, SAME },
	{ "an age of exactly A + Q is still quiet",
	    HANDED_OUT, { 5, 7 }, A + Q, 3, ROTATE_ACCESS_ONLY, REASON_NONE, SAME },

	/* Row 4: the usual case. */
	{ "the login's token moves at once, since nothing newer was handed out",
	    LOGGED_IN, { 0, 44 }, 0, 4, ROTATE_TOKEN, REASON_NONE, { 0, 44, 1 } },
	{ "the login's token moves however long it rested",
	    LOGGED_IN, { 0, 44 }, AGE_LONG_AGO, 4, ROTATE_TOKEN, REASON_NONE, { 0, 44, 1 } },
	{ "the successor moves one millisecond after the quiet period, and its nonce is the one that lives on",
	    HANDED_OUT, { 5, 7 }, A + Q + 1, 4, ROTATE_TOKEN, REASON_NONE, { 5, 7, 6 } },
	{ "the successor moves after another boot",
	    HANDED_OUT, { 5, 8 }, AGE_LONG_AGO, 4, ROTATE_TOKEN, REASON_NONE, { 5, 8, 6 } },

	/* Row 5: the answers were lost. */
	{ "the current token after the quiet period never got its successor, which dies",
	    HANDED_OUT, { 4, 44 }, A + Q + 1, 5, ROTATE_TOKEN, REASON_NONE, { 4, 44, 6 } },
	{ "the current token moves after another boot, whatever dead serials lie between",
	    { 4, 44, 9 }, { 4, 44 }, AGE_LONG_AGO, 5, ROTATE_TOKEN, REASON_NONE, { 4, 44, 10 } },

	/* Row 6: used up or superseded. */
	{ "a serial below the current one is used up, even at once",
	    HANDED_OUT, { 3, 44 }, 0, 6, ROTATE_REFUSE, REASON_REUSED, SAME },
	{ "a serial below the current one is used up in the quiet period",
	    HANDED_OUT, { 3, 33 }, A + 1, 6, ROTATE_REFUSE, REASON_REUSED, SAME },
	{ "a serial below the current one is used up for ever",
	    HANDED_OUT, { 0, 0 }, AGE_LONG_AGO, 6, ROTATE_REFUSE, REASON_REUSED, SAME },
	{ "the current serial with another nonce lost its race, within the hand-out",
	    HANDED_OUT, { 4, 45 }, 0, 6, ROTATE_REFUSE, REASON_REUSED, SAME },
	{ "the current serial with another nonce is refused in the quiet period",
	    HANDED_OUT, { 4, 45 }, A + Q, 6, ROTATE_REFUSE, REASON_REUSED, SAME },
	{ "the current serial with another nonce is refused afterwards",
	    HANDED_OUT, { 4, 43 }, AGE_LONG_AGO, 6, ROTATE_REFUSE, REASON_REUSED, SAME },
	{ "a serial between the current one and the newest died with its answers, within the hand-out",
	    { 4, 44, 6 }, { 5, 7 }, 0, 6, ROTATE_REFUSE, REASON_REUSED, SAME },
	{ "a serial between the current one and the newest stays dead",
	    { 4, 44, 6 }, { 5, 44 }, AGE_LONG_AGO, 6, ROTATE_REFUSE, REASON_REUSED, SAME },
	{ "another nonce of a login's serial was never handed out",
	    LOGGED_IN, { 0, 45 }, 0, 6, ROTATE_REFUSE, REASON_REUSED, SAME },
	{ "another nonce of a login's serial is refused after any time",
	    LOGGED_IN, { 0, 45 }, AGE_LONG_AGO, 6, ROTATE_REFUSE, REASON_REUSED, SAME },

	/* The end of the serials. */
	{ "the last serial is handed out by row 4",
	    { LAST - 2, 1, LAST - 1 }, { LAST - 1, 2 }, AGE_LONG_AGO, 4, ROTATE_TOKEN, REASON_NONE,
	    { LAST - 1, 2, LAST } },
	{ "the last serial is handed out again in a burst",
	    { LAST - 1, 2, LAST }, { LAST - 1, 2 }, A, 2, ROTATE_TOKEN, REASON_NONE, SAME },
	{ "the last serial has no successor",
	    { LAST - 1, 2, LAST }, { LAST, 3 }, AGE_LONG_AGO, 4, ROTATE_REFUSE, REASON_SERIALS_SPENT, SAME },
	{ "no new answer can take the place of lost ones after the last serial",
	    { LAST - 1, 2, LAST }, { LAST - 1, 2 }, AGE_LONG_AGO, 5, ROTATE_REFUSE, REASON_SERIALS_SPENT, SAME },
	{ "the last serial ahead of the store has no successor either",
	    { LAST - 2, 1, LAST - 1 }, { LAST, 3 }, 0, 1, ROTATE_REFUSE, REASON_SERIALS_SPENT, SAME },
	{ "a serial above the last, which nobody was given, does not wrap around",
	    { LAST - 1, 2, LAST }, { UINT32_MAX, 3 }, 0, 1, ROTATE_REFUSE, REASON_SERIALS_SPENT, SAME },
	{ "the last serial but one can be ahead of the store",
	    { LAST - 3, 1, LAST - 2 }, { LAST - 1, 3 }, 0, 1, ROTATE_TOKEN, REASON_NONE, { LAST - 1, 3, LAST } },
};

static void
check_state(const struct rule_row *row, const struct rotate_decision *got, const struct rotation *state)
{
	struct rotation want = *state;

	if (got->moved)
		want = (struct rotation){ row->after.serial, row->after.nonce, row->after.next, now };
	if (got->state.cur_serial != want.cur_serial || got->state.cur_nonce != want.cur_nonce ||
	    got->state.next_serial != want.next_serial)
		fail_msg("%s: state %u:%u, next %u", row->name, got->state.cur_serial, got->state.cur_nonce,
		    got->state.next_serial);
	if (got->state.moved_at.boot != want.moved_at.boot || got->state.moved_at.ms != want.moved_at.ms)
		fail_msg("%s: moved_at is not what it should be", row->name);
}

static void
decide_every_row(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rule_rows) / sizeof(rule_rows[0]); i++) {
		const struct rule_row *row = &rule_rows[i];
		struct rotation state = { row->state.serial, row->state.nonce, row->state.next, before };
		struct rotate_decision got = rotate_decide(&state, row->token, row->age_ms, now, &periods);
		bool moves = row->answer == ROTATE_TOKEN && row->row != 2;

		if (got.rule != row->row || got.answer != row->answer || got.reason != row->reason)
			fail_msg("%s: row %u, answer %d, reason %d", row->name, got.rule, got.answer, got.reason);
		if (got.moved != moves)
			fail_msg("%s: moved is %d", row->name, got.moved);
		check_state(row, &got, &state);
		if (got.serial != (row->answer == ROTATE_TOKEN ? got.state.next_serial : 0))
			fail_msg("%s: serial %u is handed out", row->name, got.serial);
	}
}

static void
a_login_is_a_state_of_its_own(void **unused)
{
	struct rotation state = rotate_begin(77);
	struct stamp any = { 3, 12345 };

	(void)unused;
	assert_int_equal(state.cur_serial, 0);
	assert_int_equal(state.cur_nonce, 77);
	assert_int_equal(state.next_serial, 0);
	/* Long ago, whatever the boot. */
	assert_true(clock_age_ms(any, state.moved_at) == AGE_LONG_AGO);
}

/* With periods of zero, every move may follow the last at once: row 2 at age 0, then row 4. */
static void
periods_may_be_nothing(void **unused)
{
	const struct rotate_periods none = { 0, 0 };
	struct rotation state = { 4, 44, 5, before };

	(void)unused;
	assert_int_equal(rotate_decide(&state, (struct rotate_presented){ 5, 1 }, 0, now, &none).rule, 2);
	assert_int_equal(rotate_decide(&state, (struct rotate_presented){ 5, 1 }, 1, now, &none).rule, 4);
	assert_int_equal(rotate_decide(&state, (struct rotate_presented){ 4, 44 }, 1, now, &none).rule, 5);
}

/* The sum of the two is never computed, so no setting can make it overflow. */
static void
periods_may_be_endless(void **unused)
{
	const struct rotate_periods endless = { INT64_MAX - 1, INT64_MAX - 1 };
	struct rotation state = { 4, 44, 5, before };

	(void)unused;
	assert_int_equal(rotate_decide(&state, (struct rotate_presented){ 5, 1 }, AGE_LONG_AGO, now, &endless).rule, 3);
	assert_int_equal(rotate_decide(&state, (struct rotate_presented){ 5, 1 }, 1, now, &endless).rule, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decide_every_row),
		cmocka_unit_test(a_login_is_a_state_of_its_own),
		cmocka_unit_test(periods_may_be_nothing),
		cmocka_unit_test(periods_may_be_endless),
	};

	return cmocka_run_group_tests_name("rotate", tests, NULL, NULL);
}
