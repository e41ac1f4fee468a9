/* Durations, sizes, modes; and the nearest name. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "base/nearest.h"
#include "conf/units.h"

struct quantity_row {
	const char *text;
	int64_t value;
	const char *problem;	/* NULL: it is valid */
};

static const struct quantity_row durations[] = {
	{ "0 s", 0, NULL },
	{ "250ms", 250, NULL },
	{ "60 s", 60 * UNITS_SECOND, NULL },
	{ "10min", 10 * UNITS_MINUTE, NULL },
	{ "24  h", UNITS_DAY, NULL },
	{ "14\td", 14 * UNITS_DAY, NULL },
	{ "106751991167 d", 106751991167 * UNITS_DAY, NULL },
	{ "106751991168 d", 0, "is too large" },
	{ "9223372036854775808 ms", 0, "is not a duration; write a whole number with ms, s, min, h or d" },
	{ "10", 0, "has no unit; write it with ms, s, min, h or d" },
	{ "10 m", 0, "is not a duration; write a whole number with ms, s, min, h or d" },
	{ "10 Min", 0, "is not a duration; write a whole number with ms, s, min, h or d" },
	{ "1.5 h", 0, "is not a duration; write a whole number with ms, s, min, h or d" },
	{ "1 h 30 min", 0, "is not a duration; write a whole number with ms, s, min, h or d" },
	{ "-1 s", 0, "is not a duration; write a whole number with ms, s, min, h or d" },
	{ "s", 0, "is not a duration; write a whole number with ms, s, min, h or d" },
	{ "", 0, "is not a duration; write a whole number with ms, s, min, h or d" },
};

static const struct quantity_row sizes[] = {
	{ "19 MiB", 19 * UNITS_MIB, NULL },
	{ "64KiB", 64 * UNITS_KIB, NULL },
	{ "16 GiB", 16 * UNITS_GIB, NULL },
	{ "8589934592 GiB", 0, "is too large" },
	{ "19", 0, "has no unit; write it with KiB, MiB or GiB" },
	{ "19 MB", 0, "is not a size; write a whole number with KiB, MiB or GiB" },
	{ "19 mib", 0, "is not a size; write a whole number with KiB, MiB or GiB" },
};

static const struct quantity_row modes[] = {
	{ "0660", 0660, NULL },
	{ "770", 0770, NULL },
	{ "66", 0, "is not a file mode; write it in octal, such as 0660" },
	{ "06600", 0, "is not a file mode; write it in octal, such as 0660" },
	{ "0688", 0, "is not a file mode; write it in octal, such as 0660" },
	{ "rw-rw----", 0, "is not a file mode; write it in octal, such as 0660" },
};

static const struct quantity_row counts[] = {
	{ "50", 50, NULL },
	{ "0", 0, NULL },
	{ "fifty", 0, "is not a whole number" },
	{ "5 0", 0, "is not a whole number" },
	{ "+5", 0, "is not a whole number" },
	{ "", 0, "is not a whole number" },
};

static void
check_rows(const struct quantity_row *rows, size_t count, const char *(*parse)(struct slice, int64_t *))
{
	for (size_t i = 0; i < count; i++) {
		int64_t value = -1;
		const char *problem = parse(slice_of(rows[i].text), &value);

		print_message("# \"%s\"\n", rows[i].text);
		assert_int_equal(problem == NULL, rows[i].problem == NULL);
		if (problem)
			assert_string_equal(problem, rows[i].problem);
		else
			assert_int_equal(value, rows[i].value);
	}
}

#define CHECK_ROWS(rows, parse) check_rows((rows), sizeof(rows) / sizeof((rows)[0]), (parse))

static void
a_duration_has_a_unit_and_fits(void **state)
{
	(void)state;
	CHECK_ROWS(durations, units_parse_duration);
}

static void
a_size_has_a_unit_and_fits(void **state)
{
	(void)state;
	CHECK_ROWS(sizes, units_parse_size);
}

static void
a_mode_is_octal(void **state)
{
	(void)state;
	CHECK_ROWS(modes, units_parse_mode);
}

static void
a_count_is_digits_alone(void **state)
{
	(void)state;
	CHECK_ROWS(counts, units_parse_count);
}

static void
yes_and_no_are_the_only_truths(void **state)
{
	bool value = false;

	(void)state;
	assert_null(units_parse_bool(SLICE("yes"), &value));
	assert_true(value);
	assert_null(units_parse_bool(SLICE("no"), &value));
	assert_false(value);
	assert_string_equal(units_parse_bool(SLICE("true"), &value), "is neither yes nor no");
	assert_string_equal(units_parse_bool(SLICE("Yes"), &value), "is neither yes nor no");
}

static void
a_value_is_written_in_the_largest_unit_that_leaves_no_rest(void **state)
{
	static const struct { int64_t ms; const char *text; } rows[] = {
		{ 0, "0 ms" }, { 1, "1 ms" }, { 1500, "1500 ms" }, { 60000, "1 min" }, { 90000, "90 s" },
		{ UNITS_DAY, "1 d" }, { 25 * UNITS_HOUR, "25 h" },
	};
	char text[UNITS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t again = -1;

		units_format_duration(rows[i].ms, text);
		assert_string_equal(text, rows[i].text);
		assert_null(units_parse_duration(slice_of(text), &again));
		assert_int_equal(again, rows[i].ms);
	}
	units_format_size(19 * UNITS_MIB, text);
	assert_string_equal(text, "19 MiB");
	units_format_size(1536 * UNITS_KIB, text);
	assert_string_equal(text, "1536 KiB");
}

static void
a_moment_is_a_time_a_date_or_so_long_ago(void **state)
{
	static const int64_t now = INT64_C(1795500000000);	/* 2026-11-24T06:00:00Z */
	static const struct { const char *text; int64_t ms; bool good; } rows[] = {
		{ "2026-11-24T05:00:00Z", INT64_C(1795496400000), true },
		{ "2026-11-24", INT64_C(1795478400000), true },
		{ "2h", INT64_C(1795492800000), true },
		{ "99999 d", 0, true },
		{ "2026-11-24T05:00:00", 0, false },
		{ "2026-11-24T05:00:00Z and more", 0, false },
		{ "yesterday", 0, false },
		{ "", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = -1;
		const char *problem = units_parse_moment(slice_of(rows[i].text), now, &ms);

		print_message("# \"%s\"\n", rows[i].text);
		assert_int_equal(problem == NULL, rows[i].good);
		if (problem)
			assert_string_equal(problem, "is not a time; write 2h, 2026-11-24 or 2026-11-24T08:00:00Z");
		else
			assert_int_equal(ms, rows[i].ms);
	}
}

static void
edits_are_counted(void **state)
{
	static const struct { const char *a, *b; unsigned distance; } rows[] = {
		{ "", "", 0 }, { "idle", "idle", 0 }, { "", "idle", 4 }, { "idel", "idle", 1 },
		{ "ide", "idle", 1 }, { "iddle", "idle", 1 }, { "idla", "idle", 1 }, { "kitten", "sitting", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(nearest_distance(slice_of(rows[i].a), slice_of(rows[i].b)), rows[i].distance);
		assert_int_equal(nearest_distance(slice_of(rows[i].b), slice_of(rows[i].a)), rows[i].distance);
	}
}

static void
a_word_that_is_too_long_is_near_nothing(void **state)
{
	char word[NEAREST_MAX + 2];

	(void)state;
	memset(word, 'a', sizeof(word));
	assert_int_equal(nearest_distance((struct slice){ word, sizeof(word) - 1 }, SLICE("a")), UINT_MAX);

	struct nearest nearest = nearest_to((struct slice){ word, sizeof(word) - 1 });

	nearest_offer(&nearest, "a");
	assert_null(nearest.best);
}

static void
the_nearest_name_is_found_or_none(void **state)
{
	static const char *const names[] = { "issuer", "idle", "idle_remember", "origins", "log" };
	static const struct { const char *word, *best; } rows[] = {
		{ "isuer", "issuer" }, { "idle_remenber", "idle_remember" }, { "idel", "idle" },
		{ "lgo", "log" }, { "origin", "origins" }, { "colour", NULL }, { "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nearest nearest = nearest_to(slice_of(rows[i].word));

		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++)
			nearest_offer(&nearest, names[j]);
		print_message("# \"%s\"\n", rows[i].word);
		if (rows[i].best)
			assert_string_equal(nearest.best, rows[i].best);
		else
			assert_null(nearest.best);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_duration_has_a_unit_and_fits),
		cmocka_unit_test(a_size_has_a_unit_and_fits),
		cmocka_unit_test(a_mode_is_octal),
		cmocka_unit_test(a_count_is_digits_alone),
		cmocka_unit_test(yes_and_no_are_the_only_truths),
		cmocka_unit_test(a_value_is_written_in_the_largest_unit_that_leaves_no_rest),
		cmocka_unit_test(a_moment_is_a_time_a_date_or_so_long_ago),
		cmocka_unit_test(edits_are_counted),
		cmocka_unit_test(a_word_that_is_too_long_is_near_nothing),
		cmocka_unit_test(the_nearest_name_is_found_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
