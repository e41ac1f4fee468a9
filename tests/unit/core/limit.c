/* The rule of guessing: a table of its answers, and attackers who try to get more out of it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/limit.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const struct limit_policy account = { 10, MINUTE, HOUR };
static const struct limit_policy address = { 30, MINUTE, 6 * MINUTE };

static struct instant
at(int64_t ms)
{
	return (struct instant){ INT64_C(1790000000000) + ms, { 1, 1000000 + ms } };
}

/* ---- the table ---- */

/* This many tries are remembered, the last one made at 0: the answer to the next one. */
static const struct {
	const char *name;
	unsigned tries;
	int64_t later;
	int64_t wait;	/* 0: it may be made */
} rows[] = {
	{ "the first try is free", 0, 0, 0 },
	{ "the tenth try is free", 9, 0, 0 },
	{ "the eleventh waits a minute", 10, 0, MINUTE },
	{ "what is left of the wait is said", 10, 20 * SECOND, 40 * SECOND },
	{ "after the minute it may be made", 10, MINUTE, 0 },
	{ "a millisecond before it may not", 10, MINUTE - 1, 1 },
	{ "the next one waits two", 11, 0, 2 * MINUTE },
	{ "and the next one four", 12, 0, 4 * MINUTE },
	{ "the sixteenth waits half an hour and more", 15, 0, 32 * MINUTE },
	{ "no wait is longer than an hour, in which one is forgotten", 16, 0, HOUR },
	{ "however many there were", 50, 0, HOUR },
	{ "and after that hour one may be made", 50, HOUR, 0 },
	{ "a state of other settings, with more than can be told apart, is no lock", 100000, 0, HOUR },
};

static struct limit_state
tries(unsigned count)
{
	return (struct limit_state){ count * account.forget_ms, at(0) };
}

static void
what_the_next_try_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct limit_state before = tries(rows[i].tries);
		const struct limit_decision decision = limit_decide(&account, &before, at(rows[i].later));

		if (decision.allowed != (rows[i].wait == 0) || decision.retry_after_ms != rows[i].wait)
			fail_msg("%s: %s, %lld ms", rows[i].name, decision.allowed ? "allowed" : "refused",
			    (long long)decision.retry_after_ms);
	}
}

/*
 * The announced wait is exact: one millisecond earlier is refused, and then the try is allowed; for
 * every number of tries and at every minute.
 */
static void
waiting_as_long_as_told_lets_one_in(void **state)
{
	(void)state;
	for (unsigned count = 0; count < 40; count++)
		for (int64_t later = 0; later < 20 * HOUR; later += 7 * MINUTE + 13) {
			const struct limit_state before = tries(count);
			int64_t wait = limit_decide(&account, &before, at(later)).retry_after_ms;

			if (wait == 0)
				continue;
			assert_true(wait <= HOUR);
			assert_false(limit_decide(&account, &before, at(later + wait - 1)).allowed);
			assert_true(limit_decide(&account, &before, at(later + wait)).allowed);
		}
}

static void
a_refused_try_changes_nothing(void **state)
{
	const struct limit_state before = tries(10);
	const struct limit_decision decision = limit_decide(&account, &before, at(5));

	(void)state;
	assert_false(decision.changed);
	assert_int_equal(decision.next.debt_ms, before.debt_ms);
	assert_int_equal(decision.next.at.wall_ms, before.at.wall_ms);
}

static void
one_is_forgotten_each_hour(void **state)
{
	const struct limit_state before = tries(10);

	(void)state;
	assert_int_equal(limit_count(&account, &before, at(0)), 10);
	assert_int_equal(limit_count(&account, &before, at(HOUR)), 9);
	assert_int_equal(limit_count(&account, &before, at(10 * HOUR - 1)), 1);
	assert_int_equal(limit_count(&account, &before, at(10 * HOUR)), 0);
	assert_int_equal(limit_left_ms(&before, at(HOUR)), 9 * HOUR);
	assert_int_equal(limit_left_ms(&before, at(20 * HOUR)), 0);
}

/*
 * Ten right tries in flight at once leave nothing behind; nine right ones and a wrong one leave
 * one.
 */
static void
a_right_try_gives_back_what_it_took_and_no_more(void **state)
{
	struct limit_state s = tries(3);

	(void)state;
	for (int i = 0; i < 7; i++)
		s = limit_decide(&account, &s, at(i)).next;
	assert_false(limit_decide(&account, &s, at(7)).allowed);
	for (int i = 0; i < 7; i++)
		s = limit_give_back(&account, &s);
	assert_int_equal(limit_count(&account, &s, at(8)), 3);
	for (int i = 0; i < 5; i++)
		s = limit_give_back(&account, &s);
	assert_int_equal(s.debt_ms, 0);
}

/* ---- clocks ---- */

static void
the_wall_clock_may_step(void **state)
{
	const struct limit_state before = tries(16);
	struct instant ahead = at(MINUTE), back = at(HOUR);

	(void)state;
	ahead.wall_ms += 365 * DAY;
	back.wall_ms -= 365 * DAY;
	assert_false(limit_decide(&account, &before, ahead).allowed);
	assert_true(limit_decide(&account, &before, back).allowed);
}

static struct instant
after_a_reboot(int64_t wall_ms)
{
	struct instant now = at(wall_ms);

	now.stamp = (struct stamp){ 2, 4000 };
	return now;
}

static void
a_reboot_lifts_nothing_and_locks_nobody_out(void **state)
{
	const struct limit_state before = tries(16);
	struct limit_decision decision = limit_decide(&account, &before, after_a_reboot(2 * MINUTE));

	(void)state;
	assert_int_equal(decision.retry_after_ms, HOUR - 2 * MINUTE);
	assert_true(limit_decide(&account, &before, after_a_reboot(HOUR)).allowed);
	/* The clock's battery is empty: no time has passed, and the wait begins now. */
	decision = limit_decide(&account, &before, after_a_reboot(-10000 * DAY));
	assert_int_equal(decision.retry_after_ms, HOUR);
	assert_true(decision.changed);
	struct instant later = after_a_reboot(-10000 * DAY);

	later.wall_ms += HOUR;
	later.stamp.ms += HOUR;
	assert_true(limit_decide(&account, &decision.next, later).allowed);
}

static void
a_snapshot_of_the_future_is_one_of_now(void **state)
{
	const struct limit_state before = tries(12);
	const struct limit_decision decision = limit_decide(&account, &before, at(-100 * DAY));

	(void)state;
	assert_int_equal(decision.retry_after_ms, 4 * MINUTE);
	assert_true(decision.changed);
	assert_true(limit_decide(&account, &decision.next, at(-100 * DAY + 4 * MINUTE)).allowed);
}

/* ---- attackers ---- */

/* The most that anybody gets in a period: the first few, then one for each `forget`. */
static unsigned
most(const struct limit_policy *policy, int64_t during)
{
	unsigned doublings = 0;

	for (int64_t wait = policy->wait_ms; wait < policy->forget_ms; wait *= 2)
		doublings++;
	return policy->tries + doublings + 2 + (unsigned)(during / policy->forget_ms);
}

/* Tries once each `pause` (longer by `more` each time), and rests after `burst` tries. */
static const struct {
	const char *name;
	int64_t pause, more, rest;
	unsigned burst;
} attackers[] = {
	{ "as fast as it goes", SECOND, 0, 0, 0 },
	{ "a slow trickle, just below the limit", HOUR, 0, 0, 0 },
	{ "a slow trickle, a little faster", 50 * MINUTE, 0, 0, 0 },
	{ "each time a little later", MINUTE, 10 * SECOND, 0, 0 },
	{ "ten, then a rest until all is forgotten", SECOND, 0, 10 * HOUR, 10 },
	{ "nine, never one that waits", SECOND, 0, 9 * HOUR, 9 },
	{ "fifteen, then a rest", SECOND, 0, 15 * HOUR, 15 },
	{ "one and a rest", SECOND, 0, 59 * MINUTE, 1 },
};

static unsigned
attack(const struct limit_policy *policy, size_t which, int64_t during)
{
	struct limit_state s = { .debt_ms = 0 };
	unsigned made = 0;
	int64_t pause = attackers[which].pause;

	for (int64_t now = 0; now < during; now += pause, pause += attackers[which].more) {
		const struct limit_decision decision = limit_decide(policy, &s, at(now));

		if (!decision.allowed)
			continue;
		s = decision.next;
		made++;
		if (attackers[which].burst && made % attackers[which].burst == 0)
			now += attackers[which].rest;
	}
	return made;
}

static void
no_pattern_of_tries_gets_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(attackers) / sizeof(attackers[0]); i++) {
		unsigned day = attack(&account, i, DAY), month = attack(&account, i, 30 * DAY);
		unsigned from_one_address = attack(&address, i, DAY);

		if (day > most(&account, DAY) || month > most(&account, 30 * DAY))
			fail_msg("%s: %u tries in a day, %u in a month", attackers[i].name, day, month);
		if (from_one_address > most(&address, DAY))
			fail_msg("%s: %u tries from one address in a day", attackers[i].name, from_one_address);
	}
	/* What the manual states. */
	assert_true(most(&account, DAY) <= 42);
	assert_true(most(&address, DAY) <= 275);
}

/* After a hundred wrong tries in a row each further one waits an hour (SP 800-63B-4, 3.2.2). */
static void
a_hundred_in_a_row_take_days(void **state)
{
	struct limit_state s = { .debt_ms = 0 };
	unsigned made = 0;
	int64_t now = 0, last = 0;

	(void)state;
	for (; made < 101; now += SECOND) {
		const struct limit_decision decision = limit_decide(&account, &s, at(now));

		if (!decision.allowed)
			continue;
		if (made >= 20)
			assert_true(now - last >= 50 * MINUTE);
		last = now;
		s = decision.next;
		made++;
	}
	assert_true(last > 3 * DAY);
}

/* The attacker's logins to his own account in between do not lower the address's count. */
static void
own_logins_between_do_not_help(void **state)
{
	struct limit_state s = { .debt_ms = 0 };
	unsigned made = 0;

	(void)state;
	for (int64_t now = 0; now < DAY; now += SECOND) {
		struct limit_decision decision = limit_decide(&address, &s, at(now));

		if (!decision.allowed)
			continue;
		s = decision.next;
		made++;
		decision = limit_decide(&address, &s, at(now));
		if (decision.allowed)
			s = limit_give_back(&address, &decision.next);
	}
	assert_true(made <= most(&address, DAY));
}

/*
 * A thousand addresses get no more tries at one account than one address does; one address gets no
 * more at a thousand accounts than at one.
 */
static void
many_addresses_and_many_accounts(void **state)
{
	static struct limit_state addresses[1000], accounts[1000];
	unsigned at_one_account = 0, from_one_address = 0, n = 0;
	struct limit_state one_account = { .debt_ms = 0 }, one_address = { .debt_ms = 0 };

	(void)state;
	for (int64_t now = 0; now < DAY; now += SECOND, n = (n + 1) % 1000) {
		struct limit_decision a = limit_decide(&address, &addresses[n], at(now));
		struct limit_decision b = limit_decide(&account, &one_account, at(now));

		if (a.allowed && b.allowed) {
			addresses[n] = a.next;
			one_account = b.next;
			at_one_account++;
		}
		a = limit_decide(&address, &one_address, at(now));
		b = limit_decide(&account, &accounts[n], at(now));
		if (a.allowed && b.allowed) {
			one_address = a.next;
			accounts[n] = b.next;
			from_one_address++;
		}
	}
	assert_true(at_one_account <= most(&account, DAY));
	assert_true(from_one_address <= most(&address, DAY));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_next_try_is_told),
		cmocka_unit_test(waiting_as_long_as_told_lets_one_in),
		cmocka_unit_test(a_refused_try_changes_nothing),
		cmocka_unit_test(one_is_forgotten_each_hour),
		cmocka_unit_test(a_right_try_gives_back_what_it_took_and_no_more),
		cmocka_unit_test(the_wall_clock_may_step),
		cmocka_unit_test(a_reboot_lifts_nothing_and_locks_nobody_out),
		cmocka_unit_test(a_snapshot_of_the_future_is_one_of_now),
		cmocka_unit_test(no_pattern_of_tries_gets_more),
		cmocka_unit_test(a_hundred_in_a_row_take_days),
		cmocka_unit_test(own_logins_between_do_not_help),
		cmocka_unit_test(many_addresses_and_many_accounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
