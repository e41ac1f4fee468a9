#include "cmd/term/grid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/term/output.h"

#define GRID_BATCH 500		/* rows that decide the widths, and are written at once */

struct grid
grid_new(const char *const *heads, size_t columns)
{
	return (struct grid){ .heads = heads, .columns = columns, .cells = BUF_EMPTY };
}

static size_t
characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void
grid_measure(struct grid *grid)
{
	const char *cell = grid->cells.ptr;

	for (size_t i = 0; i < grid->columns; i++)
		grid->width[i] = characters(grid->heads[i]);
	for (size_t i = 0; i < grid->cell_count; i++, cell += strlen(cell) + 1) {
		size_t *width = &grid->width[i % grid->columns], here = characters(cell);

		*width = here > *width ? here : *width;
	}
}

static void
grid_write_cell(const struct grid *grid, size_t column, const char *text)
{
	bool last = column + 1 == grid->columns;
	size_t len = characters(text), pad = last || len >= grid->width[column] ?
	    0 : grid->width[column] - len;

	printf("%s%*s%s", text, (int)pad, "", last ? "\n" : "  ");
}

static void
grid_flush(struct grid *grid)
{
	if (grid->cell_count == 0 || buf_status(&grid->cells) != PT_OK)
		return;
	if (grid->width[0] == 0) {
		grid_measure(grid);
		for (size_t i = 0; i < grid->columns; i++)
			grid_write_cell(grid, i, grid->heads[i]);
	}

	const char *cell = grid->cells.ptr;

	for (size_t i = 0; i < grid->cell_count; i++, cell += strlen(cell) + 1)
		grid_write_cell(grid, i % grid->columns, cell);
	buf_clear(&grid->cells);
	grid->cell_count = 0;
}

void
grid_put(struct grid *grid, struct slice text)
{
	if (grid->cell_count == grid->columns * GRID_BATCH)
		grid_flush(grid);
	output_put_safe(&grid->cells, text.len ? text : SLICE("-"));
	buf_putc(&grid->cells, '\0');
	grid->cell_count++;
}

void
grid_put_cstr(struct grid *grid, const char *text)
{
	grid_put(grid, slice_of(text));
}

void
grid_put_number(struct grid *grid, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	grid_put_cstr(grid, text);
}

void
grid_put_time(struct grid *grid, int64_t wall_ms)
{
	char text[CLOCK_TEXT_SIZE] = "";

	if (wall_ms)
		clock_format(wall_ms, text);
	grid_put_cstr(grid, text);
}

void
grid_end(struct grid *grid)
{
	grid_flush(grid);
	output_check(&grid->cells);
	buf_free(&grid->cells);
}
