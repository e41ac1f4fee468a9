/*
 * What the command writes: tables for people, JSON for programs, sentences
 * about what went wrong. Text that came from outside reaches no terminal raw.
 */
#ifndef PINTLE_CMD_TERM_OUTPUT_H
#define PINTLE_CMD_TERM_OUTPUT_H

#include "base/buf.h"
#include "base/json.h"

/* Writes "pintle: ..." and a new line to standard error. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes text to standard output as it is. */
void output_write(struct slice text);

/* A line of text to standard output. */
void output_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Flushes standard output. status, unless something could not be written
 * (said then): EXIT_FAILED.
 */
int output_finish(int status);

/* Whether progress may be shown: standard error is a terminal. */
bool output_is_watched(void);

/* Appends text for a terminal: control characters (C1 too) and broken UTF-8 become '?'. */
void output_put_safe(struct buf *out, struct slice text);

/* Whether a person reads standard output: it is a terminal. */
bool output_is_seen(void);

/* ---- tables ---- */

#define GRID_COLUMNS 8

/* Columns as wide as they need be; of very many rows, as the first 500 need. */
struct grid {
	const char *const *heads;	/* borrowed */
	size_t columns;
	size_t width[GRID_COLUMNS];	/* 0: not known yet */
	struct buf cells;		/* of the rows that wait, each ended by NUL */
	size_t cell_count;
};

struct grid grid_new(const char *const *heads, size_t columns);

/* The next cell, row by row; the empty text is shown as "-". */
void grid_put(struct grid *grid, struct slice text);
void grid_put_cstr(struct grid *grid, const char *text);
void grid_put_number(struct grid *grid, uint64_t number);
void grid_put_time(struct grid *grid, int64_t wall_ms);	/* 0 is "-" */

/* Writes what is left, and releases. Without rows nothing is written. */
void grid_end(struct grid *grid);

/* ---- JSON ---- */

/*
 * A listing {"users":[...]}: write each element with .json, then call
 * listing_next, which sends what has gathered on its way.
 */
struct listing {
	struct buf text;
	struct json_writer json;
};
void listing_begin(struct listing *listing, const char *name);
void listing_next(struct listing *listing);
void listing_end(struct listing *listing);

#endif
