#include "core/rotate.h"

/* What became of the state, if T of serial `held` is now what the client holds. */
static struct rotate_decision
move(uint8_t row, struct rotation state, uint32_t held_serial, uint32_t held_nonce, uint32_t newest, struct stamp now)
{
	struct rotate_decision decision = { .row = row, .state = state };

	if (newest >= ROTATE_LAST_SERIAL) {
		decision.reason = REASON_SERIALS_SPENT;
		return decision;
	}
	decision.answer = ROTATE_TOKEN;
	decision.moved = true;
	decision.serial = newest + 1;
	decision.state = (struct rotation){ held_serial, held_nonce, newest + 1, now };
	return decision;
}

static struct rotate_decision
refuse(enum reason reason, struct rotation state)
{
	return (struct rotate_decision){ .reason = reason, .row = 6, .state = state };
}

/* Rows 2 and 3: the hand-out is on, or over and quiet. */
static struct rotate_decision
repeat(struct rotation state, bool handing_out)
{
	return (struct rotate_decision){
		.answer = handing_out ? ROTATE_TOKEN : ROTATE_ACCESS_ONLY,
		.row = handing_out ? 2 : 3,
		.serial = handing_out ? state.next_serial : 0,
		.state = state,
	};
}

struct rotation
rotate_begin(uint32_t nonce)
{
	return (struct rotation){ .cur_serial = 0, .cur_nonce = nonce, .next_serial = 0, .moved_at = { 0, 0 } };
}

struct rotate_decision
rotate_decide(const struct rotation *state, struct rotate_presented token, int64_t age_ms, struct stamp now,
    const struct rotate_periods *periods)
{
	bool is_cur = token.serial == state->cur_serial && token.nonce == state->cur_nonce;
	bool is_next = token.serial == state->next_serial;
	bool pending = state->next_serial != state->cur_serial;

	if (age_ms < 0)
		age_ms = 0;
	if (token.serial > state->next_serial) {
		if (token.serial - state->next_serial > ROTATE_MAX_AHEAD)
			return refuse(REASON_TOO_FAR_AHEAD, *state);
		return move(1, *state, token.serial, token.nonce, token.serial, now);
	}
	if (pending && (is_cur || is_next) && age_ms <= periods->hand_out_ms)
		return repeat(*state, true);
	if (pending && (is_cur || is_next) && age_ms - periods->hand_out_ms <= periods->quiet_ms)
		return repeat(*state, false);
	/* Where next is cur's own serial, only cur's own nonce will do. */
	if (pending ? is_next : is_cur)
		return move(4, *state, token.serial, token.nonce, state->next_serial, now);
	if (is_cur)
		return move(5, *state, state->cur_serial, state->cur_nonce, state->next_serial, now);
	return refuse(REASON_REUSED, *state);
}
