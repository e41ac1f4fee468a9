/*
 * The status list and the token that carries it. The first byte is the size, the second the length
 * of the address; the address and the indices, three bytes each, follow. What is packed is unpacked
 * again by zlib itself, what is signed is verified and read again, and one changed character makes
 * the signature wrong.
 */
#include <string.h>
#include <zlib.h>

#include "base/base64url.h"
#include "base/json.h"
#include "fuzz.h"
#include "token/status_list.h"

static struct signing_key *key;

static size_t
list_bits(uint8_t size)
{
	return (size_t)1 << (3 + size % 15);
}

/* The same bits, set one by one. */
static void
bits_come_back(struct slice encoded, size_t bits, struct slice indices)
{
	uint8_t *packed = malloc(encoded.len + 1), *list = malloc(bits / 8), *wanted = calloc(1, bits / 8);
	uLongf list_len = (uLongf)(bits / 8);
	size_t len;

	MUST(packed && list && wanted);
	MUST(base64url_decode(encoded, packed, encoded.len, &len));
	MUST(uncompress(list, &list_len, packed, (uLong)len) == Z_OK && list_len == bits / 8);
	for (; indices.len >= 3; indices = slice_skip(indices, 3)) {
		const uint8_t *at = (const uint8_t *)indices.ptr;
		size_t index = (size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2];

		if (index < bits)
			wanted[index / 8] |= (uint8_t)(1 << index % 8);
	}
	MUST(memcmp(list, wanted, bits / 8) == 0);
	free(packed);
	free(list);
	free(wanted);
}

static bool
signature_is_good(struct slice text)
{
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	const char *dot = memrchr(text.ptr, '.', text.len);
	size_t len;
	bool good;

	MUST(dot != NULL);
	struct slice head = { text.ptr, (size_t)(dot - text.ptr) };

	if (!base64url_decode(slice_skip(text, head.len + 1), signature, sizeof(signature), &len))
		return false;
	MUST(signing_verify(key, head, (struct slice){ (const char *)signature, len }, &good) == PT_OK);
	return good;
}

/* The token's second part says what was claimed. */
static void
token_says(struct slice text, const struct status_claims *claims)
{
	struct slice header, rest, payload, value;
	struct json *json;
	char *plain = malloc(text.len);
	size_t len;
	int64_t number;

	MUST(plain != NULL && slice_cut(text, '.', &header, &rest) && slice_cut(rest, '.', &payload, &rest));
	MUST(base64url_decode(payload, plain, text.len, &len));
	MUST(json_parse_object((struct slice){ plain, len }, &json) == PT_OK);
	MUST(json_get_string(json, "sub", &value) && slice_eq(value, claims->uri));
	MUST(json_get_integer(json, "exp", &number) && number == claims->expires_at);
	const struct json *list = json_get_object(json, "status_list");

	MUST(list && json_get_string(list, "lst", &value) && slice_eq(value, claims->encoded));
	MUST(json_get_integer(list, "bits", &number) && number == 1);
	json_free(json);
	free(plain);
}

static void
token_is_good(const struct status_claims *claims, uint8_t change)
{
	struct buf token = BUF_EMPTY;

	MUST(status_list_sign(key, claims, &token) == PT_OK);
	MUST(signature_is_good(buf_slice(&token)));
	if (slice_is_utf8(claims->uri) && !memchr(claims->uri.len ? claims->uri.ptr : "", '\0', claims->uri.len))
		token_says(buf_slice(&token), claims);
	char *at = token.ptr + (size_t)change * (token.len - 1) / UINT8_MAX;

	if (*at != '.') {
		*at = *at == 'A' ? 'B' : 'A';
		MUST(!signature_is_good(buf_slice(&token)));
	}
	buf_free(&token);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice indices = { (const char *)bytes, len };
	struct buf encoded = BUF_EMPTY;
	struct status_list *list;

	if (len < 2 || len - 2 < bytes[1])
		return 0;
	if (!key)
		MUST(signing_key_generate(SIGNING_ES256, &key) == PT_OK);
	struct slice uri = { indices.ptr + 2, bytes[1] };

	indices = slice_skip(indices, 2 + uri.len);
	MUST(status_list_new(list_bits(bytes[0]), &list) == PT_OK);
	for (size_t i = 0; i + 3 <= indices.len; i += 3) {
		const uint8_t *at = (const uint8_t *)indices.ptr + i;

		status_list_set(list, (uint64_t)at[0] << 16 | (uint64_t)at[1] << 8 | at[2]);
	}
	MUST(status_list_encode(list, &encoded) == PT_OK);
	bits_come_back(buf_slice(&encoded), list_bits(bytes[0]), indices);
	token_is_good(&(struct status_claims){ .uri = uri, .encoded = buf_slice(&encoded), .issued_at = 1, .expires_at = 2,
	    .ttl = 3 }, bytes[0]);
	status_list_free(list);
	buf_free(&encoded);
	return 0;
}
