/*
 * How often a secret may be guessed at. Pure.
 *
 * Every wrong try is remembered for a time. While fewer than `tries` are remembered, the next one
 * may be made at once. From then on it must wait, and each further remembered try doubles the wait,
 * up to the time in which one is forgotten. So a guesser without pauses gets tries + log2(forget /
 * wait) + 2 at first and then one in each `forget`, and no pattern of pauses gets more. No try is
 * ever refused for longer than `forget`: nobody is locked out for good. See DESIGN.md, Waiting
 * instead of locking.
 *
 * See DESIGN.md, A right guess gives back only itself.
 */
#ifndef PINTLE_CORE_LIMIT_H
#define PINTLE_CORE_LIMIT_H

#include "base/clock.h"

struct limit_policy {
	unsigned tries;		/* that need no wait; at least 1 */
	int64_t wait_ms;	/* the wait before the first try beyond them; doubles */
	int64_t forget_ms;	/* the time in which one try is forgotten; also the longest wait */
};

/* What is remembered about one account, address or device. Zero: nothing. */
struct limit_state {
	/* how long after .at everything is forgotten: forget_ms for each try */
	int64_t debt_ms;
	struct instant at;	/* the last allowed try */
};

struct limit_decision {
	bool allowed;
	/* if not allowed: the next try is allowed after this time, and no sooner */
	int64_t retry_after_ms;
	struct limit_state next;	/* what to remember from now on */
	bool changed;		/* whether it differs from the old state */
};

/*
 * Decides about one try now. Time follows the clock since boot, which does not step; across a
 * reboot it follows the wall clock, where time that ran backwards counts as none.
 */
struct limit_decision limit_decide(const struct limit_policy *policy,
    const struct limit_state *state, struct instant now);

/* The state without one try, which was right or was never made. */
struct limit_state limit_give_back(const struct limit_policy *policy,
    const struct limit_state *state);

/* How many tries are remembered now. */
unsigned limit_count(const struct limit_policy *policy, const struct limit_state *state,
    struct instant now);

/* How long until nothing is remembered; 0 if nothing is. */
int64_t limit_left_ms(const struct limit_state *state, struct instant now);

#endif
