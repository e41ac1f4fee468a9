#include "core/standing.h"

#define STANDING_DRIFT_MS (INT64_C(60) * 1000)	/* unless one was set, two clocks differ by less */

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Moves a date, within the range that can be stored. */
static int64_t
moved(int64_t at_ms, int64_t by_ms)
{
	if (by_ms > 0 && at_ms > INT64_MAX - by_ms)
		return INT64_MAX;
	return at_ms + by_ms > 0 ? at_ms + by_ms : 0;
}

int64_t
standing_leap_ms(const struct session *session, struct instant now)
{
	int64_t passed = now.wall_ms - session->last_seen_at;
	int64_t age = clock_age_ms(now.stamp, session->seen_at);

	if (age < 0 || age == AGE_LONG_AGO)
		return passed < 0 ? passed : 0;
	return passed - age < STANDING_DRIFT_MS && age - passed < STANDING_DRIFT_MS ?
	    0 : passed - age;
}

void
standing_set_right(struct session *session, struct instant now)
{
	int64_t leap = standing_leap_ms(session, now);

	session->created_at = moved(session->created_at, leap);
	session->auth_time = moved(session->auth_time, leap);
	session->last_seen_at = moved(session->last_seen_at, leap);
	session->idle_end = moved(session->idle_end, leap);
	session->absolute_end = moved(session->absolute_end, leap);
}

bool
standing_is_fresh(const struct session *session, struct instant now, int64_t fresh_ms)
{
	int64_t passed = now.wall_ms - session->last_seen_at;

	return passed >= 0 && passed < fresh_ms;
}

/* The idle end is never after the absolute one, so if they are equal the absolute end counts. */
static enum reason
standing_by_time(const struct session *session, struct instant now)
{
	if (now.wall_ms < moved(standing_end(session), standing_leap_ms(session, now)))
		return REASON_NONE;
	return session->idle_end < session->absolute_end ? REASON_IDLE : REASON_ABSOLUTE;
}

enum reason
standing_decide(const struct session *session, const struct user *user, struct instant now,
    const struct standing_rules *rules)
{
	enum reason by_time = standing_by_time(session, now);

	if (session->ended != REASON_NONE)
		return session->ended;
	if (user == NULL)
		return REASON_USER_DELETED;
	if (user->disabled)
		return REASON_USER_DISABLED;
	if (by_time != REASON_NONE)
		return by_time;
	if (!(session->methods & (LOGIN_BY_OTP | LOGIN_BY_WEB_SERVER)) &&
	    otp_is_required(slice_of(user->groups), rules->otp_required))
		return REASON_OTP_REQUIRED;
	return REASON_NONE;
}

static int64_t
standing_idle_ms(const struct session *session, const struct lifetimes *lifetimes)
{
	return session->remember ? lifetimes->idle_remember_ms : lifetimes->idle_ms;
}

static int64_t
standing_idle_end(const struct session *session, int64_t now_ms, const struct lifetimes *lifetimes)
{
	return earlier(now_ms + standing_idle_ms(session, lifetimes), session->absolute_end);
}

bool
standing_touch_is_due(const struct session *session, struct instant now,
    const struct lifetimes *lifetimes)
{
	return !standing_is_fresh(session, now,
	    earlier(standing_idle_ms(session, lifetimes) / 4, STANDING_TOUCH_EVERY_MS));
}

static void
standing_seen(struct session *session, struct instant now)
{
	session->last_seen_at = now.wall_ms;
	session->seen_at = now.stamp;
}

void
standing_begin(struct session *session, struct instant now, const struct lifetimes *lifetimes)
{
	session->created_at = session->auth_time = now.wall_ms;
	standing_seen(session, now);
	session->absolute_end = now.wall_ms + lifetimes->absolute_ms;
	session->idle_end = standing_idle_end(session, now.wall_ms, lifetimes);
}

void
standing_touch(struct session *session, struct instant now, const struct lifetimes *lifetimes)
{
	standing_set_right(session, now);
	int64_t end = standing_idle_end(session, now.wall_ms, lifetimes);

	standing_seen(session, now);
	if (end > session->idle_end)
		session->idle_end = end;
}

int64_t
standing_end(const struct session *session)
{
	return earlier(session->idle_end, session->absolute_end);
}
