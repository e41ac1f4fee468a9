/* Base32 as people type it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/base32.h"

/* RFC 4648, 10, without the padding. */
static const struct {
	const char *bytes;
	const char *text;
} vectors[] = {
	{ "", "" }, { "f", "MY" }, { "fo", "MZXQ" }, { "foo", "MZXW6" }, { "foob", "MZXW6YQ" }, { "fooba", "MZXW6YTB" },
	{ "foobar", "MZXW6YTBOI" }, { "12345678901234567890", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" },
};

static void
every_vector_goes_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t len = strlen(vectors[i].bytes);
		char text[40], bytes[32];

		base32_encode(vectors[i].bytes, len, text);
		assert_string_equal(text, vectors[i].text);
		assert_int_equal(strlen(text), BASE32_LEN(len));
		assert_true(base32_decode_exact(slice_of(text), bytes, len));
		assert_memory_equal(bytes, vectors[i].bytes, len);
	}
}

static const struct {
	const char *name;
	const char *text;
	bool good;
} typed_rows[] = {
	{ "small letters", "mzxw6ytboi", true },
	{ "groups with hyphens and blanks", " mzxw-6ytb oi ", true },
	{ "a character short", "MZXW6YTBO", false },
	{ "a character more", "MZXW6YTBOIA", false },
	{ "bits left over", "MZXW6YTBOJ", false },
	{ "padding", "MZXW6YTBOI======", false },
	{ "a one, which is not in the alphabet", "MZXW6YTB1I", false },
	{ "a zero, which is not either", "MZXW6YTB0I", false },
	{ "a letter with an accent", "MZXW6YTBO\xc3\x8d", false },
	{ "nothing", "", false },
	{ "hyphens alone", "----------", false },
};

static void
what_was_typed_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(typed_rows) / sizeof(typed_rows[0]); i++) {
		char bytes[6];

		if (base32_decode_exact(slice_of(typed_rows[i].text), bytes, sizeof(bytes)) != typed_rows[i].good)
			fail_msg("%s", typed_rows[i].name);
		if (typed_rows[i].good)
			assert_memory_equal(bytes, "foobar", 6);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_goes_both_ways),
		cmocka_unit_test(what_was_typed_is_read),
	};

	return cmocka_run_group_tests_name("base32", tests, NULL, NULL);
}
