#include "core/standing.h"

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

enum reason
standing_decide(const struct session *session, const struct user *user, struct instant now, int64_t quiet_ms)
{
	if (session->ended != REASON_NONE)
		return session->ended;
	if (user == NULL)
		return REASON_USER_DELETED;
	if (user->disabled)
		return REASON_USER_DISABLED;
	if (now.wall_ms >= session->absolute_end)
		return REASON_ABSOLUTE;
	if (now.wall_ms >= session->idle_end)
		return REASON_IDLE;
	if (session->superseded_by && clock_age_ms(now.stamp, session->superseded_at) > quiet_ms)
		return REASON_REPLACED;
	return REASON_NONE;
}

static int64_t
idle_end_at(const struct session *session, int64_t now_ms, const struct lifetimes *lifetimes)
{
	int64_t idle_ms = session->remember ? lifetimes->idle_remember_ms : lifetimes->idle_ms;

	return earlier(now_ms + idle_ms, session->absolute_end);
}

void
standing_begin(struct session *session, int64_t now_ms, const struct lifetimes *lifetimes)
{
	session->created_at = now_ms;
	session->last_seen_at = now_ms;
	session->absolute_end = now_ms + lifetimes->absolute_ms;
	session->idle_end = idle_end_at(session, now_ms, lifetimes);
}

void
standing_touch(struct session *session, int64_t now_ms, const struct lifetimes *lifetimes)
{
	int64_t end = idle_end_at(session, now_ms, lifetimes);

	if (now_ms > session->last_seen_at)
		session->last_seen_at = now_ms;
	if (end > session->idle_end)
		session->idle_end = end;
}

int64_t
standing_end(const struct session *session)
{
	return earlier(session->idle_end, session->absolute_end);
}
