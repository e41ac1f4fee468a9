/* Base64url has one text for each byte string, and no other text is accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/base64url.h"

#define TEXT(literal) { (literal), sizeof(literal) - 1 }
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
	struct slice bytes;
	const char *text;
} known[] = {
	/* RFC 4648, section 10, without the padding. */
	{ TEXT(""), "" },
	{ TEXT("f"), "Zg" },
	{ TEXT("fo"), "Zm8" },
	{ TEXT("foo"), "Zm9v" },
	{ TEXT("foob"), "Zm9vYg" },
	{ TEXT("fooba"), "Zm9vYmE" },
	{ TEXT("foobar"), "Zm9vYmFy" },
	/* RFC 7515, appendix C. */
	{ TEXT("\x03\xec\xff\xe0\xc1"), "A-z_4ME" },
	{ TEXT("\xff\xff\xff"), "____" },
	{ TEXT("\0\0\0"), "AAAA" },
};

static void
known_bytes_have_their_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		struct slice text = slice_of(known[i].text);
		char encoded[16], decoded[16];
		size_t len;

		assert_int_equal(BASE64URL_LEN(known[i].bytes.len), text.len);
		base64url_encode(known[i].bytes.ptr, known[i].bytes.len, encoded);
		assert_string_equal(encoded, known[i].text);
		assert_true(base64url_decode(text, decoded, sizeof(decoded), &len));
		assert_true(slice_eq((struct slice){ decoded, len }, known[i].bytes));
		assert_true(base64url_decode_exact(text, decoded, known[i].bytes.len));
		assert_false(base64url_decode_exact(text, decoded, known[i].bytes.len + 1));
	}
}

static const struct {
	const char *name;
	struct slice text;
} refused[] = {
	{ "one character alone", TEXT("A") },
	{ "one character too many", TEXT("Zm9vY") },
	{ "padding", TEXT("Zg==") },
	{ "padding where none is due", TEXT("Zm9v=") },
	{ "the other alphabet's plus", TEXT("Zm9+") },
	{ "the other alphabet's slash", TEXT("Zm9/") },
	{ "a space inside", TEXT("Zm 9v") },
	{ "a line's end behind", TEXT("Zm9v\n") },
	{ "a NUL", TEXT("Zm9\0") },
	{ "a byte above ASCII", TEXT("Zm9\xe9") },
	{ "bits left over behind one byte", TEXT("Zh") },
	{ "bits left over behind two bytes", TEXT("Zm9") },
};

static void
other_texts_are_refused(void **state)
{
	char out[16];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		if (base64url_decode(refused[i].text, out, sizeof(out), &len))
			fail_msg("%s", refused[i].name);
}

/*
 * Of all texts of two or three characters, exactly as many are accepted as there are byte strings.
 */
static void
each_byte_string_has_exactly_one_text(void **state)
{
	unsigned taken[4] = { 0 };
	char text[3], again[5];
	uint8_t bytes[2];
	size_t len;

	(void)state;
	for (int a = 0; a < 256; a++) {
		for (int b = 0; b < 256; b++) {
			text[0] = (char)a, text[1] = (char)b, text[2] = 'Q';
			for (size_t n = 2; n <= 3; n++) {
				if (!base64url_decode((struct slice){ text, n }, bytes, sizeof(bytes), &len))
					continue;
				taken[n]++;
				base64url_encode(bytes, len, again);
				assert_memory_equal(again, text, n);
			}
		}
	}
	assert_int_equal(taken[2], 256);
	assert_int_equal(taken[3], 64 * 64);
}

static void
every_length_comes_back(void **state)
{
	uint8_t bytes[150], back[150];
	char text[BASE64URL_LEN(150) + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 151 + 7);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		struct buf buf = BUF_EMPTY;
		size_t len;

		text[BASE64URL_LEN(n) + 1] = 'x';
		base64url_encode(bytes, n, text);
		assert_int_equal(strlen(text), BASE64URL_LEN(n));
		assert_int_equal(text[BASE64URL_LEN(n) + 1], 'x');
		assert_true(base64url_decode(slice_of(text), back, n, &len));
		assert_int_equal(len, n);
		assert_memory_equal(back, bytes, n);
		base64url_put(&buf, bytes, n);
		assert_true(slice_eq(buf_slice(&buf), slice_of(text)));
		buf_free(&buf);
	}
}

static void
no_byte_is_written_behind_the_room(void **state)
{
	uint8_t out[4] = { 0, 0, 0, 0xaa };
	size_t len;

	(void)state;
	assert_false(base64url_decode(SLICE("Zm9vYg"), out, 3, &len));
	assert_true(base64url_decode(SLICE("Zm9v"), out, 3, &len));
	assert_false(base64url_decode(SLICE("Zg"), out, 0, &len));
	assert_int_equal(out[3], 0xaa);
}

static const struct {
	const char *name;
	struct slice text;
	const char *bytes;	/* NULL: refused */
} padded[] = {
	{ "nothing", TEXT(""), "" },
	{ "two of padding", TEXT("Zg=="), "f" },
	{ "one of padding", TEXT("Zm8="), "fo" },
	{ "no padding where none is due", TEXT("Zm9v"), "foo" },
	{ "the alphabet's plus and slash", TEXT("++//"), "\xfb\xef\xff" },
	{ "the other alphabet's two", TEXT("--__"), NULL },
	{ "padding that is missing", TEXT("Zg"), NULL },
	{ "half of the padding", TEXT("Zg="), NULL },
	{ "padding alone", TEXT("===="), NULL },
	{ "three of padding", TEXT("Z==="), NULL },
	{ "padding in the middle", TEXT("Zg==Zg=="), NULL },
	{ "bits left over", TEXT("Zh=="), NULL },
	{ "a space behind", TEXT("Zm8 "), NULL },
};

static void
padded_text_is_read_as_strictly(void **state)
{
	char out[8];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT(padded); i++) {
		bool good = base64_decode(padded[i].text, out, sizeof(out), &len);

		if (good != (padded[i].bytes != NULL))
			fail_msg("%s", padded[i].name);
		if (good && !slice_eq((struct slice){ out, len }, slice_of(padded[i].bytes)))
			fail_msg("%s: other bytes", padded[i].name);
	}
	assert_false(base64_decode(SLICE("Zm9vYmFy"), out, 5, &len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_bytes_have_their_text),
		cmocka_unit_test(other_texts_are_refused),
		cmocka_unit_test(each_byte_string_has_exactly_one_text),
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(no_byte_is_written_behind_the_room),
		cmocka_unit_test(padded_text_is_read_as_strictly),
	};

	return cmocka_run_group_tests_name("base64url", tests, NULL, NULL);
}
