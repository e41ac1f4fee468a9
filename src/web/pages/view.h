/* How users and sessions look in JSON. What is shown is decided here, once. */
#ifndef PINTLE_WEB_PAGES_VIEW_H
#define PINTLE_WEB_PAGES_VIEW_H

#include "base/json.h"
#include "core/records.h"

/* {"id": sub, "name", "groups": [...]} */
void view_user(struct json_writer *w, const char *name, const struct user *user);

/*
 * {"id", "device", "user_agent", "ip", "created_at", "last_seen_at", "expires_at", "current"}. For
 * all sessions but the current one, each member that reveals the time of the last use is rounded
 * down to the hour, but never before created_at.
 */
void view_session(struct json_writer *w, const char *name, const struct session *session,
    bool current);

/*
 * The time of the last use as it is shown: rounded down to the hour unless the session is the
 * current one, but never before its login.
 */
int64_t view_last_seen(const struct session *session, bool current);

/* Writes a comma-separated text as an array of strings. */
void view_names(struct json_writer *w, const char *name, struct slice commas);

#define VIEW_METHODS_SIZE 32

/* The methods of a login as RFC 8176 names them (amr), comma-separated. */
void view_methods(uint32_t methods, char out[VIEW_METHODS_SIZE]);

#endif
