/*
 * How often a secret may be guessed at. Pure.
 *
 * Every wrong try is remembered for a time. As long as fewer than `tries` are,
 * the next one may be made at once. From then on it has to wait, and the wait doubles
 * with each one more that is remembered, up to the time in which one is
 * forgotten. So whoever guesses without a pause gets tries + log2(forget / wait) + 2
 * at first and then one in each `forget`, and no pattern of pauses gets more.
 * No try is ever refused for longer than `forget`: nobody is locked out for good.
 */
#ifndef PINTLE_CORE_LIMIT_H
#define PINTLE_CORE_LIMIT_H

#include "base/clock.h"

struct limit_policy {
	unsigned tries;		/* that may be made without waiting; at least 1 */
	int64_t wait_ms;	/* before the first beyond that; doubles */
	int64_t forget_ms;	/* one try is forgotten in so long; also the longest wait */
};

/* What is remembered of one account, address or device. Zero: nothing. */
struct limit_state {
	int64_t debt_ms;	/* so long after .at everything is forgotten: forget_ms for each try */
	struct instant at;	/* of the last try that was allowed */
};

struct limit_decision {
	bool allowed;
	int64_t retry_after_ms;	/* when it is not: after so long, and no sooner, one would be */
	struct limit_state next;	/* what is to be remembered from now on */
	bool changed;		/* whether that differs from what was */
};

/*
 * Decides about one try now. Time is told by the clock since boot, which does
 * not step; across a reboot by the wall clock, on which a time that went backwards
 * counts as none.
 */
struct limit_decision limit_decide(const struct limit_policy *policy, const struct limit_state *state,
    struct instant now);

/* The state without one try: it was right, or was never made. */
struct limit_state limit_give_back(const struct limit_policy *policy, const struct limit_state *state);

/* How many tries are remembered now. */
unsigned limit_count(const struct limit_policy *policy, const struct limit_state *state, struct instant now);

/* How long until nothing is remembered; 0: nothing is. */
int64_t limit_left_ms(const struct limit_state *state, struct instant now);

#endif
