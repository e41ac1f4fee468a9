/* The status list has the bytes of the specification, and its token says what it was given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <zlib.h>

#include "base/base64url.h"
#include "base/json.h"
#include "token/status_list.h"

static struct buf
encoded(const struct status_list *list)
{
	struct buf out = BUF_EMPTY;

	assert_int_equal(status_list_encode(list, &out), PT_OK);
	return out;
}

/* What a verifier finds in a list. */
static void
assert_list(struct slice lst, const uint8_t *bytes, size_t len)
{
	static uint8_t packed[65536], found[1 << 18];
	uLongf room = sizeof(found);
	size_t packed_len;

	assert_true(base64url_decode(lst, (char *)packed, sizeof(packed), &packed_len));
	assert_int_equal(uncompress(found, &room, packed, packed_len), Z_OK);
	assert_int_equal(room, len);
	assert_memory_equal(found, bytes, len);
}

/* The specification's appendix C: a list of 2^20 bits, eleven of which are set. */
static void
the_long_example_of_the_specification(void **state)
{
	static const uint64_t set[] = { 0, 1993, 25460, 159495, 495669, 554353, 645645, 723232, 854545, 934534, 1000345 };
	static const char lst[] = "eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogE"
	    "AAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAA"
	    "A7KpLAAAAAAAAAAAAAAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAA"
	    "ACAZC8L2AEb";
	static uint8_t bytes[1 << 17];
	struct status_list *list;

	(void)state;
	assert_int_equal(status_list_new(UINT64_C(1) << 20, &list), PT_OK);
	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
		status_list_set(list, set[i]);
		bytes[set[i] / 8] = (uint8_t)(bytes[set[i] / 8] | 1 << set[i] % 8);
	}
	struct buf out = encoded(list);

	assert_list(SLICE(lst), bytes, sizeof(bytes));
	assert_list(buf_slice(&out), bytes, sizeof(bytes));
	buf_free(&out);
	status_list_free(list);
}

/* draft-ietf-oauth-status-list-18, 4.1 and 4.2: sixteen states in the bytes b9 a3. */
static void
the_example_of_the_specification(void **state)
{
	static const uint64_t set[] = { 0, 3, 4, 5, 7, 8, 9, 13, 15 };
	struct status_list *list;

	(void)state;
	assert_int_equal(status_list_new(16, &list), PT_OK);
	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
		status_list_set(list, set[i]);
	struct buf out = encoded(list);
	static const uint8_t bytes[] = { 0xb9, 0xa3 };

	/* Compressed differently it is still the same list. */
	assert_list(SLICE("eNrbuRgAAhcBXQ"), bytes, sizeof(bytes));
	assert_list(buf_slice(&out), bytes, sizeof(bytes));
	buf_free(&out);
	status_list_free(list);
}

static void
a_large_list_that_tells_of_little_is_small(void **state)
{
	struct status_list *list;

	(void)state;
	assert_int_equal(status_list_new(UINT64_C(1) << 21, &list), PT_OK);
	struct buf none = encoded(list);

	for (uint64_t i = 0; i < 100; i++)
		status_list_set(list, i * 20000 + 7);
	struct buf some = encoded(list);

	assert_true(none.len < 500);
	assert_true(some.len < 1500);
	buf_free(&none);
	buf_free(&some);
	status_list_free(list);
}

static void
a_bit_beyond_the_list_is_ignored(void **state)
{
	struct status_list *list;

	(void)state;
	assert_int_equal(status_list_new(16, &list), PT_OK);
	struct buf before = encoded(list);

	status_list_set(list, 16);
	status_list_set(list, UINT64_MAX);
	struct buf after = encoded(list);

	assert_true(slice_eq(buf_slice(&before), buf_slice(&after)));
	buf_free(&before);
	buf_free(&after);
	status_list_free(list);
}

static void
a_list_of_no_whole_bytes_is_refused(void **state)
{
	struct status_list *list;

	(void)state;
	assert_int_equal(status_list_new(0, &list), PT_ERR_INVALID);
	assert_int_equal(status_list_new(12, &list), PT_ERR_INVALID);
	assert_null(list);
}

/* Decodes one part of a compact token. */
static struct json *
part(struct slice encoded_part)
{
	char bytes[1024];
	size_t len;
	struct json *json;

	assert_true(base64url_decode(encoded_part, bytes, sizeof(bytes), &len));
	assert_int_equal(json_parse_object((struct slice){ bytes, len }, &json), PT_OK);
	return json;
}

static void
the_token_says_its_type_its_address_and_its_times(void **state)
{
	struct signing_key *key;
	struct buf token = BUF_EMPTY;
	struct slice header, payload, signature, rest, text;
	int64_t number;
	uint8_t bytes[SIGNING_MAX_SIGNATURE];
	size_t len;
	bool good;

	(void)state;
	assert_int_equal(signing_key_generate(SIGNING_ES256, &key), PT_OK);
	assert_int_equal(status_list_sign(key, &(struct status_claims){
		.uri = SLICE("https://auth.example/auth/status-list"), .encoded = SLICE("eNrbuRgAAhcBXQ"),
		.issued_at = 1795485169, .expires_at = 1795485769, .ttl = 10,
	}, &token), PT_OK);
	assert_true(slice_cut(buf_slice(&token), '.', &header, &rest));
	assert_true(slice_cut(rest, '.', &payload, &signature));

	struct json *json = part(header);

	assert_true(json_get_string(json, "typ", &text) && slice_eq(text, SLICE("statuslist+jwt")));
	assert_true(json_get_string(json, "alg", &text) && slice_eq(text, SLICE("ES256")));
	assert_true(json_get_string(json, "kid", &text) && slice_eq(text, slice_of(signing_key_id(key))));
	json_free(json);
	json = part(payload);
	assert_true(json_get_string(json, "sub", &text) && slice_eq(text, SLICE("https://auth.example/auth/status-list")));
	assert_true(json_get_integer(json, "iat", &number) && number == 1795485169);
	assert_true(json_get_integer(json, "exp", &number) && number == 1795485769);
	assert_true(json_get_integer(json, "ttl", &number) && number == 10);
	const struct json *list = json_get_object(json, "status_list");

	assert_non_null(list);
	assert_true(json_get_integer(list, "bits", &number) && number == 1);
	assert_true(json_get_string(list, "lst", &text) && slice_eq(text, SLICE("eNrbuRgAAhcBXQ")));
	json_free(json);
	assert_true(base64url_decode(signature, (char *)bytes, sizeof(bytes), &len));
	assert_int_equal(signing_verify(key, (struct slice){ token.ptr, header.len + 1 + payload.len },
	    (struct slice){ (const char *)bytes, len }, &good), PT_OK);
	assert_true(good);
	buf_free(&token);
	signing_key_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_specification),
		cmocka_unit_test(the_long_example_of_the_specification),
		cmocka_unit_test(a_large_list_that_tells_of_little_is_small),
		cmocka_unit_test(a_bit_beyond_the_list_is_ignored),
		cmocka_unit_test(a_list_of_no_whole_bytes_is_refused),
		cmocka_unit_test(the_token_says_its_type_its_address_and_its_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
