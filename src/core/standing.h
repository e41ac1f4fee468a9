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

/* Sets the ends of a session that begins now. */
void standing_begin(struct session *session, int64_t now_ms, const struct lifetimes *lifetimes);

/* Moves the idle end after a use; never past the absolute end, never back. */
void standing_touch(struct session *session, int64_t now_ms, const struct lifetimes *lifetimes);

/* When the session ends if it is not used again: the earlier of the two ends, in ms. */
int64_t standing_end(const struct session *session);

#endif
