/*
 * What the command writes: text, and sentences about what went wrong. Text that came from outside
 * reaches no terminal raw.
 */
#ifndef PINTLE_CMD_TERM_OUTPUT_H
#define PINTLE_CMD_TERM_OUTPUT_H

#include "base/buf.h"

/* Writes "pintle: ..." and a new line to standard error. */
void output_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes text to standard output as it is. */
void output_write(struct slice text);

/* A line of text to standard output. */
void output_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Flushes standard output. status, unless something could not be written
 * (said then): EXIT_FAILED.
 */
int output_finish(int status);

/* Whether all of text was there to be written; if memory ran out, says so and has output_finish tell. */
void output_check(const struct buf *text);

/* Whether progress may be shown: standard error is a terminal. */
bool output_is_watched(void);

/* Appends text for a terminal: control characters (C1 too) and broken UTF-8 become '?'. */
void output_put_safe(struct buf *out, struct slice text);

/* Whether a person reads standard output: it is a terminal. */
bool output_is_seen(void);

#endif
