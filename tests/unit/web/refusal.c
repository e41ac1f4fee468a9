/*
 * Refusals as values: what a failure looks like from outside, and the sentences that people read.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "web/http/refusal.h"

struct row {
	const char *name;
	unsigned retry_after;
	bool says_when;
	const char *text;
};

static const struct row rows[] = {
	{ "no time is said", 0, false, "Too many wrong tries." },
	{ "a time for programs alone", 60, false, "Too many wrong tries." },
	{ "one second", 1, true, "Too many wrong tries. Try again in 1 second." },
	{ "the last that is said in seconds", 90, true,
	    "Too many wrong tries. Try again in 90 seconds." },
	{ "minutes, never too early", 91, true, "Too many wrong tries. Try again in 2 minutes." },
	{ "exactly three minutes", 180, true, "Too many wrong tries. Try again in 3 minutes." },
	{ "hours, never too early", 90 * 60 + 1, true,
	    "Too many wrong tries. Try again in 2 hours." },
};

static void
a_person_reads_when_to_come_back(void **state)
{
	char memory[REFUSAL_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct refusal refusal = {
			.text = "Too many wrong tries.", .retry_after = rows[i].retry_after,
			.says_when = rows[i].says_when,
		};
		const struct slice text = refusal_text(&refusal, memory);

		if (!slice_eq(text, slice_of(rows[i].text)))
			fail_msg("%s: %.*s", rows[i].name, SLICE_ARG(text));
	}
	assert_int_equal(refusal_text(NULL, memory).len, 0);
}

static void
a_failure_stops_the_way_and_tells_nothing_of_its_cause(void **state)
{
	(void)state;
	assert_null(refusal_failed(PT_OK));
	for (enum pt_err err = PT_OK + 1; err <= PT_ERR_FATAL; err++) {
		const struct refusal *refusal = refusal_failed(err);

		assert_non_null(refusal);
		assert_int_equal(refusal->failure, err);
		assert_true(refusal->status >= 500 && refusal->status < 600);
		assert_true(strlen(refusal->text) > 0 && refusal->text[strlen(refusal->text) - 1] == '.');
		assert_null(strstr(refusal->text, pt_err_text(err)));
		assert_int_equal(refusal->reason, REASON_NONE);
	}
	/* An unknown error is still a failure. */
	assert_int_equal(refusal_failed((enum pt_err)99)->status, 500);
	assert_int_not_equal(refusal_failed((enum pt_err)99)->failure, PT_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_reads_when_to_come_back),
		cmocka_unit_test(a_failure_stops_the_way_and_tells_nothing_of_its_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
