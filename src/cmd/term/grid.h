/* Tables for people, with aligned columns. */
#ifndef PINTLE_CMD_TERM_GRID_H
#define PINTLE_CMD_TERM_GRID_H

#include "base/buf.h"

#define GRID_COLUMNS 8

/* Columns are as wide as needed; with very many rows, as the first 500 need. */
struct grid {
	const char *const *heads;	/* borrowed */
	size_t columns;
	size_t width[GRID_COLUMNS];	/* 0: not known yet */
	/* the cells of rows that are not written yet, each followed by NUL */
	struct buf cells;
	size_t cell_count;
};

struct grid grid_new(const char *const *heads, size_t columns);

/* Adds the next cell, row by row; an empty text is shown as "-". */
void grid_put(struct grid *grid, struct slice text);
void grid_put_cstr(struct grid *grid, const char *text);
void grid_put_number(struct grid *grid, uint64_t number);
void grid_put_time(struct grid *grid, int64_t wall_ms);	/* 0 is shown as "-" */

/* Writes the rest, and frees the grid. Without rows nothing is written. */
void grid_end(struct grid *grid);

#endif
