/* One-time codes equal the examples in their standards, and are accepted only in their time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "crypto/totp.h"

#define KEY "12345678901234567890"

/* RFC 4226, appendix D. */
static void
counted_codes_are_those_of_the_standard(void **state)
{
	static const uint32_t codes[] = { 755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489 };
	uint32_t code;

	(void)state;
	for (uint64_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_int_equal(hotp_code(SLICE(KEY), i, 6, &code), PT_OK);
		assert_int_equal(code, codes[i]);
	}
}

/* RFC 6238, appendix B: those for SHA-1. */
static const struct {
	int64_t at;
	uint32_t code;
} timed[] = {
	{ 59, 94287082 }, { 1111111109, 7081804 }, { 1111111111, 14050471 }, { 1234567890, 89005924 },
	{ 2000000000, 69279037 }, { INT64_C(20000000000), 65353130 },
};

static void
timed_codes_are_those_of_the_standard(void **state)
{
	uint32_t code;

	(void)state;
	for (size_t i = 0; i < sizeof(timed) / sizeof(timed[0]); i++) {
		assert_int_equal(hotp_code(SLICE(KEY), totp_step(timed[i].at), 8, &code), PT_OK);
		assert_int_equal(code, timed[i].code);
	}
}

static void
a_code_is_taken_a_step_early_and_late_and_no_more(void **state)
{
	const int64_t now = 1111111111;

	(void)state;
	for (int64_t off = -3; off <= 3; off++) {
		uint64_t step;
		uint32_t code;
		bool good;

		assert_int_equal(hotp_code(SLICE(KEY), (uint64_t)((int64_t)totp_step(now) + off), 6, &code), PT_OK);
		assert_int_equal(totp_match((const uint8_t *)KEY, code, now, &step, &good), PT_OK);
		assert_int_equal(good, off >= -1 && off <= 1);
		if (good)
			assert_int_equal(step, (int64_t)totp_step(now) + off);
	}
}

static void
the_beginning_of_time_has_no_step_before_it(void **state)
{
	uint64_t step;
	bool good;

	(void)state;
	assert_int_equal(totp_match((const uint8_t *)KEY, 755224, 0, &step, &good), PT_OK);
	assert_true(good);
	assert_int_equal(step, 0);
	assert_int_equal(totp_step(-5), 0);
}

static const struct {
	const char *text;
	bool good;
	uint32_t code;
} typed_rows[] = {
	{ "123456", true, 123456 }, { "000001", true, 1 }, { " 123 456 ", true, 123456 },
	{ "12345", false, 0 }, { "1234567", false, 0 }, { "12345a", false, 0 }, { "-12345", false, 0 }, { "", false, 0 },
	{ "123\t456", false, 0 }, { "\xd9\xa1\xd9\xa2\xd9\xa3", false, 0 },
};

static void
what_was_typed_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(typed_rows) / sizeof(typed_rows[0]); i++) {
		uint32_t code;
		bool good = totp_read(slice_of(typed_rows[i].text), &code);

		if (good != typed_rows[i].good || (good && code != typed_rows[i].code))
			fail_msg("\"%s\"", typed_rows[i].text);
	}
}

static void
no_secret_gives_no_code(void **state)
{
	uint32_t code;

	(void)state;
	assert_int_equal(hotp_code((struct slice){ NULL, 0 }, 1, 6, &code), PT_ERR_CRYPTO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counted_codes_are_those_of_the_standard),
		cmocka_unit_test(timed_codes_are_those_of_the_standard),
		cmocka_unit_test(a_code_is_taken_a_step_early_and_late_and_no_more),
		cmocka_unit_test(the_beginning_of_time_has_no_step_before_it),
		cmocka_unit_test(what_was_typed_is_read),
		cmocka_unit_test(no_secret_gives_no_code),
	};

	return cmocka_run_group_tests_name("totp", tests, NULL, NULL);
}
