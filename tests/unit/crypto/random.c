/* Random bytes come from the system each time; ids have their form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base64url.h"
#include "crypto/random.h"

static void
fills_exactly_what_was_asked_for(void **state)
{
	uint8_t bytes[1024 + 1], seen[256] = { 0 };
	unsigned values = 0;

	(void)state;
	memset(bytes, 0xa5, sizeof(bytes));
	assert_int_equal(random_bytes(bytes, 0), PT_OK);
	assert_int_equal(bytes[0], 0xa5);
	assert_int_equal(random_bytes(bytes, sizeof(bytes) - 1), PT_OK);
	assert_int_equal(bytes[sizeof(bytes) - 1], 0xa5);
	for (size_t i = 0; i < sizeof(bytes) - 1; i++)
		seen[bytes[i]] = 1;
	for (size_t i = 0; i < sizeof(seen); i++)
		values += seen[i];
	/* 1024 fair draws miss 4.6 of 256 values on average; chance does not reach 64. */
	assert_true(values > 256 - 64);
}

static void
draws_each_number_below_a_limit_and_no_other(void **state)
{
	unsigned drawn[3] = { 0 };
	uint64_t number = 7;

	(void)state;
	assert_int_equal(random_below(0, &number), PT_OK);
	assert_int_equal(number, 0);
	for (int i = 0; i < 3000; i++) {
		assert_int_equal(random_below(3, &number), PT_OK);
		assert_true(number < 3);
		drawn[number]++;
	}
	/* A thousand of each on average; 800 is more than seven standard deviations below. */
	for (size_t i = 0; i < 3; i++)
		assert_true(drawn[i] > 800);
}

static void
makes_ids_of_128_bits_that_differ(void **state)
{
	char one[RANDOM_ID_SIZE], other[RANDOM_ID_SIZE];
	uint8_t bytes[16];

	(void)state;
	assert_int_equal(random_id(one), PT_OK);
	assert_int_equal(random_id(other), PT_OK);
	assert_int_equal(strlen(one), RANDOM_ID_SIZE - 1);
	assert_true(base64url_decode_exact(slice_of(one), bytes, sizeof(bytes)));
	assert_string_not_equal(one, other);
}

/* Ids are arguments of commands: careless drawing would start 31 of 2,000 with "-". */
static void
makes_no_id_that_looks_like_an_option(void **state)
{
	char id[RANDOM_ID_SIZE];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		assert_int_equal(random_id(id), PT_OK);
		assert_int_not_equal(id[0], '-');
	}
}

static void
repeats_nothing_after_a_fork(void **state)
{
	char here[RANDOM_ID_SIZE], there[RANDOM_ID_SIZE];
	int ends[2], status;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(random_id(there) != PT_OK || write(ends[1], there, sizeof(there)) != sizeof(there));
	assert_int_equal(random_id(here), PT_OK);
	assert_int_equal(read(ends[0], there, sizeof(there)), sizeof(there));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(ends[0]);
	close(ends[1]);
	assert_string_not_equal(here, there);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_exactly_what_was_asked_for),
		cmocka_unit_test(draws_each_number_below_a_limit_and_no_other),
		cmocka_unit_test(makes_ids_of_128_bits_that_differ),
		cmocka_unit_test(makes_no_id_that_looks_like_an_option),
		cmocka_unit_test(repeats_nothing_after_a_fork),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
