/* Logins in a browser that has a session: S1 to S4 as a table, and what each answer is worth. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/settling.h"

#define HAND_OUT 60000
#define QUIET 120000
#define NOW 10000000
#define BOOT 7
#define NEVER { 0, 0 }
#define AGO(ms) { BOOT, NOW - (ms) }

static const struct rotate_periods periods = { HAND_OUT, QUIET };
static const struct stamp now = { BOOT, NOW };

/* A session at cur = 4 (nonce 44), next = 5; the token has the serial and nonce given. */
struct row {
	const char *name;
	struct stamp settles_at;
	int64_t age;		/* since its last move */
	uint32_t moves;
	struct rotate_presented token;
	enum rotate_answer answer;
	unsigned rule;
	bool settling, moved, ends_older;
};

#define LONG (HAND_OUT + QUIET + 1)

static const struct row rows[] = {
	/* S1: in any row from 1 to 5, only an access token. */
	{ "just logged in again: row 1", AGO(0), LONG, 0, { 6, 1 }, ROTATE_ACCESS_ONLY, 1, true, false, false },
	{ "just logged in again: row 2", AGO(0), 0, 1, { 4, 44 }, ROTATE_ACCESS_ONLY, 2, true, false, false },
	{ "just logged in again: row 3", AGO(0), HAND_OUT + 1, 1, { 5, 9 }, ROTATE_ACCESS_ONLY, 3, true, false, false },
	{ "just logged in again: row 4", AGO(0), LONG, 1, { 5, 9 }, ROTATE_ACCESS_ONLY, 4, true, false, false },
	{ "just logged in again: row 5", AGO(0), LONG, 1, { 4, 44 }, ROTATE_ACCESS_ONLY, 5, true, false, false },
	{ "the last moment of settling", AGO(QUIET), LONG, 0, { 5, 9 }, ROTATE_ACCESS_ONLY, 4, true, false, false },
	{ "a login that overtook this request", AGO(-1), LONG, 0, { 5, 9 }, ROTATE_ACCESS_ONLY, 4, true, false, false },
	{ "and by as much as may be", AGO(-QUIET), LONG, 0, { 5, 9 }, ROTATE_ACCESS_ONLY, 4, true, false, false },
	/* S2: a spent token stays spent. */
	{ "just logged in again: row 6", AGO(0), LONG, 1, { 4, 45 }, ROTATE_REFUSE, 6, false, false, false },
	{ "just logged in again: far too far ahead", AGO(0), LONG, 1, { 1006, 1 }, ROTATE_REFUSE, 6, false, false, false },
	{ "settled: row 6", AGO(QUIET + 1), LONG, 1, { 3, 44 }, ROTATE_REFUSE, 6, false, false, false },
	/* S3: the first move ends what is older; nothing else does. */
	{ "settled: the first move", AGO(QUIET + 1), LONG, 0, { 5, 9 }, ROTATE_TOKEN, 4, false, true, true },
	{ "settled: the first move, of a store that lost commits", AGO(QUIET + 1), 0, 0, { 6, 1 }, ROTATE_TOKEN, 1, false,
	    true, true },
	{ "settled: the first move, as row 5", AGO(QUIET + 1), LONG, 0, { 4, 44 }, ROTATE_TOKEN, 5, false, true, true },
	{ "settled: a later move", AGO(QUIET + 1), LONG, 1, { 5, 9 }, ROTATE_TOKEN, 4, false, true, false },
	{ "settled: no move is no first move", AGO(QUIET + 1), 0, 0, { 5, 9 }, ROTATE_TOKEN, 2, false, false, false },
	{ "settled: nor is an access token", AGO(QUIET + 1), HAND_OUT + 1, 0, { 5, 9 }, ROTATE_ACCESS_ONLY, 3, false, false,
	    false },
	{ "never logged in again", NEVER, LONG, 0, { 5, 9 }, ROTATE_TOKEN, 4, false, true, true },
	{ "logged in again before the last boot", { BOOT + 1, NOW }, LONG, 0, { 5, 9 }, ROTATE_TOKEN, 4, false, true, true },
	{ "a stamp from a copy of the future", AGO(-QUIET - 1), LONG, 0, { 5, 9 }, ROTATE_TOKEN, 4, false, true, true },
};

static void
every_row_is_decided(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		const struct session session = {
			.rotation = { 4, 44, 5, AGO(row->age) }, .moves = row->moves, .settles_at = row->settles_at,
		};
		struct settling_decision got = settling_decide(&session, row->token, row->age, now, &periods);

		if (got.rotate.answer != row->answer || got.rotate.rule != row->rule)
			fail_msg("%s: answer %d by row %u", row->name, (int)got.rotate.answer, got.rotate.rule);
		if (got.settling != row->settling || got.rotate.moved != row->moved || got.ends_older != row->ends_older)
			fail_msg("%s: settling %d, moved %d, ends older %d", row->name, got.settling, got.rotate.moved,
			    got.ends_older);
		if (!row->moved && (got.rotate.state.next_serial != 5 || got.rotate.state.cur_nonce != 44))
			fail_msg("%s: its state has changed", row->name);
		if (row->settling && got.rotate.serial != 0)
			fail_msg("%s: serial %u is handed out", row->name, got.rotate.serial);
	}
}

/* While settling no move can be made, so none is refused. */
static void
spent_serials_end_a_session_when_it_has_settled(void **unused)
{
	struct session session = {
		.rotation = { ROTATE_LAST_SERIAL, 3, ROTATE_LAST_SERIAL, AGO(LONG) }, .settles_at = AGO(QUIET),
	};
	const struct rotate_presented token = { ROTATE_LAST_SERIAL, 3 };

	(void)unused;
	assert_int_equal(settling_decide(&session, token, LONG, now, &periods).rotate.answer, ROTATE_ACCESS_ONLY);
	session.settles_at.ms--;
	assert_int_equal(settling_decide(&session, token, LONG, now, &periods).rotate.reason, REASON_SERIALS_SPENT);
}

static void
a_use_by_the_gate_ends_what_is_older_once_it_has_settled(void **unused)
{
	static const struct {
		struct stamp settles_at;
		bool ends;
	} uses[] = {
		{ NEVER, false }, { AGO(0), false }, { AGO(QUIET), false }, { AGO(-1), false },
		{ AGO(QUIET + 1), true }, { { BOOT + 1, NOW }, true }, { AGO(-QUIET - 1), true },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		const struct session session = { .settles_at = uses[i].settles_at };

		assert_int_equal(settling_use_ends_older(&session, now, QUIET), uses[i].ends);
	}
}

static void
what_was_used_least_lately_goes_first(void **unused)
{
	const struct session a = { .number = 1, .last_seen_at = 5 }, b = { .number = 2, .last_seen_at = 5 },
	    c = { .number = 3, .last_seen_at = 4 };

	(void)unused;
	assert_true(settling_goes_before(&a, &b));
	assert_false(settling_goes_before(&b, &a));
	assert_true(settling_goes_before(&c, &a));
	assert_false(settling_goes_before(&a, &a));
}

/* Short periods are for tests; nobody can use a token that has expired at birth. */
static void
a_token_alone_lives_a_second_at_least(void **unused)
{
	(void)unused;
	assert_int_equal(rotate_alone_life_ms(&periods), HAND_OUT);
	assert_int_equal(rotate_alone_life_ms(&(struct rotate_periods){ 0, 0 }), 1000);
	assert_int_equal(rotate_alone_life_ms(&(struct rotate_periods){ 300, 2000 }), 1000);
	assert_int_equal(rotate_alone_life_ms(&(struct rotate_periods){ 1001, 2000 }), 1001);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_decided),
		cmocka_unit_test(spent_serials_end_a_session_when_it_has_settled),
		cmocka_unit_test(a_use_by_the_gate_ends_what_is_older_once_it_has_settled),
		cmocka_unit_test(what_was_used_least_lately_goes_first),
		cmocka_unit_test(a_token_alone_lives_a_second_at_least),
	};

	return cmocka_run_group_tests_name("logins in a browser that has a session", tests, NULL, NULL);
}
