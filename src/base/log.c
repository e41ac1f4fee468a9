#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log_destination.h"

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

/*
 * Lines that were lost, and whether part of the last one was written, so that the next must begin
 * on a new line.
 */
static _Atomic uint64_t lost;
static atomic_bool torn;

void
log_open(enum log_target to, enum log_level level)
{
	atomic_store(&target, to);
	atomic_store(&threshold, level);
	if (to == LOG_TO_SYSLOG)
		log_syslog_open();
	else
		log_stderr_open();
}

/* Hands over a line without waiting long: a slow reader of the log must not hold up the service. */
static bool
line_hand_over(enum log_level level, struct slice line, bool patient)
{
	size_t taken;

	if (atomic_load(&target) == LOG_TO_SYSLOG)
		return log_syslog_write(levels[level].priority,
		    (struct slice){ line.ptr, line.len - 1 }, patient);
	if (atomic_load(&torn) && !(log_stderr_write(SLICE("\n"), false, &taken) && taken == 1))
		return false;
	atomic_store(&torn, false);
	bool whole = log_stderr_write(line, patient, &taken) && taken == line.len;

	if (!whole && taken > 0)
		atomic_store(&torn, true);
	return whole;
}

/* The number of lost lines is logged before the next line that is accepted. */
static bool
line_tell_lost(uint64_t count)
{
	char memory[256];
	struct buf line = buf_fixed(memory, sizeof(memory));
	struct json_writer w = json_writer(&line);

	json_open(&w, NULL);
	json_put_time(&w, "time", clock_now().wall_ms);
	json_put_cstr(&w, "level", levels[LOG_LEVEL_WARNING].name);
	json_put_cstr(&w, "event", "log_lines_lost");
	json_put_integer(&w, "pid", getpid());
	json_put_integer(&w, "lines", (int64_t)count);
	json_close(&w);
	buf_putc(&line, '\n');
	return buf_status(&line) == PT_OK &&
	    line_hand_over(LOG_LEVEL_WARNING, buf_slice(&line), false);
}

static void
line_write(enum log_level level, const struct buf *line)
{
	uint64_t count = atomic_exchange(&lost, 0);

	if (count > 0 && !line_tell_lost(count)) {
		atomic_fetch_add(&lost, count + 1);
		return;
	}
	if (!line_hand_over(level, buf_slice(line), count == 0))
		atomic_fetch_add(&lost, 1);
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

bool
log_takes(enum log_level level)
{
	return level <= atomic_load(&threshold);
}

void
log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	/* Allocates nothing, because a lack of memory must be logged too. */
	char memory[LINE_MAX_BYTES];
	const size_t end = sizeof("}\n") - 1;
	struct buf line = buf_fixed(memory, sizeof(memory) - end);
	struct json_writer w = json_writer(&line);
	int saved = errno;

	if (!log_takes(level))
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
