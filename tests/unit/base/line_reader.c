/* Lines come out whole, however they arrive. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/line_reader.h"

/* The text written into a pipe, in pieces of this many bytes. */
struct feed {
	int fd;
	struct slice text;
	size_t piece;
};

static void *
feed_pipe(void *arg)
{
	struct feed *feed = arg;
	struct slice rest = feed->text;

	while (rest.len > 0) {
		size_t len = rest.len < feed->piece ? rest.len : feed->piece;
		ssize_t done = write(feed->fd, rest.ptr, len);

		if (done < 0)
			break;
		rest = slice_skip(rest, (size_t)done);
	}
	close(feed->fd);
	return NULL;
}

/* Appends "number:length[first byte];" for every line read from text. */
static void
lines_of(struct slice text, size_t piece, struct buf *out)
{
	struct feed feed = { .text = text, .piece = piece };
	struct line_reader *reader;
	struct line_read line;
	pthread_t thread;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	feed.fd = ends[1];
	assert_int_equal(pthread_create(&thread, NULL, feed_pipe, &feed), 0);
	reader = line_reader_new(ends[0]);
	for (;;) {
		assert_int_equal(line_reader_next(reader, &line), PT_OK);
		if (line.end)
			break;
		assert_true(!line.too_long || line.text.len == 0);
		buf_printf(out, "%u:%zu%s%.*s;", (unsigned)line.number, line.text.len, line.too_long ? "!" : "",
		    line.text.len > 0, line.text.ptr);
	}
	line_reader_free(reader);
	pthread_join(thread, NULL);
	close(ends[0]);
	buf_putc(out, '\0');
	assert_int_equal(buf_status(out), PT_OK);
}

static void
expect_lines(struct slice text, const char *expected)
{
	static const size_t pieces[] = { 1, 3, 1000, 16385, 1 << 20 };

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct buf got = BUF_EMPTY;

		if (pieces[i] == 1 && text.len > 100)
			continue;
		lines_of(text, pieces[i], &got);
		assert_string_equal(got.ptr, expected);
		buf_free(&got);
	}
}

static void
lines_end_as_files_of_all_systems_have_it(void **state)
{
	(void)state;
	expect_lines(SLICE(""), "");
	expect_lines(SLICE("\n"), "1:0;");
	expect_lines(SLICE("ab\ncd\n"), "1:2a;2:2c;");
	expect_lines(SLICE("ab\ncd"), "1:2a;2:2c;");
	expect_lines(SLICE("ab\r\n\r\ncd\r\n"), "1:2a;2:0;3:2c;");
	expect_lines(SLICE("a\rb\n"), "1:3a;");
	expect_lines(SLICE("\xef\xbb\xbf" "ab\n\xef\xbb\xbf\n"), "1:2a;2:3\xef;");
	expect_lines(SLICE("a\0b\n"), "1:3a;");
}

static void
a_line_that_is_too_long_costs_itself_alone(void **state)
{
	const size_t longest = LINE_READER_MAX, over[] = { longest + 1, longest + 2, longest + 3, 5 * longest };
	struct buf text = BUF_EMPTY;
	char *xs = malloc(5 * longest);

	(void)state;
	memset(xs, 'x', 5 * longest);
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		buf_clear(&text);
		buf_puts(&text, "before\n");
		buf_append(&text, xs, over[i]);
		buf_puts(&text, "\nbehind\n");
		buf_append(&text, xs, longest);
		buf_puts(&text, "\nlast");
		expect_lines(buf_slice(&text), "1:6b;2:0!;3:6b;4:16384x;5:4l;");
		buf_clear(&text);
		buf_append(&text, xs, over[i]);
		expect_lines(buf_slice(&text), "1:0!;");
	}
	buf_free(&text);
	free(xs);
}

static void
what_cannot_be_read_is_an_error(void **state)
{
	struct line_reader *reader = line_reader_new(-1);
	struct line_read line;

	(void)state;
	assert_int_equal(line_reader_next(reader, &line), PT_ERR_IO);
	line_reader_free(reader);
	line_reader_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_as_files_of_all_systems_have_it),
		cmocka_unit_test(a_line_that_is_too_long_costs_itself_alone),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
