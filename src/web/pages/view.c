#include "web/pages/view.h"

#include <stdio.h>

#include "core/standing.h"

#define HOUR_MS (INT64_C(3600) * 1000)

void
view_names(struct json_writer *w, const char *name, struct slice commas)
{
	struct slice one;

	json_open_array(w, name);
	while (commas.len) {
		slice_cut(commas, ',', &one, &commas);
		json_put_string(w, NULL, one);
	}
	json_close_array(w);
}

void
view_user(struct json_writer *w, const char *name, const struct user *user)
{
	json_open(w, name);
	json_put_cstr(w, "id", user->sub);
	json_put_cstr(w, "name", user->name);
	view_names(w, "groups", slice_of(user->groups));
	json_close(w);
}

/* The idle end is a fixed time after the last use, so it would reveal that too. */
static int64_t
to_the_hour(int64_t ms, bool current)
{
	return current ? ms : ms - ms % HOUR_MS;
}

/* A session is not used before it exists, even if rounding down to the hour says so. */
int64_t
view_last_seen(const struct session *session, bool current)
{
	int64_t seen = to_the_hour(session->last_seen_at, current);

	return seen > session->created_at ? seen : session->created_at;
}

void
view_session(struct json_writer *w, const char *name, const struct session *session, bool current)
{
	json_open(w, name);
	json_put_cstr(w, "id", session->sid);
	json_put_cstr(w, "device", session->device);
	json_put_cstr(w, "user_agent", session->user_agent);
	json_put_cstr(w, "ip", session->address);
	json_put_time(w, "created_at", session->created_at);
	json_put_time(w, "last_seen_at", view_last_seen(session, current));
	json_put_time(w, "expires_at", to_the_hour(standing_end(session), current));
	json_put_bool(w, "current", current);
	json_close(w);
}

void
view_methods(uint32_t methods, char out[VIEW_METHODS_SIZE])
{
	static const struct {
		uint32_t method;
		const char *name;
	} names[] = {
		{ LOGIN_BY_PASSWORD, "pwd" },
		{ LOGIN_BY_OTP, "otp" },
		{ LOGIN_BY_PASSWORD | LOGIN_BY_OTP, "mfa" },
		/* no registered name means that somebody else checked */
		{ LOGIN_BY_WEB_SERVER, "ext" },
	};
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((methods & names[i].method) == names[i].method)
			at += (size_t)snprintf(out + at, VIEW_METHODS_SIZE - at, "%s%s",
			    at ? "," : "", names[i].name);
}
