/* JSON as RFC 8259 defines it, within our bounds, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <cjson/cJSON.h>

#include "base/json.h"

#define TEXT(literal) { (literal), sizeof(literal) - 1 }
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define DIGITS_80 "12345678901234567890123456789012345678901234567890123456789012345678901234567890"

static const struct {
	const char *name;
	struct slice text;
	bool good;
} rows[] = {
	{ "an empty object", TEXT("{}"), true },
	{ "space around everything", TEXT(" \t\r\n{ \"a\" : [ 1 , 2 ] } \n"), true },
	{ "every kind of value", TEXT("{\"a\":null,\"b\":true,\"c\":false,\"d\":-0.5e+10,\"e\":\"x\",\"f\":[],\"g\":{}}"), true },
	{ "every escape", TEXT("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"}"), true },
	{ "minus zero", TEXT("{\"a\":-0}"), true },
	{ "depth 8", TEXT("[[[[[[[[1]]]]]]]]"), true },
	{ "names that differ in case", TEXT("{\"a\":1,\"A\":2}"), true },
	{ "a name that begins another", TEXT("{\"a\":1,\"ab\":2}"), true },
	{ "a lone value", TEXT("\"x\""), true },
	{ "a number over every double", TEXT("{\"a\":1e400}"), true },
	{ "a lone number", TEXT("42"), true },
	{ "a lone word", TEXT("null"), true },
	{ "an empty name", TEXT("{\"\":1}"), true },
	{ "the same name in two objects", TEXT("{\"a\":{\"b\":1},\"c\":{\"b\":2,\"a\":3}}"), true },
	{ "names that differ in their last character", TEXT("{\"\\u00e9\":1,\"\\u00e8\":2}"), true },
	{ "an escaped backslash before the end", TEXT("[\"\\\\\"]"), true },
	{ "what looks like an escaped NUL and is none", TEXT("[\"\\\\u0000\"]"), true },
	{ "surrogates in capitals", TEXT("[\"\\uD83D\\uDE00\"]"), true },
	{ "the last code point escaped", TEXT("[\"\\udbff\\udfff\"]"), true },
	{ "characters that are no characters", TEXT("[\"\\uFFFE\\uFFFF\xef\xbf\xbf\"]"), true },
	{ "DEL and the line separators raw in a string", TEXT("[\"\x7f\xe2\x80\xa8\xe2\x80\xa9\"]"), true },
	{ "a byte-order mark inside a string", TEXT("[\"\xef\xbb\xbf\"]"), true },
	{ "zero", TEXT("[0,-0,0.0,-0.0e-0,0E+00]"), true },
	{ "exponents of every form", TEXT("[1e1,1E1,1e+1,1E-1,12.5e007]"), true },
	{ "more digits than any number holds", TEXT("[-" DIGITS_80 "." DIGITS_80 "e-" DIGITS_80 "]"), true },
	{ "nothing", TEXT(""), false },
	{ "space only", TEXT("  "), false },
	{ "depth 9", TEXT("[[[[[[[[[1]]]]]]]]]"), false },
	{ "bytes behind the value", TEXT("{}x"), false },
	{ "a second value", TEXT("{}{}"), false },
	{ "a NUL behind the value", TEXT("{}\0"), false },
	{ "a byte-order mark", TEXT("\xef\xbb\xbf{}"), false },
	{ "the same name twice", TEXT("{\"a\":1,\"a\":1}"), false },
	{ "the same name twice, once escaped", TEXT("{\"a\":1,\"\\u0061\":2}"), false },
	{ "the same name twice, in UTF-8 and escaped", TEXT("{\"\xc3\xa9\":1,\"\\u00E9\":2}"), false },
	{ "the first name of three bytes, in UTF-8 and escaped", TEXT("{\"\xe0\xa0\x80\":1,\"\\u0800\":2}"), false },
	{ "the last name of two bytes, in UTF-8 and escaped", TEXT("{\"\xdf\xbf\":1,\"\\u07ff\":2}"), false },
	{ "the first name of two bytes, in UTF-8 and escaped", TEXT("{\"\xc2\x80\":1,\"\\u0080\":2}"), false },
	{ "the last name of three bytes, in UTF-8 and escaped", TEXT("{\"\xef\xbf\xbf\":1,\"\\uffff\":2}"), false },
	{ "the same astral name, in UTF-8 and as surrogates", TEXT("{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}"), false },
	{ "the same name twice, deep inside", TEXT("[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]"), false },
	{ "a raw NUL in a string", TEXT("{\"a\":\"x\0y\"}"), false },
	{ "an escaped NUL in a string", TEXT("{\"a\":\"x\\u0000y\"}"), false },
	{ "an escaped NUL in a name", TEXT("{\"a\\u0000\":1}"), false },
	{ "a raw line feed in a string", TEXT("{\"a\":\"x\ny\"}"), false },
	{ "an unknown escape", TEXT("{\"a\":\"\\x41\"}"), false },
	{ "an escape cut short", TEXT("{\"a\":\"\\u12\"}"), false },
	{ "a backslash at the end", TEXT("{\"a\":\"\\"), false },
	{ "a lone high surrogate", TEXT("{\"a\":\"\\ud83d\"}"), false },
	{ "a lone low surrogate", TEXT("{\"a\":\"\\ude00\"}"), false },
	{ "surrogates the wrong way about", TEXT("{\"a\":\"\\ude00\\ud83d\"}"), false },
	{ "two high surrogates", TEXT("{\"a\":\"\\ud83d\\ud83d\"}"), false },
	{ "a surrogate in raw UTF-8", TEXT("{\"a\":\"\xed\xa0\x80\"}"), false },
	{ "an overlong form", TEXT("{\"a\":\"\xc0\xaf\"}"), false },
	{ "Latin-1", TEXT("{\"a\":\"\xe9\"}"), false },
	{ "an open string", TEXT("{\"a\":\"x"), false },
	{ "an open object", TEXT("{\"a\":1"), false },
	{ "an open array", TEXT("[1,"), false },
	{ "a trailing comma in an object", TEXT("{\"a\":1,}"), false },
	{ "a trailing comma in an array", TEXT("[1,]"), false },
	{ "a missing comma", TEXT("[1 2]"), false },
	{ "a missing colon", TEXT("{\"a\" 1}"), false },
	{ "a name without quotes", TEXT("{a:1}"), false },
	{ "single quotes", TEXT("{'a':1}"), false },
	{ "a comment", TEXT("{/**/}"), false },
	{ "a leading zero", TEXT("[01]"), false },
	{ "a leading plus", TEXT("[+1]"), false },
	{ "a minus alone", TEXT("[-]"), false },
	{ "a point without digits behind it", TEXT("[1.]"), false },
	{ "a point without digits before it", TEXT("[.5]"), false },
	{ "an exponent without digits", TEXT("[1e]"), false },
	{ "hexadecimal", TEXT("[0x10]"), false },
	{ "NaN", TEXT("[NaN]"), false },
	{ "Infinity", TEXT("[Infinity]"), false },
	{ "a word in capitals", TEXT("[True]"), false },
	{ "a vertical tab as space", TEXT("[\v1]"), false },
	{ "a no-break space", TEXT("[\xc2\xa0""1]"), false },
	{ "a second value behind a space", TEXT("1 2"), false },
	{ "a word and more", TEXT("[nullx]"), false },
	{ "half a word", TEXT("[nul]"), false },
	{ "two words in one", TEXT("[truefalse]"), false },
	{ "text in UTF-16", TEXT("{\0}\0"), false },
	{ "a byte-order mark of UTF-16", TEXT("\xff\xfe{\0}\0"), false },
	{ "half a byte-order mark", TEXT("\xef\xbb{}"), false },
	{ "a byte-order mark behind the value", TEXT("{}\xef\xbb\xbf"), false },
	{ "an end that opens nothing", TEXT("]"), false },
	{ "one end too many", TEXT("[1]]"), false },
	{ "an array that ends as an object", TEXT("[1}"), false },
	{ "an object that ends as an array", TEXT("{\"a\":1]"), false },
	{ "a comma alone", TEXT("[,]"), false },
	{ "a comma at the head", TEXT("[,1]"), false },
	{ "two commas", TEXT("[1,,2]"), false },
	{ "two commas in an object", TEXT("{\"a\":1,,\"b\":2}"), false },
	{ "a comma behind the value", TEXT("{},"), false },
	{ "a colon in an array", TEXT("[\"a\":1]"), false },
	{ "a name without a value", TEXT("{\"a\"}"), false },
	{ "a colon without a value", TEXT("{\"a\":}"), false },
	{ "a value without a name", TEXT("{:1}"), false },
	{ "two colons", TEXT("{\"a\"::1}"), false },
	{ "two values of one name", TEXT("{\"a\":1 2}"), false },
	{ "a number as a name", TEXT("{1:1}"), false },
	{ "a word as a name", TEXT("{null:1}"), false },
	{ "an array as a name", TEXT("{[]:1}"), false },
	{ "an equals sign for the colon", TEXT("{\"a\"=1}"), false },
	{ "a comment behind the value", TEXT("{}//x"), false },
	{ "a quote alone", TEXT("\""), false },
	{ "a raw tab in a string", TEXT("[\"\t\"]"), false },
	{ "the last raw control in a string", TEXT("[\"\x1f\"]"), false },
	{ "an escaped line's end", TEXT("[\"\\\n\"]"), false },
	{ "an escaped quote that nobody closes", TEXT("[\"\\\"]"), false },
	{ "an escape of C", TEXT("[\"\\a\"]"), false },
	{ "an escaped NUL of C", TEXT("[\"\\0\"]"), false },
	{ "an escape of JavaScript", TEXT("[\"\\'\"]"), false },
	{ "a Unicode escape in capitals", TEXT("[\"\\U0061\"]"), false },
	{ "a Unicode escape with a letter beyond f", TEXT("[\"\\u006g\"]"), false },
	{ "a Unicode escape with a sign", TEXT("[\"\\u+061\"]"), false },
	{ "a Unicode escape with a space", TEXT("[\"\\u 061\"]"), false },
	{ "an escape that the end cuts", TEXT("\"\\u00"), false },
	{ "a high surrogate before a letter", TEXT("[\"\\ud83dx\"]"), false },
	{ "a high surrogate before an escaped letter", TEXT("[\"\\ud83d\\u0061\"]"), false },
	{ "a high surrogate before a line feed", TEXT("[\"\\ud83d\\n\"]"), false },
	{ "a high surrogate before half an escape", TEXT("[\"\\ud83d\\ude\"]"), false },
	{ "a high surrogate that the end cuts", TEXT("\"\\ud83d\\u"), false },
	{ "a lone surrogate in a name", TEXT("{\"\\udc00\":1}"), false },
	{ "surrogates as a pair in raw bytes", TEXT("[\"\xed\xa0\xbd\xed\xb8\x80\"]"), false },
	{ "above the last code point", TEXT("[\"\xf4\x90\x80\x80\"]"), false },
	{ "UTF-8 cut short by the quote", TEXT("[\"\xe2\x82\"]"), false },
	{ "a continuation alone", TEXT("[\"\x81\"]"), false },
	{ "a byte that UTF-8 never has", TEXT("[\"\xff\"]"), false },
	{ "broken UTF-8 outside of strings", TEXT("[\xe9]"), false },
	{ "a NUL between values", TEXT("[1,\0 2]"), false },
	{ "a form feed as space", TEXT("[\f1]"), false },
	{ "a leading zero behind a minus", TEXT("[-01]"), false },
	{ "two zeros", TEXT("[00]"), false },
	{ "two minuses", TEXT("[--1]"), false },
	{ "a space behind the minus", TEXT("[- 1]"), false },
	{ "a space inside a number", TEXT("[1 000]"), false },
	{ "a minus behind the number", TEXT("[1-]"), false },
	{ "two points", TEXT("[1.2.3]"), false },
	{ "a point before the exponent", TEXT("[1.e1]"), false },
	{ "a minus before the point", TEXT("[-.5]"), false },
	{ "a sign alone in the exponent", TEXT("[1e+]"), false },
	{ "two signs in the exponent", TEXT("[1e+-2]"), false },
	{ "a point in the exponent", TEXT("[1e1.5]"), false },
	{ "two exponents", TEXT("[1eE2]"), false },
	{ "an exponent alone", TEXT("[e1]"), false },
	{ "a decimal comma that makes two names of one", TEXT("{\"a\":1,5}"), false },
	{ "a letter behind the number", TEXT("[1a]"), false },
	{ "a full-width digit", TEXT("[\xef\xbc\x91]"), false },
	{ "minus infinity", TEXT("[-Infinity]"), false },
	{ "a number that the end cuts", TEXT("-"), false },
};

static void
scans_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (json_scan(rows[i].text) != rows[i].good)
			fail_msg("%s: wanted %s", rows[i].name, rows[i].good ? "taken" : "refused");
	}
}

static void
refuses_every_prefix(void **state)
{
	struct slice whole = SLICE("{\"a\":[1,{\"b\":\"\\ud83d\\ude00\xc3\xa9\"}],\"c\":-1.5e3,\"d\":null}");

	(void)state;
	for (size_t len = 0; len < whole.len; len++)
		assert_false(json_scan((struct slice){ whole.ptr, len }));
	assert_true(json_scan(whole));
}

static void
takes_as_many_members_as_it_says(void **state)
{
	(void)state;
	for (int count = JSON_MAX_MEMBERS - 1; count <= JSON_MAX_MEMBERS + 1; count++) {
		struct buf text = BUF_EMPTY;

		for (int i = 0; i < count; i++)
			buf_printf(&text, "%c\"n%d\":1", i ? ',' : '{', i);
		buf_putc(&text, '}');
		assert_int_equal(json_scan(buf_slice(&text)), count <= JSON_MAX_MEMBERS);
		buf_free(&text);
	}
}

/* A parser that recursed at each bracket would overflow its stack here. */
static void
refuses_any_depth(void **state)
{
	static const char *const openings[] = { "[", "{\"a\":", "[{\"a\":" };

	(void)state;
	for (size_t i = 0; i < COUNT(openings); i++) {
		struct buf text = BUF_EMPTY;

		for (int depth = 0; depth < 100000; depth++)
			buf_puts(&text, openings[i]);
		assert_int_equal(buf_status(&text), PT_OK);
		assert_false(json_scan(buf_slice(&text)));
		buf_free(&text);
	}
}

static const struct {
	const char *text;
	bool good;
	int64_t value;
} integers[] = {
	{ "0", true, 0 },
	{ "-0", true, 0 },
	{ "-1", true, -1 },
	{ "2147483648", true, 2147483648 },
	{ "4102444800", true, 4102444800 },
	{ "9007199254740992", true, 9007199254740992 },
	{ "-9007199254740992", true, -9007199254740992 },
	/* The first number that a double would round into the range. */
	{ "9007199254740993", false, 0 },
	{ "-9007199254740993", false, 0 },
	{ "9223372036854775808", false, 0 },
	{ "18446744073709551616", false, 0 },
	{ DIGITS_80, false, 0 },
	{ "1e400", false, 0 },
	{ "1.5", false, 0 },
	{ "1.0", false, 0 },
	{ "1e3", false, 0 },
	{ "1E0", false, 0 },
	/* A double would take this for one. */
	{ "1.0000000000000000000000000000000001", false, 0 },
	{ "\"5\"", false, 0 },
	{ "\"\"", false, 0 },
	{ "true", false, 0 },
	{ "null", false, 0 },
	{ "[5]", false, 0 },
	{ "{\"n\":5}", false, 0 },
};

static void
reads_integers_by_their_digits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(integers); i++) {
		struct buf text = BUF_EMPTY;
		struct json *json;
		int64_t value = 0;

		buf_printf(&text, "{\"n\": %s }", integers[i].text);
		assert_int_equal(json_parse_object(buf_slice(&text), &json), PT_OK);
		if (json_get_integer(json, "n", &value) != integers[i].good || value != integers[i].value)
			fail_msg("%s: %lld", integers[i].text, (long long)value);
		json_free(json);
		buf_free(&text);
	}
}

/* Strings that look like numbers, and numbers at every depth, do not change the others. */
static void
gives_each_number_its_own_value(void **state)
{
	struct slice text = SLICE("{\"1\":\"-2\\\"3\",\"a\":[4,{\"5\":5,\"b\":\"6\\\\\"},{\"x\":7.5}],\"c\":{\"d\":{\"e\":-8}},"
	    "\"e1\":9,\"t\":true,\"f\":1e5,\"z\":10}");
	const struct json *inner;
	struct json *json;
	int64_t value;

	(void)state;
	assert_int_equal(json_parse_object(text, &json), PT_OK);
	assert_false(json_get_integer(json, "1", &value));
	inner = json_array_object(json, "a", 1);
	assert_true(json_get_integer(inner, "5", &value) && value == 5);
	inner = json_array_object(json, "a", 2);
	assert_false(json_get_integer(inner, "x", &value));
	inner = json_get_object(json_get_object(json, "c"), "d");
	assert_true(json_get_integer(inner, "e", &value) && value == -8);
	assert_true(json_get_integer(json, "e1", &value) && value == 9);
	assert_false(json_get_integer(json, "f", &value));
	assert_true(json_get_integer(json, "z", &value) && value == 10);
	json_free(json);
}

static void
reads_members(void **state)
{
	struct json *json;
	struct slice text;
	int64_t number;
	bool flag;

	(void)state;
	assert_int_equal(json_parse_object(SLICE("{\"s\":\"\\u00e9\",\"n\":4102444800,\"f\":1.5,\"t\":true,"
	    "\"x\":null,\"h\":1e300,\"q\":\"5\",\"l\":[\"a\",2,{\"k\":\"v\"}],\"o\":{\"in\":\"side\"}}"), &json), PT_OK);
	assert_true(json_get_string(json, "s", &text) && slice_eq(text, SLICE("\xc3\xa9")));
	assert_false(json_get_string(json, "S", &text));
	assert_false(json_get_string(json, "n", &text));
	assert_true(json_get_integer(json, "n", &number) && number == 4102444800);
	assert_false(json_get_integer(json, "f", &number));
	assert_false(json_get_integer(json, "h", &number));
	assert_false(json_get_integer(json, "q", &number));
	assert_true(json_get_bool(json, "t", &flag) && flag);
	assert_false(json_get_bool(json, "s", &flag));
	assert_int_equal(json_kind_of(json, "x"), JSON_NULL);
	assert_int_equal(json_kind_of(json, "y"), JSON_ABSENT);
	assert_int_equal(json_array_len(json, "l"), 3);
	assert_true(json_array_string(json, "l", 0, &text) && slice_eq(text, SLICE("a")));
	assert_false(json_array_string(json, "l", 1, &text));
	assert_false(json_array_string(json, "l", 3, &text));
	assert_non_null(json_array_object(json, "l", 2));
	assert_true(json_get_string(json_get_object(json, "o"), "in", &text) && slice_eq(text, SLICE("side")));
	json_free(json);
	json_free(NULL);
}

static void
reads_objects_only(void **state)
{
	static const char *const texts[] = { "[1]", "[{}]", "\"x\"", "1", "null", "true", "{\"a\":1", "" };
	struct json *json;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(json_parse_object(slice_of(texts[i]), &json), PT_ERR_INVALID);
		assert_null(json);
	}
}

static void
gives_strings_their_meaning(void **state)
{
	struct slice text;
	struct json *json;

	(void)state;
	assert_int_equal(json_parse_object(SLICE("{\"a\\u002db\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\ud83d\\ude00\\u00e9\xe2\x82\xac\","
	    "\"empty\":\"\",\"\":\"no name\"}"), &json), PT_OK);
	assert_true(json_get_string(json, "a-b", &text));
	assert_true(slice_eq(text, SLICE("\"\\/\b\f\n\r\t\xf0\x9f\x98\x80\xc3\xa9\xe2\x82\xac")));
	assert_true(json_get_string(json, "empty", &text) && text.len == 0);
	assert_true(json_get_string(json, "", &text) && slice_eq(text, SLICE("no name")));
	json_free(json);
}

/* Watches cJSON's memory: freed blocks may no longer hold a secret. */
static unsigned freed, freed_secret;
static bool memory_out;

static void *
watched_malloc(size_t size)
{
	size_t *block = memory_out ? NULL : test_calloc(1, sizeof(size_t) + size);

	if (block == NULL)
		return NULL;
	*block = size;
	return block + 1;
}

static void
watched_free(void *memory)
{
	size_t *block = memory;

	if (block == NULL)
		return;
	freed++;
	freed_secret += memmem(memory, block[-1], "hunter2", 7) != NULL;
	test_free(block - 1);
}

static void
wipes_every_string_when_freed(void **state)
{
	static const char *const texts[] = {
		"{\"password\":\"hunter2\"}",
		"{\"hunter2\":1}",
		"{\"a\":[{\"b\":[\"x\",\"\\u0068unter2\"]}],\"c\":{\"hunter2\":null}}",
		/* The reader frees it itself: it is not an object. */
		"[\"hunter2\"]",
	};
	cJSON_Hooks hooks = { watched_malloc, watched_free };

	(void)state;
	cJSON_InitHooks(&hooks);
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct json *json;

		freed = freed_secret = 0;
		json_parse_object(slice_of(texts[i]), &json);
		json_free(json);
		assert_true(freed > 0);
		assert_int_equal(freed_secret, 0);
	}
	cJSON_InitHooks(NULL);
}

static void
tells_want_of_memory_from_bad_text(void **state)
{
	cJSON_Hooks hooks = { watched_malloc, watched_free };
	struct json *json;

	(void)state;
	cJSON_InitHooks(&hooks);
	memory_out = true;
	assert_int_equal(json_parse_object(SLICE("{\"a\":1}"), &json), PT_ERR_NOMEM);
	assert_null(json);
	assert_int_equal(json_parse_object(SLICE("{\"a\":01}"), &json), PT_ERR_INVALID);
	memory_out = false;
	cJSON_InitHooks(NULL);
}

static void
writes_what_it_reads(void **state)
{
	struct buf out = BUF_EMPTY;
	struct json_writer w = json_writer(&out);

	(void)state;
	json_open(&w, NULL);
	json_put_string(&w, "s", SLICE("\"\\\n\x7f\xff\xc3\xa9\xe2\x80\xa8"));
	json_put_integer(&w, "n", -9007199254740991);
	json_put_time(&w, "t", 1795485169000);
	json_put_time(&w, "never", 0);
	json_open_array(&w, "l");
	json_put_cstr(&w, NULL, "a");
	json_open(&w, NULL);
	json_put_bool(&w, "b", false);
	json_close(&w);
	json_close_array(&w);
	json_put_null(&w, "z");
	json_close(&w);
	assert_int_equal(buf_status(&out), PT_OK);
	assert_true(slice_eq(buf_slice(&out), SLICE("{\"s\":\"\\\"\\\\\\u000a\\u007f\xef\xbf\xbd\xc3\xa9\\u2028\","
	    "\"n\":-9007199254740991,\"t\":\"2026-11-24T01:52:49Z\",\"never\":null,\"l\":[\"a\",{\"b\":false}],\"z\":null}")));
	assert_true(json_scan(buf_slice(&out)));
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scans_every_row),
		cmocka_unit_test(refuses_every_prefix),
		cmocka_unit_test(takes_as_many_members_as_it_says),
		cmocka_unit_test(refuses_any_depth),
		cmocka_unit_test(reads_objects_only),
		cmocka_unit_test(reads_members),
		cmocka_unit_test(reads_integers_by_their_digits),
		cmocka_unit_test(gives_each_number_its_own_value),
		cmocka_unit_test(gives_strings_their_meaning),
		cmocka_unit_test(wipes_every_string_when_freed),
		cmocka_unit_test(tells_want_of_memory_from_bad_text),
		cmocka_unit_test(writes_what_it_reads),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
