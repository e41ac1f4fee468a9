/* Borrowed bytes are cut, compared and parsed as the header says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/slice.h"

#define TEXT(literal) { (literal), sizeof(literal) - 1 }
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
assert_slice(const char *name, struct slice got, struct slice want)
{
	if (!slice_eq(got, want))
		fail_msg("%s: \"%.*s\", wanted \"%.*s\"", name, SLICE_ARG(got), SLICE_ARG(want));
}

static const struct {
	const char *name;
	struct slice a, b;
	bool same, same_folded;
} pairs[] = {
	{ "two empty slices are the same", { NULL, 0 }, TEXT(""), true, true },
	{ "a slice is the same as its like", TEXT("abc"), TEXT("abc"), true, true },
	{ "the beginning of a slice is another", TEXT("abc"), TEXT("ab"), false, false },
	{ "a letter's case matters unless it is folded", TEXT("aBz"), TEXT("AbZ"), false, true },
	{ "what stands beside the letters is not folded", TEXT("@[`{"), TEXT("`{@["), false, false },
	{ "letters beyond ASCII are not folded", TEXT("\xc3\xa9"), TEXT("\xc3\x89"), false, false },
	{ "bytes behind a NUL count", TEXT("a\0b"), TEXT("a\0c"), false, false },
};

static void
slices_are_compared_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (slice_eq(pairs[i].a, pairs[i].b) != pairs[i].same ||
		    slice_eq_nocase(pairs[i].a, pairs[i].b) != pairs[i].same_folded)
			fail_msg("%s", pairs[i].name);
}

static void
a_c_string_loses_its_nul(void **state)
{
	(void)state;
	assert_slice("text", slice_of("abc"), SLICE("abc"));
	assert_int_equal(slice_of("").len, 0);
	assert_int_equal(slice_of(NULL).len, 0);
}

static void
a_beginning_is_seen_and_skipped(void **state)
{
	(void)state;
	assert_true(slice_starts(SLICE("Bearer x"), SLICE("Bearer ")));
	assert_true(slice_starts(SLICE("x"), SLICE("")));
	assert_false(slice_starts(SLICE("Bear"), SLICE("Bearer")));
	assert_false(slice_starts(SLICE("bearer"), SLICE("Bear")));
	assert_slice("some", slice_skip(SLICE("abc"), 2), SLICE("c"));
	assert_slice("all", slice_skip(SLICE("abc"), 3), SLICE(""));
	assert_slice("more than there is", slice_skip(SLICE("abc"), 4), SLICE(""));
	assert_slice("of nothing", slice_skip((struct slice){ NULL, 0 }, 1), SLICE(""));
}

static const struct {
	const char *name;
	struct slice text, before, after;
	bool found;
} cuts[] = {
	{ "a slice is cut at the separator", TEXT("a=b"), TEXT("a"), TEXT("b"), true },
	{ "the first of several separators counts", TEXT("a=b=c"), TEXT("a"), TEXT("b=c"), true },
	{ "a separator at the head leaves nothing before it", TEXT("=b"), TEXT(""), TEXT("b"), true },
	{ "a separator at the end leaves nothing after it", TEXT("a="), TEXT("a"), TEXT(""), true },
	{ "without a separator all stands before it", TEXT("ab"), TEXT("ab"), TEXT(""), false },
	{ "nothing is cut into nothing", { NULL, 0 }, TEXT(""), TEXT(""), false },
};

static void
slices_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cuts); i++) {
		struct slice before, after, own = cuts[i].text;

		assert_int_equal(slice_cut(cuts[i].text, '=', &before, &after), cuts[i].found);
		assert_slice(cuts[i].name, before, cuts[i].before);
		assert_slice(cuts[i].name, after, cuts[i].after);
		/* An output may be the input's own variable. */
		slice_cut(own, '=', &before, &own);
		assert_slice(cuts[i].name, own, cuts[i].after);
		own = cuts[i].text;
		slice_cut(own, '=', &own, &after);
		assert_slice(cuts[i].name, own, cuts[i].before);
	}
}

static void
a_word_of_a_list_is_found_whole(void **state)
{
	(void)state;
	assert_true(slice_is_listed(SLICE("ab"), SLICE("ab"), ' '));
	assert_true(slice_is_listed(SLICE("ab"), SLICE("x ab c"), ' '));
	assert_true(slice_is_listed(SLICE("c"), SLICE("x,ab,c"), ','));
	assert_false(slice_is_listed(SLICE("a"), SLICE("ab ba"), ' '));
	assert_false(slice_is_listed(SLICE("ab c"), SLICE("ab c"), ' '));
	assert_false(slice_is_listed(SLICE("ab"), SLICE("AB"), ' '));
	assert_false(slice_is_listed(SLICE("ab"), (struct slice){ NULL, 0 }, ' '));
}

static void
spaces_and_tabs_are_trimmed_and_nothing_else(void **state)
{
	(void)state;
	assert_slice("both ends", slice_trim(SLICE(" \t a b\t ")), SLICE("a b"));
	assert_slice("only space", slice_trim(SLICE(" \t ")), SLICE(""));
	assert_slice("a line's end stays", slice_trim(SLICE("a\r\n")), SLICE("a\r\n"));
}

static const struct {
	const char *name;
	struct slice text;
	bool utf8, control;
} texts[] = {
	{ "nothing is good text", { NULL, 0 }, true, false },
	{ "ASCII is good text", TEXT(" ~"), true, false },
	{ "two, three and four bytes", TEXT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), true, false },
	{ "the last code point", TEXT("\xf4\x8f\xbf\xbf"), true, false },
	{ "the code points beside the surrogates", TEXT("\xed\x9f\xbf\xee\x80\x80"), true, false },
	{ "a NUL is a control", TEXT("a\0"), true, true },
	{ "the last control below the space", TEXT("\x1f"), true, true },
	{ "DEL is a control", TEXT("\x7f"), true, true },
	{ "above the last code point", TEXT("\xf4\x90\x80\x80"), false, false },
	{ "a lead byte that never leads", TEXT("\xf5\x80\x80\x80"), false, false },
	{ "a surrogate", TEXT("\xed\xa0\x80"), false, false },
	{ "an overlong slash of two bytes", TEXT("\xc0\xaf"), false, false },
	{ "the largest overlong form of two bytes", TEXT("\xc1\xbf"), false, false },
	{ "an overlong form of three bytes", TEXT("\xe0\x9f\xbf"), false, false },
	{ "an overlong form of four bytes", TEXT("\xf0\x8f\xbf\xbf"), false, false },
	{ "a continuation alone", TEXT("\x80"), false, false },
	{ "a sequence cut short", TEXT("a\xe2\x82"), false, false },
	{ "a lead where a continuation should be", TEXT("\xe2\xe2\x82"), false, false },
	{ "a letter where the last byte should be", TEXT("\xf0\x9f\x98z"), false, false },
};

static void
text_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		if (slice_is_utf8(texts[i].text) != texts[i].utf8)
			fail_msg("%s: UTF-8", texts[i].name);
		if (slice_has_control(texts[i].text) != texts[i].control)
			fail_msg("%s: control", texts[i].name);
	}
}

/* Words are compared whole: each text at each place among the others, in lists of up to three. */
static void
text_is_judged_alike_wherever_it_stands(void **state)
{
	char whole[32];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		for (size_t before = 0; before + texts[i].text.len <= 24; before++) {
			for (size_t len = before + texts[i].text.len; texts[i].text.len && len <= 24; len++) {
				memset(whole, 'a', sizeof(whole));
				memcpy(whole + before, texts[i].text.ptr, texts[i].text.len);
				/* The bytes after it must not matter. */
				whole[len] = '\x1f';
				if (slice_is_utf8((struct slice){ whole, len }) != texts[i].utf8)
					fail_msg("%s: UTF-8, behind %zu of %zu", texts[i].name, before, len);
				if (slice_has_control((struct slice){ whole, len }) != texts[i].control)
					fail_msg("%s: control, behind %zu of %zu", texts[i].name, before, len);
			}
		}
	}
	for (int byte = 0; byte < 256; byte++) {
		for (size_t at = 0; at < 16; at++) {
			memset(whole, ' ', sizeof(whole));
			whole[at] = (char)byte;
			assert_int_equal(slice_has_control((struct slice){ whole, 16 }), byte < 0x20 || byte == 0x7f);
			assert_int_equal(slice_is_utf8((struct slice){ whole, 16 }), byte < 0x80);
		}
	}
}

static void
the_first_character_is_measured(void **state)
{
	(void)state;
	assert_int_equal(slice_utf8_head(SLICE("ab")), 1);
	assert_int_equal(slice_utf8_head(SLICE("\xc3\xa9\xff")), 2);
	assert_int_equal(slice_utf8_head(SLICE("\xe2\x82\xac")), 3);
	assert_int_equal(slice_utf8_head(SLICE("\xf0\x9f\x98\x80")), 4);
	assert_int_equal(slice_utf8_head(SLICE("\xff")), 0);
	assert_int_equal(slice_utf8_head((struct slice){ NULL, 0 }), 0);
}

static const struct {
	const char *name;
	struct slice text;
	bool good;
	uint64_t value;
} numbers[] = {
	{ "zero", TEXT("0"), true, 0 },
	{ "zeros at the head say nothing", TEXT("007"), true, 7 },
	{ "the largest that fits", TEXT("18446744073709551615"), true, UINT64_MAX },
	{ "one more", TEXT("18446744073709551616"), false, 0 },
	{ "ten times the largest", TEXT("184467440737095516150"), false, 0 },
	{ "nothing", TEXT(""), false, 0 },
	{ "a sign", TEXT("+1"), false, 0 },
	{ "a minus", TEXT("-1"), false, 0 },
	{ "a space", TEXT(" 1"), false, 0 },
	{ "a letter behind", TEXT("1a"), false, 0 },
	{ "a NUL behind", TEXT("1\0"), false, 0 },
	{ "hexadecimal", TEXT("0x1"), false, 0 },
};

static void
numbers_are_digits_and_fit(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		uint64_t value = 0;

		if (slice_to_u64(numbers[i].text, &value) != numbers[i].good || value != numbers[i].value)
			fail_msg("%s", numbers[i].name);
	}
}

static void
hexadecimal_digits_are_the_twenty_two(void **state)
{
	const char *lower = "0123456789abcdef", *upper = "0123456789ABCDEF";

	(void)state;
	for (int c = 1; c < 256; c++) {
		const char *at = strchr(lower, c) ? strchr(lower, c) : strchr(upper, c);
		int want = at ? (int)(at - (strchr(lower, c) ? lower : upper)) : -1;

		assert_int_equal(slice_hex_digit((char)c), want);
	}
	assert_int_equal(slice_hex_digit('\0'), -1);
}

static void
a_copy_is_whole_or_empty(void **state)
{
	char text[4] = "old";

	(void)state;
	assert_true(slice_copy(SLICE("abc"), text, sizeof(text)));
	assert_string_equal(text, "abc");
	assert_false(slice_copy(SLICE("abcd"), text, sizeof(text)));
	assert_string_equal(text, "");
	memcpy(text, "old", sizeof(text));
	assert_false(slice_copy(SLICE("a\0b"), text, sizeof(text)));
	assert_string_equal(text, "");
	assert_true(slice_copy((struct slice){ NULL, 0 }, text, sizeof(text)));
	assert_false(slice_copy(SLICE("a"), text, 0));
}

static const struct {
	const char *name;
	struct slice text;
	size_t cap;
	const char *want;
} copies[] = {
	{ "good text stays as it is", TEXT("caf\xc3\xa9 \xe2\x82\xac"), 32, "caf\xc3\xa9 \xe2\x82\xac" },
	{ "a line's end becomes a question mark", TEXT("a\r\nb"), 32, "a??b" },
	{ "a NUL becomes a question mark", TEXT("a\0b"), 32, "a?b" },
	{ "an escape sequence loses its escape", TEXT("\x1b[2J\x7f"), 32, "?[2J?" },
	{ "a terminal's one-character escape too", TEXT("\xc2\x9b""2J"), 32, "?2J" },
	{ "the first character behind the C1 controls stays", TEXT("\xc2\xa0"), 32, "\xc2\xa0" },
	{ "each broken byte becomes a question mark", TEXT("\xff\xc3z"), 32, "??z" },
	{ "what does not fit is cut", TEXT("abcdef"), 4, "abc" },
	{ "a character is not cut in its middle", TEXT("ab\xe2\x82\xac"), 5, "ab" },
	{ "a character that just fits is kept", TEXT("ab\xe2\x82\xac"), 6, "ab\xe2\x82\xac" },
	{ "nothing follows what did not fit", TEXT("\xe2\x82\xac""a"), 3, "" },
	{ "room for the NUL alone", TEXT("a"), 1, "" },
};

static void
what_a_stranger_sent_can_be_read(void **state)
{
	char text[32], untouched = 'x';

	(void)state;
	for (size_t i = 0; i < COUNT(copies); i++) {
		memset(text, 'x', sizeof(text));
		slice_copy_printable(copies[i].text, text, copies[i].cap);
		if (strcmp(text, copies[i].want) != 0)
			fail_msg("%s: \"%s\"", copies[i].name, text);
	}
	slice_copy_printable(SLICE("a"), &untouched, 0);
	assert_int_equal(untouched, 'x');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slices_are_compared_whole),
		cmocka_unit_test(a_c_string_loses_its_nul),
		cmocka_unit_test(a_beginning_is_seen_and_skipped),
		cmocka_unit_test(slices_are_cut),
		cmocka_unit_test(a_word_of_a_list_is_found_whole),
		cmocka_unit_test(spaces_and_tabs_are_trimmed_and_nothing_else),
		cmocka_unit_test(text_is_judged),
		cmocka_unit_test(text_is_judged_alike_wherever_it_stands),
		cmocka_unit_test(the_first_character_is_measured),
		cmocka_unit_test(numbers_are_digits_and_fit),
		cmocka_unit_test(hexadecimal_digits_are_the_twenty_two),
		cmocka_unit_test(a_copy_is_whole_or_empty),
		cmocka_unit_test(what_a_stranger_sent_can_be_read),
	};

	return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
