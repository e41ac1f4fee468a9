/*
 * The command's output: text, and error messages. Text from outside never reaches a terminal raw.
 */
#ifndef PINTLE_CMD_TERM_OUTPUT_H
#define PINTLE_CMD_TERM_OUTPUT_H

#include "base/buf.h"

/* Writes "pintle: ..." and a new line to standard error. */
void output_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes text to standard output unchanged. */
void output_write(struct slice text);

/* Writes a line of text to standard output. */
void output_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Flushes standard output. Returns status, or EXIT_FAILED, with a message, if something could not
 * be written.
 */
int output_finish(int status);

/* Whether text is complete; if memory ran out, prints a message and makes output_finish fail. */
void output_check(const struct buf *text);

/* Whether progress may be shown: standard error is a terminal. */
bool output_is_watched(void);

/* Appends text for a terminal: control characters (C1 too) and broken UTF-8 become '?'. */
void output_put_safe(struct buf *out, struct slice text);

/* Whether a person reads standard output: it is a terminal. */
bool output_is_seen(void);

#endif
