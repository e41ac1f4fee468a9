/*
 * The quiet rule: what a presented refresh token is worth. Pure: the state, the
 * token and the age in, a decision and the new state out. No clock, no store,
 * no allocation. doc/rotation.md says why it is safe; tests/model checks it.
 */
#ifndef PINTLE_CORE_ROTATE_H
#define PINTLE_CORE_ROTATE_H

#include "core/records.h"

#define ROTATE_LAST_SERIAL (UINT32_MAX - 1)	/* serials end at 2^32 - 2 */
#define ROTATE_MAX_AHEAD 1000			/* row 1 holds up to so many above */

struct rotate_periods {
	int64_t hand_out_ms;	/* A: after a move, its serial is handed out for so long */
	int64_t quiet_ms;	/* Q: and then nothing is handed out for so long */
};

/* What of the presented token the rule looks at; its MAC and secret are good already. */
struct rotate_presented {
	uint32_t serial;
	uint32_t nonce;
};

#define ROTATE_LEAST_LIFE_MS 1000	/* of any access token: its times are whole seconds */

/* How long an access token that is handed out alone lives: for A, and never so short that it is dead at birth. */
int64_t rotate_alone_life_ms(const struct rotate_periods *periods);

enum rotate_answer {
	ROTATE_REFUSE = 0,	/* row 6, or the serials are spent: the session ends, with .reason */
	ROTATE_ACCESS_ONLY,	/* row 3: an access token of life A, no cookie */
	ROTATE_TOKEN,		/* rows 1, 2, 4, 5: an access token, and a refresh token of .serial with a fresh nonce */
};

struct rotate_decision {
	enum rotate_answer answer;
	enum reason reason;	/* where refused: REASON_REUSED, REASON_TOO_FAR_AHEAD or REASON_SERIALS_SPENT */
	uint8_t row;		/* 1 to 6 */
	bool moved;		/* state is to be written, with moved_at of now */
	uint32_t serial;	/* of the token to hand out; 0 where none is */
	struct rotation state;	/* the new state; the old one where nothing moved */
};

/*
 * The state that a login begins with: serial 0 with this nonce is what its
 * client holds, moved long ago.
 */
struct rotation rotate_begin(uint32_t nonce);

/*
 * Decides on one presented token. age_ms is now - state->moved_at as
 * clock_age_ms gives it (AGE_LONG_AGO for another boot); negative counts as
 * zero. now becomes moved_at where the state moves.
 */
struct rotate_decision rotate_decide(const struct rotation *state, struct rotate_presented token,
    int64_t age_ms, struct stamp now, const struct rotate_periods *periods);

#endif
