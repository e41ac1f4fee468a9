/* Formats a session for an administrator: with more than its owner sees, but never a secret. */
#ifndef PINTLE_CMD_TERM_SESSION_VIEW_H
#define PINTLE_CMD_TERM_SESSION_VIEW_H

#include "base/json.h"
#include "core/records.h"

/*
 * When it ended, in ms; 0 if it lives, or if that is unknown (for example because its user is
 * disabled).
 */
int64_t session_view_ended_at(const struct session *session, enum reason standing);

/*
 * Writes the members "id", "user", "device", "user_agent", "ip", "created_at", "last_seen_at",
 * "expires_at", "remember", "refreshes", "live"; and for an ended session "reason", "ended_at".
 */
void session_view_members(struct json_writer *json, const struct session *session, const char *user,
    enum reason standing);

#endif
