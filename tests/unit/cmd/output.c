/* What reaches a terminal holds nothing that it would obey. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "cmd/term/output.h"

struct safe_row {
	const char *name;
	const char *text;
	const char *shown;
};

static const struct safe_row safe_rows[] = {
	{ "plain text stays", "Kitchen laptop", "Kitchen laptop" },
	{ "letters of all alphabets stay", "K\u00fcche \u2603 \U0001f4bb", "K\u00fcche \u2603 \U0001f4bb" },
	{ "an escape sequence loses its escape", "\x1b[2J\x1b]0;x\x07", "?[2J?]0;x?" },
	{ "a one-byte sequence introducer (C1) goes", "a\xc2\x9b" "31m", "a?31m" },
	{ "the last C1 goes, the first character behind stays", "\xc2\x9f\xc2\xa0", "?\xc2\xa0" },
	{ "lines do not break", "one\r\ntwo\tthree", "one??two?three" },
	{ "DEL goes", "a\x7f", "a?" },
	{ "half a character goes", "a\xe2\x98", "a??" },
	{ "nothing stays nothing", "", "" },
};

static void
nothing_that_a_terminal_obeys_comes_through(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(safe_rows) / sizeof(safe_rows[0]); i++) {
		struct buf out = BUF_EMPTY;

		print_message("# %s\n", safe_rows[i].name);
		output_put_safe(&out, slice_of(safe_rows[i].text));
		buf_putc(&out, '\0');
		assert_string_equal(out.ptr, safe_rows[i].shown);
		buf_free(&out);
	}
}

/* Text passes in pieces: no character may be lost or cut where two of them meet. */
static void
long_text_comes_through_whole(void **state)
{
	(void)state;
	for (size_t before = 0; before < 300; before++) {
		struct buf text = BUF_EMPTY, out = BUF_EMPTY;

		for (size_t i = 0; i < before; i++)
			buf_putc(&text, 'a');
		for (size_t i = 0; i < 100; i++)
			buf_puts(&text, "\u2603");
		output_put_safe(&out, buf_slice(&text));
		assert_true(slice_eq(buf_slice(&text), buf_slice(&out)));
		buf_free(&text);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_that_a_terminal_obeys_comes_through),
		cmocka_unit_test(long_text_comes_through_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
