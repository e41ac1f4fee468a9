#include "cmd/term/output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "worker/exit.h"

#define GRID_BATCH 500		/* rows that are looked at for the widths, and written at once */
#define LISTING_BATCH 65536	/* bytes */

/* Something was left out of what should have been written: the exit status must tell. */
static bool output_incomplete;

void
say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("pintle: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

void
output_write(struct slice text)
{
	fwrite(text.ptr ? text.ptr : "", 1, text.len, stdout);
}

void
output_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

int
output_finish(int status)
{
	bool failed = ferror(stdout) != 0;

	if (fflush(stdout) != 0 || failed) {
		say("cannot write to standard output: %s", strerror(errno));
		output_incomplete = true;
	}
	return status == EXIT_OK && output_incomplete ? EXIT_FAILED : status;
}

static void
output_check(const struct buf *text)
{
	if (buf_status(text) == PT_OK)
		return;
	say("not everything could be written: %s", pt_err_text(PT_ERR_NOMEM));
	output_incomplete = true;
}

bool
output_is_watched(void)
{
	return isatty(STDERR_FILENO);
}

bool
output_is_seen(void)
{
	return isatty(STDOUT_FILENO);
}

/* C1 controls (U+0080 to U+009F) begin escape sequences on some terminals. */
static bool
is_c1(struct slice text)
{
	return text.len >= 2 && (unsigned char)text.ptr[0] == 0xc2 && (unsigned char)text.ptr[1] < 0xa0;
}

void
output_put_safe(struct buf *out, struct slice text)
{
	char piece[128];

	while (text.len) {
		size_t len = 0;

		if (is_c1(text)) {
			buf_putc(out, '?');
			text = slice_skip(text, 2);
			continue;
		}
		while (len < text.len && !is_c1(slice_skip(text, len)))
			len++;
		slice_copy_printable((struct slice){ text.ptr, len }, piece, sizeof(piece));
		/* What did not fit into the piece comes with the next one. */
		len = len < sizeof(piece) ? len : strlen(piece);
		buf_puts(out, piece);
		text = slice_skip(text, len);
	}
}

/* ---- tables ---- */

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
	size_t len = characters(text), pad = last || len >= grid->width[column] ? 0 : grid->width[column] - len;

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

/* ---- JSON ---- */

void
listing_begin(struct listing *listing, const char *name)
{
	listing->text = BUF_EMPTY;
	listing->json = json_writer(&listing->text);
	json_open(&listing->json, NULL);
	json_open_array(&listing->json, name);
}

static void
listing_send(struct listing *listing)
{
	output_check(&listing->text);
	output_write(buf_slice(&listing->text));
	buf_clear(&listing->text);
}

void
listing_next(struct listing *listing)
{
	if (listing->text.len >= LISTING_BATCH)
		listing_send(listing);
}

void
listing_end(struct listing *listing)
{
	json_close_array(&listing->json);
	json_close(&listing->json);
	buf_putc(&listing->text, '\n');
	listing_send(listing);
	buf_free(&listing->text);
}
