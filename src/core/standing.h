/*
 * Whether a session stands, and for how long: its idle and absolute ends, and the user's state.
 * Pure.
 */
#ifndef PINTLE_CORE_STANDING_H
#define PINTLE_CORE_STANDING_H

#include "core/otp.h"

struct lifetimes {
	int64_t idle_ms;		/* without remember: 24 h by default */
	int64_t idle_remember_ms;	/* 14 days */
	int64_t absolute_ms;		/* 90 days */
};

/* What a site demands of every session. */
struct standing_rules {
	struct slice otp_required;	/* who needs a second factor; see otp_is_required */
};

/*
 * REASON_NONE if the session stands, else why not: its recorded end, which wins over all others;
 * the user disabled or gone (user NULL); begun by password alone although the user needs a second
 * factor (this does not apply to the web server's own sign-on); idle or absolute end reached.
 */
enum reason standing_decide(const struct session *session, const struct user *user,
    struct instant now, const struct standing_rules *rules);

/* Sets the dates of a session that begins now. */
void standing_begin(struct session *session, struct instant now, const struct lifetimes *lifetimes);

/*
 * Records a use: corrects the dates, and moves the idle end, never past the absolute end and never
 * back.
 */
void standing_touch(struct session *session, struct instant now, const struct lifetimes *lifetimes);

/*
 * How far, in ms, the wall clock has been set since the session's last use, as far as is known
 * (DESIGN.md, A clock that is set). Within a boot the boot clock tells; after a reboot only dates
 * in the future show it, and the last use then counts as now. All dates of the session are wrong by
 * this amount, and correcting them means that setting the clock neither ends a session nor extends
 * it.
 */
int64_t standing_leap_ms(const struct session *session, struct instant now);

/* Moves all dates of the session by standing_leap_ms, so that they fit the present clock. */
void standing_set_right(struct session *session, struct instant now);

/* Whether the session was used less than fresh_ms ago, by a clock that is not behind its dates. */
bool standing_is_fresh(const struct session *session, struct instant now, int64_t fresh_ms);

#define STANDING_TOUCH_EVERY_MS (INT64_C(5) * 60 * 1000)

/*
 * Whether a use by the gate cookie, which comes with every request, must be written: at most every
 * STANDING_TOUCH_EVERY_MS, or four times in an idle life so short that it could end in between.
 */
bool standing_touch_is_due(const struct session *session, struct instant now,
    const struct lifetimes *lifetimes);

/* When the session ends if it is not used again: the earlier of its two ends, in ms. */
int64_t standing_end(const struct session *session);

#endif
