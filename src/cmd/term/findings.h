/*
 * The findings of `pintle check` and `pintle doctor`: printed for a person one by one, or for a
 * program as one list.
 */
#ifndef PINTLE_CMD_TERM_FINDINGS_H
#define PINTLE_CMD_TERM_FINDINGS_H

#include "cmd/term/json_list.h"
#include "cmd/term/output.h"

struct findings {
	bool json;
	struct json_list list;
	bool open;	/* the object of the last finding, to which a fix may be added */
	unsigned wrong;
	int status;	/* the exit status of the first problem */
};

/* what names what was checked: "configuration", "keys" and so on. */
void findings_begin(struct findings *findings, bool json);

/* In order. */
void findings_ok(struct findings *findings, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* It works, but a person should know. */
void findings_hint(struct findings *findings, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* It could not be checked. */
void findings_skip(struct findings *findings, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * It is wrong; the next call, findings_mend, says what helps: a command, or a sentence. status is
 * the program's exit status if this is the first problem.
 */
void findings_wrong(struct findings *findings, int status, const char *what, const char *format,
    ...) __attribute__((format(printf, 4, 5)));
void findings_mend(struct findings *findings, const char *format,
    ...) __attribute__((format(printf, 2, 3)));

/* Writes the rest; returns the exit status. */
int findings_end(struct findings *findings);

#endif
