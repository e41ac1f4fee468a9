/*
 * The quiet rule: the worth of a presented refresh token. Pure: the state, the token and the age
 * in, a decision and the new state out. No clock, no store, no allocation. doc/rotation.md says why
 * it is safe; tests/model checks it.
 */
#ifndef PINTLE_CORE_ROTATE_H
#define PINTLE_CORE_ROTATE_H

#include "core/records.h"

#define ROTATE_LAST_SERIAL (UINT32_MAX - 1)	/* serials end at 2^32 - 2 */
#define ROTATE_MAX_AHEAD 1000			/* row 1 accepts serials up to this far ahead */

struct rotate_periods {
	int64_t hand_out_ms;	/* A: how long after a move its serial is handed out */
	int64_t quiet_ms;	/* Q: how long nothing is handed out after that */
};

/* The part of the presented token that the rule needs; its MAC and secret have been found good. */
struct rotate_presented {
	uint32_t serial;
	uint32_t nonce;
};

/*
 * Whether a request that has waited for so long may still be judged: beyond half the quiet period
 * its answer could be in flight when the next hand-out begins, and what it brought may have been
 * replaced meanwhile.
 */
bool rotate_in_time(int64_t waited_ms, const struct rotate_periods *periods);

/* the shortest life of an access token, whose times are whole seconds */
#define ROTATE_LEAST_LIFE_MS 1000

/*
 * The life of an access token that is handed out alone (rows 3 and S1): A, and long enough not to
 * be dead at birth.
 */
int64_t rotate_alone_life_ms(const struct rotate_periods *periods);

enum rotate_answer {
	ROTATE_REFUSE = 0,	/* row 6, or no serials are left: the session ends, with .reason */
	ROTATE_ACCESS_ONLY,	/* row 3: an access token of life A, no cookie */
	/* rows 1, 2, 4, 5: an access token, and a refresh token of .serial with a fresh nonce */
	ROTATE_TOKEN,
};

struct rotate_decision {
	enum rotate_answer answer;
	/* if refused: REASON_REUSED, REASON_TOO_FAR_AHEAD or REASON_SERIALS_SPENT */
	enum reason reason;
	uint8_t rule;		/* the row of the rule that decided: 1 to 6 */
	bool moved;		/* state must be written; its moved_at is now */
	uint32_t serial;	/* the serial of the token to hand out; 0 if there is none */
	struct rotation state;	/* the new state; the old one if nothing moved */
};

/*
 * The state of a new login: its client holds serial 0 with this nonce, and the last move was long
 * ago.
 */
struct rotation rotate_begin(uint32_t nonce);

/*
 * Decides on one presented token. age_ms is now - state->moved_at by clock_age_ms (AGE_LONG_AGO for
 * another boot); a negative age counts as zero. now becomes moved_at if the state moves.
 */
struct rotate_decision rotate_decide(const struct rotation *state, struct rotate_presented token,
    int64_t age_ms, struct stamp now, const struct rotate_periods *periods);

#endif
