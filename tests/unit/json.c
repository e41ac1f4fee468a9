/* JSON is what RFC 8259 says, inside our bounds, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"

#define TEXT(literal) { (literal), sizeof(literal) - 1 }

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
};

static void
scans_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
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
refuses_too_many_members(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	buf_putc(&text, '{');
	for (int i = 0; i < 65; i++)
		buf_printf(&text, "%s\"n%d\":1", i ? "," : "", i);
	buf_putc(&text, '}');
	assert_false(json_scan(buf_slice(&text)));
	buf_free(&text);
}

static void
reads_members(void **state)
{
	struct json *json;
	struct slice text;
	int64_t number;
	bool flag;

	(void)state;
	assert_int_equal(json_parse_object(SLICE("[1]"), &json), PT_ERR_INVALID);
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
		cmocka_unit_test(refuses_too_many_members),
		cmocka_unit_test(reads_members),
		cmocka_unit_test(writes_what_it_reads),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
