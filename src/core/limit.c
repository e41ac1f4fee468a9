#include "core/limit.h"

/* tries beyond the free ones that are counted: a state made under other settings may hold more */
#define COUNT_MAX 64

/* How long ago the last try was; negative if it lies in the future. */
static int64_t
limit_clock_ms(const struct limit_state *state, struct instant now)
{
	if (now.stamp.boot == state->at.stamp.boot)
		return now.stamp.ms - state->at.stamp.ms;
	return now.wall_ms - state->at.wall_ms;
}

static int64_t
limit_age_ms(const struct limit_state *state, struct instant now)
{
	int64_t age_ms = limit_clock_ms(state, now);

	return age_ms > 0 ? age_ms : 0;
}

/* The debt at the last try, bounded by what this policy counts. */
static int64_t
limit_debt_ms(const struct limit_policy *policy, const struct limit_state *state)
{
	int64_t most_ms = ((int64_t)policy->tries + COUNT_MAX) * policy->forget_ms;

	return state->debt_ms < most_ms ? state->debt_ms : most_ms;
}

/* How many tries the debt stands for. */
static int64_t
limit_tries(const struct limit_policy *policy, int64_t owed_ms)
{
	return owed_ms > 0 ? (owed_ms + policy->forget_ms - 1) / policy->forget_ms : 0;
}

/* The wait after the last try while this many are remembered. */
static int64_t
limit_wait_ms(const struct limit_policy *policy, int64_t tries)
{
	int64_t wait_ms = policy->wait_ms;

	for (int64_t n = policy->tries; n < tries && wait_ms < policy->forget_ms; n++)
		wait_ms *= 2;
	return wait_ms < policy->forget_ms ? wait_ms : policy->forget_ms;
}

/*
 * The age of the last try at which the next is allowed; at least age_ms. Counts down from the tries
 * remembered at age_ms, since the wait shortens with each try that is forgotten.
 */
static int64_t
limit_ready_ms(const struct limit_policy *policy, int64_t debt_ms, int64_t age_ms)
{
	int64_t tries = limit_tries(policy, debt_ms - age_ms);

	for (; tries >= policy->tries; tries--) {
		int64_t from_ms = debt_ms - tries * policy->forget_ms;
		int64_t wait_ms = limit_wait_ms(policy, tries);
		int64_t ready_ms = from_ms > age_ms ? from_ms : age_ms;

		if (wait_ms > ready_ms)
			ready_ms = wait_ms;
		if (ready_ms < from_ms + policy->forget_ms)
			return ready_ms;
	}
	int64_t fewer_ms = debt_ms - ((int64_t)policy->tries - 1) * policy->forget_ms;

	return fewer_ms > age_ms ? fewer_ms : age_ms;
}

struct limit_decision
limit_decide(const struct limit_policy *policy, const struct limit_state *state, struct instant now)
{
	int64_t age_ms = limit_age_ms(state, now), debt_ms = limit_debt_ms(policy, state);
	int64_t ready_ms = limit_ready_ms(policy, debt_ms, age_ms);
	int64_t left_ms = debt_ms > age_ms ? debt_ms - age_ms : 0;
	struct limit_decision decision = { .next = *state };

	if (ready_ms <= age_ms) {
		decision.allowed = true;
		decision.next = (struct limit_state){ left_ms + policy->forget_ms, now };
		decision.changed = true;
		return decision;
	}
	decision.retry_after_ms = ready_ms - age_ms;
	/*
	 * A last try in the future counts as now; otherwise the wait would be as long as the clock
	 * is wrong.
	 */
	if (limit_clock_ms(state, now) < 0) {
		decision.next = (struct limit_state){ debt_ms, now };
		decision.changed = true;
	}
	return decision;
}

struct limit_state
limit_give_back(const struct limit_policy *policy, const struct limit_state *state)
{
	struct limit_state less = *state;

	less.debt_ms = less.debt_ms > policy->forget_ms ? less.debt_ms - policy->forget_ms : 0;
	return less;
}

unsigned
limit_count(const struct limit_policy *policy, const struct limit_state *state, struct instant now)
{
	return (unsigned)limit_tries(policy, limit_debt_ms(policy, state) -
	    limit_age_ms(state, now));
}

int64_t
limit_left_ms(const struct limit_state *state, struct instant now)
{
	int64_t age_ms = limit_age_ms(state, now);

	return state->debt_ms > age_ms ? state->debt_ms - age_ms : 0;
}
