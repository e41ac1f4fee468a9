/* Formats an audit event: as one line for a person, as a JSON object for a program. */
#ifndef PINTLE_CMD_TERM_EVENT_VIEW_H
#define PINTLE_CMD_TERM_EVENT_VIEW_H

#include "base/json.h"
#include "core/records.h"

/*
 * {"number", "time", "event", "reason", "row", "user", "session", "address", "request_id"}, without
 * empty members.
 */
void event_view_json(struct json_writer *json, const struct event *event);

/* "TIME EVENT USER SESSION ADDRESS REASON": one line without a newline, safe for a terminal. */
void event_view_line(const struct event *event, struct buf *out);

/* "2026-11-24T08:00:00Z signed in, from 192.0.2.1", for the story of one session. */
void event_view_sentence(const struct event *event, struct buf *out);

#endif
