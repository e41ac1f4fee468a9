/* Secrets are wiped, and compared in full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/secret.h"

static void
wiping_reaches_every_byte_and_no_further(void **state)
{
	unsigned char bytes[34];

	(void)state;
	memset(bytes, 0xaa, sizeof(bytes));
	secret_wipe(bytes + 1, 32);
	for (size_t i = 1; i <= 32; i++)
		assert_int_equal(bytes[i], 0);
	assert_int_equal(bytes[0], 0xaa);
	assert_int_equal(bytes[33], 0xaa);
}

static void
one_bit_anywhere_makes_a_difference(void **state)
{
	unsigned char a[32] = { 1, 2, 3 }, b[32];

	(void)state;
	memcpy(b, a, sizeof(b));
	assert_true(secret_eq(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a) * 8; i++) {
		b[i / 8] ^= (unsigned char)(1 << i % 8);
		assert_false(secret_eq(a, b, sizeof(a)));
		assert_true(secret_eq(a, b, i / 8));
		b[i / 8] = a[i / 8];
	}
}

/* A sum of differences would be fooled by these. */
static void
differences_do_not_cancel_out(void **state)
{
	(void)state;
	assert_false(secret_eq("\x01\x01", "\x02\x02", 2));
	assert_false(secret_eq("\x01\xff", "\xff\x01", 2));
	assert_false(secret_eq("\x80\x80", "\x00\x00", 2));
}

/* The flags that /proc lists for the mapping that starts at bytes (proc(5)). */
static bool
mapping_has_flag(const void *bytes, const char *flag)
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	char line[512], begin[32];
	bool inside = false, found = false;

	assert_non_null(maps);
	snprintf(begin, sizeof(begin), "%lx-", (unsigned long)(uintptr_t)bytes);
	while (fgets(line, sizeof(line), maps)) {
		if (strncmp(line, begin, strlen(begin)) == 0)
			inside = true;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
			found = strstr(line, flag) != NULL;
			break;
		}
	}
	fclose(maps);
	return found;
}

static void
memory_for_secrets_is_zero_and_not_dumped(void **state)
{
	static const unsigned char zero[64];
	unsigned char *bytes = secret_alloc(sizeof(zero));

	(void)state;
	assert_non_null(bytes);
	assert_memory_equal(bytes, zero, sizeof(zero));
	assert_true(mapping_has_flag(bytes, " dd"));
	memset(bytes, 0xaa, sizeof(zero));
	secret_free(bytes, sizeof(zero));
	secret_free(NULL, sizeof(zero));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wiping_reaches_every_byte_and_no_further),
		cmocka_unit_test(one_bit_anywhere_makes_a_difference),
		cmocka_unit_test(differences_do_not_cancel_out),
		cmocka_unit_test(memory_for_secrets_is_zero_and_not_dumped),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
