#include "core/settling.h"

bool
settling_is(const struct session *session, struct stamp now, int64_t quiet_ms)
{
	int64_t age = clock_age_ms(now, session->settles_at);

	/*
	 * A stamp slightly ahead belongs to a login that overtook this request; one far ahead, to
	 * a copy of a later state.
	 */
	return age >= -quiet_ms && age <= quiet_ms;
}

struct settling_decision
settling_decide(const struct session *session, struct rotate_presented token, int64_t age_ms,
    struct stamp now, const struct rotate_periods *periods)
{
	struct settling_decision out = {
		.rotate = rotate_decide(&session->rotation, token, age_ms, now, periods),
	};

	/* S2: only this session ends. */
	if (out.rotate.rule == 6)
		return out;
	/* S1: to the rotation this looks like a lost request, which it forgives. */
	out.settling = settling_is(session, now, periods->quiet_ms);
	if (out.settling) {
		out.rotate = (struct rotate_decision){
			.answer = ROTATE_ACCESS_ONLY, .rule = out.rotate.rule,
			.state = session->rotation,
		};
		return out;
	}
	/* S3: the browser holds this session, so an older one can no longer come back. */
	out.ends_older = out.rotate.moved && session->moves == 0;
	return out;
}

bool
settling_use_ends_older(const struct session *session, struct stamp now, int64_t quiet_ms)
{
	return session->settles_at.boot != 0 && !settling_is(session, now, quiet_ms);
}

bool
settling_goes_before(const struct session *a, const struct session *b)
{
	if (a->last_seen_at != b->last_seen_at)
		return a->last_seen_at < b->last_seen_at;
	return a->number < b->number;
}
