#include "cmd/term/session_view.h"

#include "base/json.h"
#include "core/standing.h"

int64_t
session_view_ended_at(const struct session *session, enum reason standing)
{
	if (session->ended != REASON_NONE)
		return session->ended_at;
	return standing == REASON_IDLE || standing == REASON_ABSOLUTE ? standing_end(session) : 0;
}

void
session_view_members(struct json_writer *json, const struct session *session, const char *user,
    enum reason standing)
{
	json_put_cstr(json, "id", session->sid);
	json_put_cstr(json, "user", user);
	json_put_cstr(json, "device", session->device);
	json_put_cstr(json, "user_agent", session->user_agent);
	json_put_cstr(json, "ip", session->address);
	json_put_time(json, "created_at", session->created_at);
	json_put_time(json, "last_seen_at", session->last_seen_at);
	json_put_time(json, "expires_at", standing_end(session));
	json_put_bool(json, "remember", session->remember);
	json_put_integer(json, "refreshes", session->moves);
	json_put_bool(json, "live", standing == REASON_NONE);
	if (standing == REASON_NONE)
		return;
	json_put_cstr(json, "reason", reason_info(standing)->name);
	json_put_time(json, "ended_at", session_view_ended_at(session, standing));
}
