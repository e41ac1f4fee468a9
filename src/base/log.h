/*
 * The log: one JSON object for each line, to standard error or syslog, written with one write(2) so
 * that lines of threads and processes never mix. The log waits for no destination: a line that is
 * not accepted is lost and counted, and the number is logged ("log_lines_lost") before the next
 * line that is accepted (DESIGN.md, The log is never waited for). Values from outside are escaped,
 * so no line can be forged. Bytes can be logged only as a named text field, and secrets have no
 * such form.
 */
#ifndef PINTLE_BASE_LOG_H
#define PINTLE_BASE_LOG_H

#include "base/slice.h"

enum log_level { LOG_LEVEL_ERROR = 0, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_target { LOG_TO_STDERR = 0, LOG_TO_SYSLOG };

/* A named value: text if number_is is false. A text of length 0 is left out. */
struct log_field {
	const char *name;
	struct slice text;
	int64_t number;
	bool is_number;
};

#define LOG_TEXT(name_, slice_) ((struct log_field){ (name_), (slice_), 0, false })
#define LOG_STR(name_, cstr_) ((struct log_field){ (name_), slice_of(cstr_), 0, false })
#define LOG_NUM(name_, number_) ((struct log_field){ (name_), { 0 }, (number_), true })

/* Call before threads are started. Levels below this one are not written. */
void log_open(enum log_target target, enum log_level level);

/*
 * {"time":"...Z","level":"info","event":EVENT, fields...}. event is one of the program's own words
 * (snake_case); no field may be called time, level or event. A field that would make the line
 * longer than 8 KiB is left out. From any thread; errno is preserved, so that a failure can be
 * logged on its way up.
 */
void log_event(enum log_level level, const char *event, const struct log_field *fields,
    size_t count);

/* Whether lines with this level are written. */
bool log_takes(enum log_level level);

/*
 * The same for events that a stranger can cause at will: for each event and key (one of the
 * program's own words, or NULL) at most `most` lines a minute; "times" says how many events a line
 * stands for since the one before it. At the level debug every line is written.
 */
void log_sparely(enum log_level level, const char *event, const char *key, unsigned most,
    const struct log_field *fields, size_t count);

/* Logs how many lines were left out, if their minute is over and no other line has come since. */
void log_tell_spared(void);

#define LOG(level_, event_, ...) \
	log_event((level_), (event_), (const struct log_field[]){ __VA_ARGS__ }, \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

#define LOG_SPARELY(level_, event_, key_, ...) \
	log_sparely((level_), (event_), (key_), 1, (const struct log_field[]){ __VA_ARGS__ }, \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

#endif
