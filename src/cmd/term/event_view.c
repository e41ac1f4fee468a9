#include "cmd/term/event_view.h"

#include <stdio.h>

#include "base/json.h"
#include "cmd/term/output.h"

static void
put_text(struct json_writer *json, const char *name, const char *text)
{
	if (text[0])
		json_put_cstr(json, name, text);
}

void
event_view_json(struct json_writer *json, const struct event *event)
{
	json_open(json, NULL);
	json_put_integer(json, "number", (int64_t)event->number);
	json_put_time(json, "time", event->at);
	json_put_cstr(json, "event", event_info(event->kind)->name);
	if (event->reason != REASON_NONE)
		json_put_cstr(json, "reason", reason_info(event->reason)->name);
	if (event->rule)
		json_put_integer(json, "row", event->rule);
	if (event->times > 1) {
		json_put_integer(json, "times", event->times);
		json_put_time(json, "last", event->last_at);
	}
	put_text(json, "user", event->username);
	put_text(json, "session", event->sid);
	put_text(json, "address", event->address);
	put_text(json, "request_id", event->request_id);
	put_text(json, "service", event->service);
	put_text(json, "kid", event->key_id);
	json_close(json);
}

static const char *
or_dash(const char *text)
{
	return text[0] ? text : "-";
}

static void
put_times(struct buf *line, const struct event *event, const char *before)
{
	char last[CLOCK_TEXT_SIZE];

	if (event->times < 2)
		return;
	clock_format(event->last_at, last);
	buf_printf(line, "%s%u times, the last at %s", before, (unsigned)event->times, last);
}

void
event_view_line(const struct event *event, struct buf *out)
{
	char time[CLOCK_TEXT_SIZE];
	struct buf line = BUF_EMPTY;

	clock_format(event->at, time);
	buf_printf(&line, "%s  %-16s  %-16s  %-22s  %-15s  %s", time, event_info(event->kind)->name,
	    or_dash(event->username), or_dash(event->sid), or_dash(event->address),
	    event->reason == REASON_NONE ? "-" : reason_info(event->reason)->name);
	if (event->service[0])
		buf_printf(&line, "  service %s", event->service);
	if (event->key_id[0])
		buf_printf(&line, "  key %s", event->key_id);
	put_times(&line, event, "  ");
	output_put_safe(out, buf_slice(&line));
	buf_free(&line);
}

void
event_view_sentence(const struct event *event, struct buf *out)
{
	char time[CLOCK_TEXT_SIZE];
	struct buf line = BUF_EMPTY;

	clock_format(event->at, time);
	buf_printf(&line, "%s  %s", time, event_info(event->kind)->text);
	if (event->reason != REASON_NONE)
		buf_printf(&line, " (%s)", reason_info(event->reason)->name);
	if (event->rule)
		buf_printf(&line, ", by row %u of the rotation rule", (unsigned)event->rule);
	if (event->service[0])
		buf_printf(&line, ", service %s", event->service);
	if (event->address[0])
		buf_printf(&line, ", from %s", event->address);
	if (event->request_id[0])
		buf_printf(&line, ", request %s", event->request_id);
	put_times(&line, event, ", ");
	output_put_safe(out, buf_slice(&line));
	buf_free(&line);
}
