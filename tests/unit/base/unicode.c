/* One form for all spellings, and which characters belong to words. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/unicode.h"

#define FOLDED_SIZE 512

static size_t
put_utf8(uint32_t uc, char *out)
{
	if (uc < 0x80) {
		out[0] = (char)uc;
		return 1;
	}
	size_t len = 2;

	if (uc >= 0x800)
		len++;
	if (uc >= 0x10000)
		len++;
	for (size_t i = len; i-- > 1; uc >>= 6)
		out[i] = (char)(0x80 | (uc & 0x3f));
	out[0] = (char)((0xf00 >> len & 0xff) | uc);
	return len;
}

static void
fold(const char *text, size_t len, char out[FOLDED_SIZE])
{
	assert_int_equal(unicode_fold((struct slice){ text, len }, out, FOLDED_SIZE), PT_OK);
}

/* Every character, alone and among marks that reorder and compose: a kept form maps to itself. */
static void
folding_twice_changes_nothing(void **unused)
{
	static const char *const around[][2] = { { "", "" }, { "a", "\xcc\x88" }, { "\xcd\x85", "\xcc\x81" }, { "I\xcc\x87", "\xcc\xa3S" } };
	char text[32], once[FOLDED_SIZE], twice[FOLDED_SIZE];

	(void)unused;
	for (uint32_t uc = 1; uc < 0x110000; uc++) {
		if ((uc >= 0xd800 && uc < 0xe000) || (uc >= 0x30000 && uc < 0xe0000) || uc >= 0xf0000)
			continue;
		for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
			size_t before = strlen(around[i][0]), after = strlen(around[i][1]);

			memcpy(text, around[i][0], before);
			size_t len = put_utf8(uc, text + before);

			memcpy(text + before + len, around[i][1], after);
			fold(text, before + len + after, once);
			fold(once, strlen(once), twice);
			if (strcmp(once, twice) != 0)
				fail_msg("U+%04X, %zu: \"%s\", then \"%s\"", (unsigned)uc, i, once, twice);
		}
	}
}

/* The same word in every spelling that a keyboard or a file system may produce. */
static const char *const spellings[][5] = {
	{ "strasse", "Stra\xc3\x9f" "e", "STRASSE", "Stra\xe1\xba\x9e" "e",
	  "\xef\xbc\xb3\xef\xbc\xb4\xef\xbc\xb2\xef\xbc\xa1\xef\xbc\xb3\xef\xbc\xb3\xef\xbc\xa5" },
	{ "\xc3\xa5ngstr\xc3\xb6m", "\xc3\x85NGSTR\xc3\x96M", "A\xcc\x8angstro\xcc\x88m", "\xe2\x84\xabngstr\xc3\xb6m",
	  "a\xcc\x8aNGSTR\xc3\x96M" },
	{ "\xd0\xb9\xd0\xbe\xd0\xb6\xd0\xb8\xd0\xba", "\xd0\x99\xd0\x9e\xd0\x96\xd0\x98\xd0\x9a",
	  "\xd0\xb8\xcc\x86\xd0\xbe\xd0\xb6\xd0\xb8\xd0\xba", "\xd0\x98\xcc\x86\xd0\x9e\xd0\x96\xd0\x98\xd0\x9a",
	  "\xd0\x99\xd0\xbe\xd0\xb6\xd0\xb8\xd0\xba" },
	{ "\xe3\x82\xac\xe3\x83\x81", "\xe3\x82\xab\xe3\x82\x99\xe3\x83\x81", "\xef\xbd\xb6\xef\xbe\x9e\xef\xbe\x81",
	  "\xe3\x82\xac\xef\xbe\x81", "\xef\xbd\xb6\xe3\x82\x99\xe3\x83\x81" },
};

static void
all_spellings_give_one_form(void **unused)
{
	char folded[FOLDED_SIZE];

	(void)unused;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		for (size_t k = 0; k < 5; k++) {
			fold(spellings[i][k], strlen(spellings[i][k]), folded);
			if (strcmp(folded, spellings[i][0]) != 0)
				fail_msg("\"%s\" gives \"%s\"", spellings[i][k], folded);
			assert_true(unicode_is_identifier(slice_of(folded)));
		}
}

struct word_row {
	const char *name;
	const char *text;
	bool good;
};

static const struct word_row word_rows[] = {
	{ "Latin", "ada.lovelace", true },
	{ "Greek", "\xce\xb1\xce\xb4\xce\xb1", true },
	{ "Han", "\xe6\x9d\x8e\xe9\x9b\xb7", true },
	{ "Hangul in syllables", "\xea\xb9\x80", true },
	{ "Hangul's old jamo", "\xe1\x84\x80\xe1\x85\xa1x", false },
	{ "a vowel sign after its letter", "\xe0\xa4\xb0\xe0\xa4\xbe", true },
	{ "a mark that stands first", "\xcc\x88" "a", false },
	{ "nothing", "", false },
	{ "a blank of ASCII", "a b", false },
	{ "a control character", "a\x1b", false },
	{ "a control character of the second kind", "a\xc2\x9b", false },
	{ "a symbol", "a\xe2\x82\xac", false },
	{ "punctuation", "a\xe2\x80\x94" "b", false },
	{ "an ideographic blank", "a\xe3\x80\x80" "b", false },
	{ "a zero-width joiner, good in some contexts", "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d", false },
	{ "a middle dot, good in some contexts", "col\xc2\xb7lecci\xc3\xb3", false },
	{ "a soft hyphen", "a\xc2\xad" "b", false },
	{ "a variation selector", "a\xef\xb8\x8f", false },
	{ "a Hangul filler", "a\xe1\x85\xa0", false },
	{ "an override of the direction", "a\xe2\x80\xae" "b", false },
	{ "for private use", "a\xee\x80\x80", false },
	{ "not assigned", "a\xf0\xaf\xbf\xbe", false },
	{ "not assigned and never to be", "a\xef\xbf\xbf", false },
	{ "a tatweel, which only stretches", "\xd8\xa7\xd9\x80\xd8\xa7", false },
	{ "the ideographic zero", "\xe3\x80\x87", true },
	{ "digits of ASCII", "ada1815", true },
	{ "digits of Devanagari", "\xe0\xa4\xb0\xe0\xa5\xa7\xe0\xa5\xae", true },
	{ "digits of two kinds", "ada1\xe0\xa5\xa8", false },
	{ "both kinds of Arabic digits", "\xd8\xa7\xd9\xa1\xdb\xb2", false },
	{ "Hebrew", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", true },
	{ "Arabic and its digits", "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85\xd9\xa1", true },
	{ "Hebrew and digits of ASCII", "\xd7\xa9\xd7\x9c" "18", true },
	{ "digits before Hebrew", "18\xd7\xa9\xd7\x9c", false },
	{ "Hebrew in Latin", "ada\xd7\xa9", false },
	{ "Latin in Hebrew", "\xd7\xa9\x61\xd7\xa9", false },
	{ "Arabic digits behind Latin", "ada\xd9\xa1", false },
	{ "Hebrew that ends in a dot", "\xd7\xa9\xd7\x9c.", false },
	{ "Hebrew that ends in a point of its own", "\xd7\xa9\xd6\xb0", true },
	{ "no UTF-8", "a\xff", false },
};

static void
words_are_of_letters_marks_and_digits(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(word_rows) / sizeof(word_rows[0]); i++)
		if (unicode_is_identifier(slice_of(word_rows[i].text)) != word_rows[i].good)
			fail_msg("%s", word_rows[i].name);
}

static void
what_cannot_be_folded_gives_nothing(void **unused)
{
	char text[UNICODE_TYPED_MAX + 1], out[FOLDED_SIZE] = "left over", narrow[4] = "xxx";

	(void)unused;
	memset(text, 'x', sizeof(text));
	fold("", 0, out);
	assert_string_equal(out, "");
	fold(text, sizeof(text), out);
	assert_string_equal(out, "");
	fold("a\0b", 3, out);
	assert_string_equal(out, "");
	fold("a\xed\xa0\x80", 4, out);
	assert_string_equal(out, "");
	assert_int_equal(unicode_fold(SLICE("ABCD"), narrow, sizeof(narrow)), PT_OK);
	assert_string_equal(narrow, "");
	assert_int_equal(unicode_fold(SLICE("ABC"), narrow, sizeof(narrow)), PT_OK);
	assert_string_equal(narrow, "abc");
}

static void
lower_case_is_letter_by_letter(void **unused)
{
	char out[32];
	const struct slice text = SLICE("\xc3\x84" "bC \xff\0D\xe2\x84\xaa"), want = SLICE("\xc3\xa4" "bc \xff\0dk");
	size_t len = unicode_lower(text, out, sizeof(out));

	(void)unused;
	assert_true(slice_eq((struct slice){ out, len }, want));
	assert_int_equal(unicode_lower(text, out, 5), 0);
	assert_int_equal(unicode_lower(SLICE(""), out, sizeof(out)), 0);
	assert_int_equal(unicode_lower(SLICE("ABCD"), out, 4), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folding_twice_changes_nothing),
		cmocka_unit_test(all_spellings_give_one_form),
		cmocka_unit_test(words_are_of_letters_marks_and_digits),
		cmocka_unit_test(what_cannot_be_folded_gives_nothing),
		cmocka_unit_test(lower_case_is_letter_by_letter),
	};

	return cmocka_run_group_tests_name("unicode", tests, NULL, NULL);
}
