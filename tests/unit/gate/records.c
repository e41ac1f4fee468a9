#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "support/fcgi_client.h"
#include "gate/input.h"
#include "gate/records.h"

/* Feeds bytes in pieces of this size; returns the result and the length of the request. */
static enum records_state
feed(struct records *records, const struct buf *bytes, size_t piece, size_t *used)
{
	enum records_state state = RECORDS_MORE;

	*used = 0;
	while (state == RECORDS_MORE && *used < bytes->len) {
		struct slice part = slice_skip(buf_slice(bytes), *used);
		size_t took;

		if (part.len > piece)
			part.len = piece;
		state = records_feed(records, part, &took);
		*used += took;
		if (state == RECORDS_MORE)
			assert_int_equal(took, part.len);
	}
	return state;
}

static void
test_a_request_is_whole_at_its_last_byte_however_it_is_cut(void **state)
{
	struct buf bytes = BUF_EMPTY;

	(void)state;
	client_request(&bytes, ROLE_RESPONDER, "/echo", "some body");
	for (size_t piece = 1; piece <= bytes.len; piece++) {
		struct buf all = BUF_EMPTY;
		struct records records;
		size_t used;

		buf_put(&all, buf_slice(&bytes));
		buf_put(&all, buf_slice(&bytes));	/* what comes after it is no part of it */
		records_init(&records, true);
		assert_int_equal(feed(&records, &all, piece, &used), RECORDS_WHOLE);
		assert_int_equal(used, bytes.len);
		assert_true(records.plain);
		assert_true(records.ended);
		assert_int_equal(records.body_len, 9);
		assert_true(slice_eq(buf_slice(&records.body), SLICE("some body")));
		assert_true(slice_eq(records_param(&records, SLICE("SCRIPT_NAME")), SLICE("/echo")));
		assert_true(slice_eq(records_param(&records, SLICE("CONTENT_LENGTH")), SLICE("9")));
		assert_null(records_param(&records, SLICE("SCRIPT")).ptr);
		records_free(&records);
		buf_free(&all);
	}
	buf_free(&bytes);
}

static void
test_what_is_written_again_is_the_same_request(void **state)
{
	struct buf bytes = BUF_EMPTY, again = BUF_EMPTY, twice = BUF_EMPTY;
	struct records records, copy;
	size_t used;

	(void)state;
	client_request(&bytes, ROLE_RESPONDER, "/echo", "some body");
	records_init(&records, true);
	records_init(&copy, true);
	assert_int_equal(feed(&records, &bytes, 7, &used), RECORDS_WHOLE);
	records_put(&records, &again);
	assert_int_equal(feed(&copy, &again, again.len, &used), RECORDS_WHOLE);
	assert_int_equal(used, again.len);
	assert_true(slice_eq(buf_slice(&copy.params), buf_slice(&records.params)));
	assert_true(slice_eq(buf_slice(&copy.body), buf_slice(&records.body)));
	records_put(&copy, &twice);
	assert_true(slice_eq(buf_slice(&twice), buf_slice(&again)));
	records_free(&records);
	records_free(&copy);
	buf_free(&bytes);
	buf_free(&again);
	buf_free(&twice);
}

struct broken_row {
	const char *name;
	struct slice bytes;
};

#define BEGIN "\x01\x01\x00\x01\x00\x08\x00\x00" "\x00\x01\x00\x00\x00\x00\x00\x00"
#define PARAMS(len) "\x01\x04\x00\x01\x00" len "\x00\x00"
#define END PARAMS("\x00")

static const struct broken_row broken_rows[] = {
	{ "another version", SLICE("\x02\x01\x00\x01\x00\x08\x00\x00") },
	{ "parameters of a request that never began", SLICE(PARAMS("\x05")) },
	{ "a body of a request that never began", SLICE("\x01\x05\x00\x01\x00\x05\x00\x00") },
	{ "a beginning that is too short", SLICE("\x01\x01\x00\x01\x00\x07\x00\x00") },
	{ "a beginning that is too long", SLICE("\x01\x01\x00\x01\x00\x09\x00\x00") },
	{ "a role that does not exist", SLICE("\x01\x01\x00\x01\x00\x08\x00\x00" "\x00\x07\x00\x00\x00\x00\x00\x00") },
	{ "no role", SLICE("\x01\x01\x00\x01\x00\x08\x00\x00" "\x00\x00\x00\x00\x00\x00\x00\x00") },
	{ "a second beginning", SLICE(BEGIN BEGIN) },
	{ "a second request on the connection", SLICE(BEGIN "\x01\x01\x00\x02\x00\x08\x00\x00") },
	{ "a body before the end of the parameters", SLICE(BEGIN "\x01\x05\x00\x01\x00\x05\x00\x00") },
	{ "given up amid the parameters", SLICE(BEGIN "\x01\x02\x00\x01\x00\x00\x00\x00") },
	{ "more parameters after their end", SLICE(BEGIN END PARAMS("\x02")) },
	{ "the data of a filter", SLICE(BEGIN END "\x01\x08\x00\x01\x00\x05\x00\x00") },
	{ "an answer", SLICE(BEGIN END "\x01\x06\x00\x01\x00\x05\x00\x00") },
	{ "a name that ends with the parameters", SLICE(BEGIN PARAMS("\x03") "\x05\x00" "A" END) },
	{ "a value that ends with the parameters", SLICE(BEGIN PARAMS("\x03") "\x01\x05" "A" END) },
	{ "a length that ends with the parameters", SLICE(BEGIN PARAMS("\x02") "\x80\x00" END) },
	{ "the second length missing", SLICE(BEGIN PARAMS("\x01") "\x01" END) },
	{ "a name of nearly 2^31 bytes", SLICE(BEGIN PARAMS("\x05") "\xff\xff\xff\xff\x01") },
	{ "a value of nearly 2^31 bytes", SLICE(BEGIN PARAMS("\x05") "\x01\xff\xff\xff\xff") },
	{ "two lengths whose sum is beyond 32 bits", SLICE(BEGIN PARAMS("\x08") "\xff\xff\xff\xfe\xff\xff\xff\xfe") },
	{ "one byte more than all parameters may have", SLICE(BEGIN PARAMS("\x05") "\x80\x01\x00\x01\x00") },
};

static void
test_what_is_no_request_is_broken_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken_rows) / sizeof(broken_rows[0]); i++) {
		for (size_t piece = 1; piece <= broken_rows[i].bytes.len; piece++) {
			struct buf bytes = BUF_EMPTY;
			struct records records;
			size_t used;

			buf_put(&bytes, broken_rows[i].bytes);
			records_init(&records, piece % 2 == 0);
			if (feed(&records, &bytes, piece, &used) != RECORDS_BROKEN)
				fail_msg("%s, by %zu", broken_rows[i].name, piece);
			records_free(&records);
			buf_free(&bytes);
		}
	}
}

static void
test_records_of_others_are_passed_over_but_seen(void **state)
{
	static const struct slice others[] = {
		/* FCGI_GET_VALUES */
		SLICE("\x01\x09\x00\x00\x00\x10\x00\x00" "\x0e\x00" "FCGI_MAX_CONNS"),
		/* a body of request 7 */
		SLICE("\x01\x05\x00\x07\x00\x04\x03\x00" "abcd" "\x00\x00\x00"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct buf bytes = BUF_EMPTY;
		struct records records;
		size_t used;

		client_begin(&bytes, ROLE_RESPONDER, false);
		buf_put(&bytes, others[i]);
		client_record(&bytes, FCGI_PARAMS, NULL, 0);
		buf_put(&bytes, others[i]);
		client_record(&bytes, FCGI_STDIN, NULL, 0);
		records_init(&records, true);
		assert_int_equal(feed(&records, &bytes, 5, &used), RECORDS_WHOLE);
		assert_int_equal(used, bytes.len);
		assert_false(records.plain);
		assert_int_equal(records.body.len, 0);
		assert_int_equal(records.params.len, 0);
		records_free(&records);
		buf_free(&bytes);
	}
}

static void
test_of_a_body_no_more_is_kept_than_is_wanted(void **state)
{
	struct buf bytes = BUF_EMPTY, body = BUF_EMPTY;
	struct records records;
	size_t used;

	(void)state;
	for (int i = 0; i < GATE_DRAIN_MAX + 100000; i++)
		buf_putc(&body, 'x');
	client_begin(&bytes, ROLE_RESPONDER, false);
	client_record(&bytes, FCGI_PARAMS, NULL, 0);
	client_stdin(&bytes, body.ptr, body.len);
	records_init(&records, true);
	assert_int_equal(feed(&records, &bytes, 8192, &used), RECORDS_WHOLE);
	assert_false(records.ended);
	assert_int_equal(records.body.len, WEB_MAX_BODY + 1);
	assert_true(records.body_len > GATE_DRAIN_MAX);
	records_free(&records);
	buf_free(&bytes);
	buf_free(&body);
}

static void
test_an_authorizers_request_ends_with_its_parameters(void **state)
{
	struct buf bytes = BUF_EMPTY, again = BUF_EMPTY;
	struct records records;
	size_t used;

	(void)state;
	client_begin(&bytes, ROLE_AUTHORIZER, true);
	client_record(&bytes, FCGI_PARAMS, "\x01\x01" "AB", 4);
	client_record(&bytes, FCGI_PARAMS, NULL, 0);
	records_init(&records, true);
	assert_int_equal(feed(&records, &bytes, 1, &used), RECORDS_WHOLE);
	assert_true(records.peer_keeps);
	records_put(&records, &again);
	assert_true(slice_eq(buf_slice(&again), buf_slice(&bytes)));
	records_free(&records);
	buf_free(&bytes);
	buf_free(&again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_is_whole_at_its_last_byte_however_it_is_cut),
		cmocka_unit_test(test_what_is_written_again_is_the_same_request),
		cmocka_unit_test(test_what_is_no_request_is_broken_at_once),
		cmocka_unit_test(test_records_of_others_are_passed_over_but_seen),
		cmocka_unit_test(test_of_a_body_no_more_is_kept_than_is_wanted),
		cmocka_unit_test(test_an_authorizers_request_ends_with_its_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
