#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"

#define LINE_MAX_BYTES 8192

static _Atomic enum log_target target;
static _Atomic enum log_level threshold = LOG_LEVEL_INFO;

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", LOG_ERR },
	[LOG_LEVEL_WARNING] = { "warning", LOG_WARNING },
	[LOG_LEVEL_INFO] = { "info", LOG_INFO },
	[LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
};

void
log_open(enum log_target to, enum log_level level)
{
	atomic_store(&target, to);
	atomic_store(&threshold, level);
	if (to == LOG_TO_SYSLOG)
		openlog("pintle", LOG_NDELAY | LOG_PID, LOG_AUTHPRIV);
}

static void
line_write(enum log_level level, const struct buf *line)
{
	ssize_t done;

	if (atomic_load(&target) == LOG_TO_SYSLOG) {
		syslog(levels[level].priority, "%.*s", (int)line->len - 1, line->ptr);
		return;
	}
	/* One write, so that lines of many threads and processes never mix; a log
	 * that cannot be written has nowhere to say so. */
	done = write(STDERR_FILENO, line->ptr, line->len);
	(void)done;
}

/* One field, or nothing if the line has no room for it. */
static void
field_put(struct json_writer *w, const struct log_field *field)
{
	struct json_writer before = *w;
	size_t len = w->out->len;

	if (field->is_number)
		json_put_integer(w, field->name, field->number);
	else if (field->text.len)
		json_put_string(w, field->name, field->text);
	if (buf_status(w->out) == PT_OK)
		return;
	buf_cut(w->out, len);
	*w = before;
}

void
log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	/* No memory of its own: that none is left must be said too. */
	char memory[LINE_MAX_BYTES];
	const size_t end = sizeof "}\n" - 1;
	struct buf line = buf_fixed(memory, sizeof memory - end);
	struct json_writer w = json_writer(&line);
	int saved = errno;

	if (level > atomic_load(&threshold))
		return;
	json_open(&w, NULL);
	json_put_time(&w, "time", clock_now().wall_ms);
	json_put_cstr(&w, "level", levels[level].name);
	json_put_cstr(&w, "event", event);
	for (size_t i = 0; i < count; i++)
		field_put(&w, &fields[i]);
	line.cap += end;
	json_close(&w);
	buf_putc(&line, '\n');
	if (buf_status(&line) == PT_OK)
		line_write(level, &line);
	errno = saved;
}
