#include "core/rotate.h"

bool
rotate_in_time(int64_t waited_ms, const struct rotate_periods *periods)
{
	return waited_ms <= periods->quiet_ms / 2;
}

int64_t
rotate_alone_life_ms(const struct rotate_periods *periods)
{
	return periods->hand_out_ms > ROTATE_LEAST_LIFE_MS ?
	    periods->hand_out_ms : ROTATE_LEAST_LIFE_MS;
}

struct rotation
rotate_begin(uint32_t nonce)
{
	/* The zero stamp belongs to no boot, so the last move was long ago. */
	return (struct rotation){ .cur_serial = 0, .cur_nonce = nonce, .next_serial = 0,
	    .moved_at = { 0, 0 } };
}

static struct rotate_decision
rotate_refuse(const struct rotation *state, uint8_t rule, enum reason reason)
{
	return (struct rotate_decision){ .answer = ROTATE_REFUSE, .reason = reason, .rule = rule,
	    .state = *state };
}

/*
 * Hands out the serial after from's next; if there is none, the session ends with state unchanged.
 */
static struct rotate_decision
rotate_move(const struct rotation *state, uint8_t rule, struct rotation from, struct stamp now)
{
	if (from.next_serial >= ROTATE_LAST_SERIAL)
		return rotate_refuse(state, rule, REASON_SERIALS_SPENT);
	from.next_serial++;
	from.moved_at = now;
	return (struct rotate_decision){
		.answer = ROTATE_TOKEN, .rule = rule, .moved = true, .serial = from.next_serial,
		.state = from,
	};
}

/* The state in which the client is known to hold token, and nothing newer was handed out. */
static struct rotation
rotate_held(struct rotate_presented token)
{
	return (struct rotation){
		.cur_serial = token.serial, .cur_nonce = token.nonce, .next_serial = token.serial,
		.moved_at = { 0, 0 },
	};
}

struct rotate_decision
rotate_decide(const struct rotation *state, struct rotate_presented token, int64_t age_ms,
    struct stamp now, const struct rotate_periods *periods)
{
	/* Whether something newer than cur was handed out; true from the first refresh on. */
	bool handed_out = state->next_serial != state->cur_serial;
	bool is_cur = token.serial == state->cur_serial && token.nonce == state->cur_nonce;
	bool is_next = handed_out ? token.serial == state->next_serial : is_cur;

	if (age_ms < 0)
		age_ms = 0;
	/*
	 * Row 1: only we can have made this token, so the store has lost the commits that handed it
	 * out.
	 */
	if (token.serial > state->next_serial) {
		if (token.serial - state->next_serial > ROTATE_MAX_AHEAD)
			return rotate_refuse(state, 6, REASON_TOO_FAR_AHEAD);
		return rotate_move(state, 1, rotate_held(token), now);
	}
	if (!is_cur && !is_next)
		return rotate_refuse(state, 6, REASON_REUSED);
	/* Row 2: another tab, a burst, or a lost answer. */
	if (handed_out && age_ms <= periods->hand_out_ms)
		return (struct rotate_decision){
			.answer = ROTATE_TOKEN, .rule = 2, .serial = state->next_serial,
			.state = *state,
		};
	/* Row 3: no refresh token now, so that none is still under way at the next move. */
	if (handed_out && age_ms - periods->hand_out_ms <= periods->quiet_ms)
		return (struct rotate_decision){ .answer = ROTATE_ACCESS_ONLY, .rule = 3,
		    .state = *state };
	/*
	 * Row 4: the usual case. Of all nonces with this serial, only the presented one stays
	 * valid.
	 */
	if (is_next)
		return rotate_move(state, 4, rotate_held(token), now);
	/* Row 5: every answer with next was lost, and the tokens in them become invalid. */
	return rotate_move(state, 5, *state, now);
}
