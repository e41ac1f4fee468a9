/* Moments are parsed, compared and printed for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "base/clock.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct instant
noon(void)
{
	return (struct instant){ 1795521600000, { 7, 4000 } };
}

static void
the_real_clocks_go_on(void **state)
{
	struct instant first = clock_now(), second = clock_now();
	int64_t wall_ms = (int64_t)time(NULL) * 1000;

	(void)state;
	assert_true(first.stamp.boot != 0);
	assert_true(first.stamp.boot == second.stamp.boot);
	assert_true(second.stamp.ms >= first.stamp.ms);
	assert_true(first.stamp.ms > 0);
	assert_true(first.wall_ms > wall_ms - 60000 && first.wall_ms < wall_ms + 60000);
}

static void
a_tests_source_is_read_instead(void **state)
{
	(void)state;
	clock_set_source(noon);
	assert_int_equal(clock_now().wall_ms, 1795521600000);
	assert_int_equal(clock_now().stamp.boot, 7);
	clock_set_source(NULL);
	assert_int_not_equal(clock_now().stamp.boot, 7);
}

static const struct {
	const char *name;
	struct stamp now, then;
	int64_t age;
} ages[] = {
	{ "an age is the time between", { 7, 5000 }, { 7, 3000 }, 2000 },
	{ "a moment has no age yet", { 7, 5000 }, { 7, 5000 }, 0 },
	{ "what another boot saw is long ago", { 7, 5000 }, { 8, 3000 }, AGE_LONG_AGO },
	{ "what another boot saw is long ago, however late it was then", { 7, 5000 }, { 8, 9000 }, AGE_LONG_AGO },
	{ "a stamp that was never set is long ago", { 7, 5000 }, { 0, 0 }, AGE_LONG_AGO },
	{ "two stamps that were never set are no match", { 0, 0 }, { 0, 0 }, AGE_LONG_AGO },
	{ "a copy of the future has a negative age", { 7, 3000 }, { 7, 5000 }, -2000 },
};

static void
ages_are_told_within_one_boot(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ages); i++)
		if (clock_age_ms(ages[i].now, ages[i].then) != ages[i].age)
			fail_msg("%s", ages[i].name);
}

static const struct {
	int64_t wall_ms;
	const char *text;
} times[] = {
	{ 0, "1970-01-01T00:00:00Z" },
	{ 999, "1970-01-01T00:00:00Z" },
	{ -1000, "1969-12-31T23:59:59Z" },
	{ 1709164800000, "2024-02-29T00:00:00Z" },
	{ 1795485169000, "2026-11-24T01:52:49Z" },
	{ 4102444800000, "2100-01-01T00:00:00Z" },
	{ 253402300799999, "9999-12-31T23:59:59Z" },
	/* A moment with no text of this length prints as the epoch, never as half a text. */
	{ 253402300800000, "1970-01-01T00:00:00Z" },
	{ INT64_MAX, "1970-01-01T00:00:00Z" },
	{ INT64_MIN, "1970-01-01T00:00:00Z" },
};

static void
times_are_written_in_utc(void **state)
{
	(void)state;
	setenv("TZ", "Asia/Kathmandu", 1);
	tzset();
	for (size_t i = 0; i < COUNT(times); i++) {
		char text[CLOCK_TEXT_SIZE];

		clock_format(times[i].wall_ms, text);
		assert_string_equal(text, times[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_real_clocks_go_on),
		cmocka_unit_test(a_tests_source_is_read_instead),
		cmocka_unit_test(ages_are_told_within_one_boot),
		cmocka_unit_test(times_are_written_in_utc),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
