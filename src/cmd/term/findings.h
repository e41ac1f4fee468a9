/* What `pintle check` and `pintle doctor` found: told to a person as it goes, or to a program as one list. */
#ifndef PINTLE_CMD_TERM_FINDINGS_H
#define PINTLE_CMD_TERM_FINDINGS_H

#include "cmd/term/json_list.h"
#include "cmd/term/output.h"

struct findings {
	bool json;
	struct json_list list;
	bool open;	/* the object of the last finding, to which a mend may be added */
	unsigned wrong;
	int status;	/* exit status that belongs to the first thing that is wrong */
};

/* What was looked at: "configuration", "keys" and so on. */
void findings_begin(struct findings *findings, bool json);

/* In order. */
void findings_ok(struct findings *findings, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Works, but a person should know. */
void findings_hint(struct findings *findings, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Could not be told. */
void findings_skip(struct findings *findings, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Is wrong; findings_mend, called next, says what helps: a command, or a
 * sentence. status is what the program ends with, if it is the first.
 */
void findings_wrong(struct findings *findings, int status, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void findings_mend(struct findings *findings, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes what is left; gives the exit status. */
int findings_end(struct findings *findings);

#endif
