#include "core/standing.h"

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The idle end never lies past the absolute one, so where both are one it is the absolute that counts. */
static enum reason
standing_by_time(const struct session *session, int64_t now_ms)
{
	if (now_ms < standing_end(session))
		return REASON_NONE;
	return session->idle_end < session->absolute_end ? REASON_IDLE : REASON_ABSOLUTE;
}

static bool
standing_lacks_otp(const struct session *session, const struct user *user, struct slice required)
{
	return !(session->methods & (LOGIN_BY_OTP | LOGIN_BY_WEB_SERVER)) &&
	    otp_is_required(slice_of(user->groups), required);
}

enum reason
standing_decide(const struct session *session, const struct user *user, struct instant now,
    const struct standing_rules *rules)
{
	enum reason by_time = standing_by_time(session, now.wall_ms);

	if (session->ended != REASON_NONE)
		return session->ended;
	if (user == NULL)
		return REASON_USER_DELETED;
	if (user->disabled)
		return REASON_USER_DISABLED;
	if (by_time != REASON_NONE)
		return by_time;
	if (standing_lacks_otp(session, user, rules->otp_required))
		return REASON_OTP_REQUIRED;
	return REASON_NONE;
}

static int64_t
standing_idle_end(const struct session *session, int64_t now_ms, const struct lifetimes *lifetimes)
{
	int64_t idle_ms = session->remember ? lifetimes->idle_remember_ms : lifetimes->idle_ms;

	return earlier(now_ms + idle_ms, session->absolute_end);
}

void
standing_begin(struct session *session, int64_t now_ms, const struct lifetimes *lifetimes)
{
	session->absolute_end = now_ms + lifetimes->absolute_ms;
	session->idle_end = standing_idle_end(session, now_ms, lifetimes);
}

void
standing_touch(struct session *session, int64_t now_ms, const struct lifetimes *lifetimes)
{
	int64_t end = standing_idle_end(session, now_ms, lifetimes);

	if (end > session->idle_end)
		session->idle_end = end;
}

int64_t
standing_end(const struct session *session)
{
	return earlier(session->idle_end, session->absolute_end);
}
