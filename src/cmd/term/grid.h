/* Tables for people, with aligned columns. */
#ifndef PINTLE_CMD_TERM_GRID_H
#define PINTLE_CMD_TERM_GRID_H

#include "base/buf.h"

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

#endif
