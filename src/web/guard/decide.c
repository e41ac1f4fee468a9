/* Who asks, and whether that is enough for the place. */
#include "web/guard/question.h"

#include "base/tally.h"
#include "core/username.h"

bool
guard_is_preflight(const struct guard *guard)
{
	return slice_eq(guard->method, SLICE("OPTIONS")) && guard->request->origin.len > 0 &&
	    request_param(guard->request, "HTTP_ACCESS_CONTROL_REQUEST_METHOD").len > 0;
}

/* Who asks, and whether that is enough. */
static enum pt_err
guard_judge(struct guard *guard)
{
	const bool bearer_only = guard->place && guard->place->bearer_only == PLACE_YES;
	int64_t now_ms = clock_now().wall_ms;
	enum pt_err err = credential_read_gate(guard->request, bearer_only, &guard->who);

	guard->refusal = GUARD_SIGNED_OUT;
	if (err != PT_OK || !guard->who.good)
		return err;
	if (!guard->who.bearer && guard->unsafe && guard->request->site == ORIGIN_REFUSED)
		guard->refusal = GUARD_CROSS_SITE;
	else if (guard->groups.len &&
	    !groups_share(slice_of(guard->who.user.groups), guard->groups))
		guard->refusal = GUARD_NOT_ALLOWED;
	else if (guard->max_age_s >= 0 && now_ms - guard->who.session.auth_time > guard->max_age_s *
	    1000)
		guard->refusal = GUARD_STEP_UP;
	else
		guard->refusal = GUARD_PASS;
	return PT_OK;
}

/* A request without credentials does not count as a miss. */
static void
guard_count(const struct guard *guard)
{
	const struct credential *who = &guard->who;

	if (who->bearer)
		tally_add(who->remembered ? TALLY_VERIFY_HIT : TALLY_VERIFY_MISS, 1);
	else if (who->reason != REASON_NO_COOKIE)
		tally_add(TALLY_VERIFY_GATE, 1);
	tally_add(guard->refusal == GUARD_PASS ? TALLY_VERIFY_PASSED : TALLY_VERIFY_REFUSED, 1);
}

enum pt_err
guard_decide(struct guard *guard)
{
	enum pt_err err = guard_judge(guard);

	if (err != PT_OK)
		return err;
	/* Whoever is let in without showing a right to it is nobody in particular. */
	if (guard->refusal != GUARD_PASS && guard->place &&
	    place_is_open_to(guard->place, guard->method, slice_of(guard->request->address))) {
		guard->who = (struct credential){ .reason = REASON_NO_COOKIE };
		guard->refusal = GUARD_PASS;
	}
	guard_count(guard);
	return PT_OK;
}

enum pt_err
guard_decide_place(struct guard *guard)
{
	bool strays = false;
	enum pt_err err = guard_read_place(guard, &strays);

	if (err != PT_OK)
		return err;
	/* What the place demands counts where the server does not say it. */
	if (guard->place && guard->groups.ptr == NULL && guard->place->groups)
		guard->groups = slice_of(guard->place->groups);
	if (guard->place && guard->max_age_s < 0 && guard->place->max_age_ms)
		guard->max_age_s = guard->place->max_age_ms / 1000;
	if (strays)
		guard->refusal = GUARD_AMBIGUOUS;
	else if (guard->mode == GUARD_FORWARD && guard->place == NULL &&
	    slice_eq(request_param(guard->request, "PINTLE_OUTSIDE"), SLICE("pass")))
		guard->refusal = GUARD_PASS;
	else if (!guard_is_preflight(guard))
		return guard_decide(guard);
	else
		guard->refusal = guard->place && guard->place->pass_preflight == PLACE_YES ?
		    GUARD_PASS : GUARD_PREFLIGHT;
	return PT_OK;
}

enum pt_err
guard_decide_deny(struct guard *guard)
{
	struct slice said = request_param(guard->request, "PINTLE_REASON");
	bool strays = false;
	enum pt_err err = guard_read_place(guard, &strays);

	if (err == PT_OK && (strays ||
	    slice_eq(said, slice_of(guard_refusal_name(GUARD_AMBIGUOUS))))) {
		guard->refusal = GUARD_AMBIGUOUS;
		return PT_OK;
	}
	if (err == PT_OK && guard_is_preflight(guard)) {
		guard->refusal = GUARD_PREFLIGHT;
		return PT_OK;
	}
	if (err == PT_OK)
		err = credential_read_gate(guard->request, false, &guard->who);
	guard->refusal = guard->who.good ? GUARD_NOT_ALLOWED : GUARD_SIGNED_OUT;
	if (err != PT_OK || !guard->who.good)
		return err;
	for (enum guard_refusal i = GUARD_SIGNED_OUT; i < GUARD_AMBIGUOUS; i++)
		if (slice_eq(said, slice_of(guard_refusal_name(i))))
			guard->refusal = i;
	return PT_OK;
}
