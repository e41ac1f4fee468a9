/* Word lists, in memory and in a file that is read through for each question. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/word_list.h"
#include "support/scratch.h"
#include "web/who/password_rules.h"

static bool
has(const struct word_list *list, const char *word)
{
	bool found;

	assert_int_equal(word_list_has(list, slice_of(word), &found), PT_OK);
	return found;
}

static void
assert_words(const struct word_list *list)
{
	static const char *const words[] = { "zebra", "apple", "two words", "windows", "last" };
	static const char *const others[] = { "", "zebr", "zebras", "ebra", "words", "two", "apple\n", "las", "last ", "\n" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!has(list, words[i]))
			fail_msg("%s is not found", words[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (has(list, others[i]))
			fail_msg("\"%s\" is found", others[i]);
}

#define TEXT "zebra\nApple\n\ntwo words\nWINDOWS\r\nlast"

static void
whole_lines_are_words(void **state)
{
	struct word_list *list;

	(void)state;
	assert_int_equal(word_list_of_text(SLICE(TEXT), &list), PT_OK);
	assert_words(list);
	word_list_free(list);
	scratch_put("words", TEXT, 0644);
	assert_int_equal(word_list_open(scratch_path("words"), &list), PT_OK);
	assert_words(list);
	/* A file written in its place takes effect at once. */
	FILE *file = fopen(scratch_path("words"), "w");

	assert_non_null(file);
	fputs("another", file);
	fclose(file);
	assert_true(has(list, "another"));
	assert_false(has(list, "zebra"));
	word_list_free(list);
}

/* Editors on Windows write a BOM before the first line, which is still a word. */
static void
a_byte_order_mark_is_no_part_of_the_first_word(void **state)
{
	static const char *const texts[] = { "\xef\xbb\xbf" TEXT, "\xef\xbb\xbf" "zebra", "\xef\xbb\xbf" };
	struct word_list *list;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(word_list_of_text(slice_of(texts[i]), &list), PT_OK);
		assert_int_equal(has(list, "zebra"), i < 2);
		assert_false(has(list, "\xef\xbb\xbf"));
		word_list_free(list);
		scratch_put("words", texts[i], 0644);
		assert_int_equal(word_list_open(scratch_path("words"), &list), PT_OK);
		assert_int_equal(has(list, "zebra"), i < 2);
		assert_int_equal(has(list, "apple"), i < 1);
		word_list_free(list);
	}
	assert_int_equal(word_list_of_text(SLICE("one\n\xef\xbb\xbftwo"), &list), PT_OK);
	assert_false(has(list, "two"));
	word_list_free(list);
}

/*
 * Lines that cross the boundaries of the blocks in which a file is read, at every possible place.
 */
static void
a_line_may_lie_across_two_parts(void **state)
{
	enum { PART = 16 * 1024 };
	char *text = malloc(PART + 64);
	struct word_list *list;

	(void)state;
	assert_non_null(text);
	for (size_t before = PART - 10; before <= PART + 1; before++) {
		memset(text, 'x', before);
		snprintf(text + before, 64, "\nsplit word\r\nend");
		scratch_put("words", text, 0644);
		assert_int_equal(word_list_open(scratch_path("words"), &list), PT_OK);
		assert_true(has(list, "split word"));
		assert_true(has(list, "end"));
		assert_false(has(list, "plit word"));
		word_list_free(list);
	}
	free(text);
}

static void
what_is_no_file_is_no_list(void **state)
{
	struct word_list *list;

	(void)state;
	assert_int_equal(word_list_open(scratch_path("none"), &list), PT_ERR_IO);
	assert_null(list);
	assert_int_equal(word_list_open("/dev/zero", &list), PT_ERR_INVALID);
	assert_null(list);
}

/*
 * The built-in list: NIST and OWASP want three thousand, and as many must be long enough to be set.
 */
static void
the_list_that_is_built_in_is_long_enough(void **state)
{
	struct slice rest = password_list_txt, line;
	size_t lines = 0, settable = 0;
	struct word_list *list;

	(void)state;
	while (rest.len) {
		slice_cut(rest, '\n', &line, &rest);
		lines++;
		settable += line.len >= 12;
		assert_true(line.len >= 8);
		for (size_t i = 0; i < line.len; i++)
			assert_false(line.ptr[i] >= 'A' && line.ptr[i] <= 'Z');
	}
	assert_true(lines >= 3000);
	assert_true(settable >= 3000);
	assert_int_equal(word_list_of_text(password_list_txt, &list), PT_OK);
	assert_true(has(list, "passwordpassword"));
	assert_true(has(list, "qwertyuiop12"));
	assert_true(has(list, "123456789012"));
	assert_true(has(list, "correcthorsebatterystaple"));
	assert_true(has(list, "liverpool2024!"));
	assert_true(has(list, "aaaaaaaaaaaa"));
	word_list_free(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole_lines_are_words, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(a_byte_order_mark_is_no_part_of_the_first_word, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(a_line_may_lie_across_two_parts, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_no_list, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(the_list_that_is_built_in_is_long_enough, scratch_begin, scratch_end),
	};

	return cmocka_run_group_tests_name("word_list", tests, NULL, NULL);
}
