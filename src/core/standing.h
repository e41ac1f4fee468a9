/*
 * Whether a session stands, and for how long: idle and absolute ends, the
 * user's own state. Pure.
 */
#ifndef PINTLE_CORE_STANDING_H
#define PINTLE_CORE_STANDING_H

#include "core/otp.h"

struct lifetimes {
	int64_t idle_ms;		/* without remember: 24 h by default */
	int64_t idle_remember_ms;	/* 14 days */
	int64_t absolute_ms;		/* 90 days */
};

/* What a site asks of every session. */
struct standing_rules {
	struct slice otp_required;	/* who must have a second factor; see otp_is_required */
};

/*
 * REASON_NONE if the session stands; else why not: its own recorded end, the
 * user disabled or gone (user NULL), begun by a password alone of a user who must
 * have a second factor (the web server's own sign-on has its own), or idle or absolute end passed (an end that is
 * now counts as passed).
 * A recorded end wins over all others.
 */
enum reason standing_decide(const struct session *session, const struct user *user,
    struct instant now, const struct standing_rules *rules);

/* Sets the dates of a session that begins now. */
void standing_begin(struct session *session, struct instant now, const struct lifetimes *lifetimes);

/* Notes a use: sets the dates right, and moves the idle end, never past the absolute end, never back. */
void standing_touch(struct session *session, struct instant now, const struct lifetimes *lifetimes);

/*
 * How far the wall clock has been set since the session was last used, in ms, as far as can be told: in the
 * same boot the other clock tells; after another boot only that dates lie ahead, and then the use counts as of now.
 * All dates of the session are off by that, so that a clock that is set, either way, neither ends it nor
 * lets it live longer.
 */
int64_t standing_leap_ms(const struct session *session, struct instant now);

/* Moves all dates of the session by that, so that they fit the clock as it is. */
void standing_set_right(struct session *session, struct instant now);

/* Whether the session was used less than so long ago, by a clock that is not behind its dates. */
bool standing_is_fresh(const struct session *session, struct instant now, int64_t fresh_ms);

#define STANDING_TOUCH_EVERY_MS (INT64_C(5) * 60 * 1000)

/*
 * Whether a use by the gate cookie, which comes with every request, is to be written: every STANDING_TOUCH_EVERY_MS at
 * most, but four times in an idle life that is so short that it would end in between.
 */
bool standing_touch_is_due(const struct session *session, struct instant now, const struct lifetimes *lifetimes);

/* When the session ends if it is not used again: the earlier of the two ends, in ms. */
int64_t standing_end(const struct session *session);

#endif
