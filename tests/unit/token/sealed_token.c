/* The refresh token and the gate cookie's value: what we made reads back; nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "support/hex.h"
#include "token/gate_token.h"
#include "token/refresh_token.h"

static const struct refresh_token sample = {
	.session_number = 0x0102030405060708,
	.secret = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf },
	.serial = 0xb0b1b2b3,
	.nonce = 0xc0c1c2c3,
};

/* Two master keys, and a key for another use derived from the first. */
static struct mac_key *present, *before, *other_use;
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int
keys_make(void **state)
{
	const uint8_t one[MAC_MASTER_SIZE] = { 1 }, two[MAC_MASTER_SIZE] = { 2 };

	(void)state;
	return mac_key_derive(one, REFRESH_TOKEN_LABEL, &present) || mac_key_derive(two, REFRESH_TOKEN_LABEL, &before) ||
	    mac_key_derive(one, GATE_TOKEN_LABEL, &other_use);
}

static int
keys_free(void **state)
{
	(void)state;
	mac_key_free(present);
	mac_key_free(before);
	mac_key_free(other_use);
	return 0;
}

/* Whether text is a refresh token by one of the keys; a refused one must leave nothing behind. */
static bool
is_taken(struct slice text)
{
	static const struct refresh_token nothing;
	const struct mac_key *keys[] = { present, before };
	struct refresh_token out;
	bool good;

	memset(&out, 0xee, sizeof(out));
	assert_int_equal(refresh_token_parse(text, keys, 2, &out, &good), PT_OK);
	if (!good)
		assert_true(out.session_number == 0 && out.serial == 0 && out.nonce == 0 &&
		    memcmp(out.secret, nothing.secret, sizeof(out.secret)) == 0);
	return good;
}

static void
reads_what_it_wrote(void **state)
{
	const struct mac_key *keys[] = { present, before };
	char text[REFRESH_TOKEN_CHARS + 1];
	struct refresh_token out;
	bool good;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(refresh_token_format(&sample, keys[i], text), PT_OK);
		assert_int_equal(strlen(text), REFRESH_TOKEN_CHARS);
		assert_int_equal(refresh_token_parse(slice_of(text), keys, 2, &out, &good), PT_OK);
		assert_true(good);
		assert_true(out.session_number == sample.session_number && out.serial == sample.serial &&
		    out.nonce == sample.nonce);
		assert_memory_equal(out.secret, sample.secret, sizeof(out.secret));
	}
	/* Once the previous key is gone, so are its tokens. */
	assert_int_equal(refresh_token_parse(slice_of(text), keys, 1, &out, &good), PT_OK);
	assert_false(good);
	assert_int_equal(refresh_token_parse(slice_of(text), keys, 0, &out, &good), PT_OK);
	assert_false(good);
}

static void
has_the_form_that_was_laid_down(void **state)
{
	uint8_t bytes[REFRESH_TOKEN_BYTES], wanted[REFRESH_TOKEN_BYTES], mac[DIGEST_SIZE];
	char text[REFRESH_TOKEN_CHARS + 1];

	(void)state;
	assert_int_equal(refresh_token_format(&sample, present, text), PT_OK);
	assert_true(base64url_decode_exact(slice_of(text), bytes, sizeof(bytes)));
	struct slice front = hex("010102030405060708a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3c0c1c2c3", wanted);

	assert_memory_equal(bytes, wanted, front.len);
	assert_int_equal(mac_compute(present, bytes, front.len, mac), PT_OK);
	assert_memory_equal(bytes + front.len, mac, 16);
}

static void
refuses_every_other_character_anywhere(void **state)
{
	char text[REFRESH_TOKEN_CHARS + 1];

	(void)state;
	assert_int_equal(refresh_token_format(&sample, present, text), PT_OK);
	for (size_t i = 0; i < REFRESH_TOKEN_CHARS; i++) {
		char right = text[i];

		for (const char *c = alphabet; *c; c++) {
			text[i] = *c;
			if (is_taken(slice_of(text)) != (*c == right))
				fail_msg("%c in place of %c at %zu", *c, right, i);
		}
		text[i] = right;
	}
}

static void
refuses_every_other_length(void **state)
{
	char text[2 * REFRESH_TOKEN_CHARS + 1];

	(void)state;
	assert_int_equal(refresh_token_format(&sample, present, text), PT_OK);
	memcpy(text + REFRESH_TOKEN_CHARS, text, REFRESH_TOKEN_CHARS);
	for (size_t len = 0; len <= 2 * REFRESH_TOKEN_CHARS; len++)
		assert_int_equal(is_taken((struct slice){ text, len }), len == REFRESH_TOKEN_CHARS);
}

static void
refuses_what_stands_around_it(void **state)
{
	static const struct {
		const char *before, *behind;
	} forms[] = { { "", "=" }, { "", "==" }, { " ", "" }, { "", " " }, { "\"", "\"" }, { "", "." }, { "", "\n" }, { "", "%3D" } };
	char text[REFRESH_TOKEN_CHARS + 1];

	(void)state;
	assert_int_equal(refresh_token_format(&sample, present, text), PT_OK);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct buf whole = BUF_EMPTY;

		buf_printf(&whole, "%s%s%s", forms[i].before, text, forms[i].behind);
		if (is_taken(buf_slice(&whole)))
			fail_msg("\"%s\" before, \"%s\" behind", forms[i].before, forms[i].behind);
		buf_free(&whole);
	}
}

/*
 * A valid MAC over a version that is not ours: only a future version of this program could make it.
 */
static void
refuses_another_version(void **state)
{
	uint8_t bytes[REFRESH_TOKEN_BYTES] = { 2 }, mac[DIGEST_SIZE];
	char text[REFRESH_TOKEN_CHARS + 1];

	(void)state;
	for (uint8_t version = 0; version < 3; version++) {
		bytes[0] = version;
		assert_int_equal(mac_compute(present, bytes, 33, mac), PT_OK);
		memcpy(bytes + 33, mac, 16);
		base64url_encode(bytes, sizeof(bytes), text);
		assert_int_equal(is_taken(slice_of(text)), version == 1);
	}
}

static void
refuses_the_key_of_another_use(void **state)
{
	char text[REFRESH_TOKEN_CHARS + 1];

	(void)state;
	assert_int_equal(refresh_token_format(&sample, other_use, text), PT_OK);
	assert_false(is_taken(slice_of(text)));
}

static void
gate_token_reads_what_it_wrote(void **state)
{
	static const int64_t times[] = { 0, 1, INT64_C(1795485169000), INT64_MAX, -1, INT64_MIN };
	const struct mac_key *keys[] = { other_use };
	struct gate_token token = { "AAECAwQFBgcICQoLDA0ODw", 0 }, out;
	char text[GATE_TOKEN_CHARS + 1];
	bool good;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		token.made_at_ms = times[i];
		assert_int_equal(gate_token_format(&token, other_use, text), PT_OK);
		assert_int_equal(strlen(text), GATE_TOKEN_CHARS);
		assert_int_equal(gate_token_parse(slice_of(text), keys, 1, &out, &good), PT_OK);
		assert_true(good && out.made_at_ms == times[i]);
		assert_string_equal(out.sid, token.sid);
	}
	for (size_t i = 0; i < GATE_TOKEN_CHARS; i++) {
		char right = text[i];

		for (const char *c = alphabet; *c; c++) {
			text[i] = *c;
			assert_int_equal(gate_token_parse(slice_of(text), keys, 1, &out, &good), PT_OK);
			assert_int_equal(good, *c == right);
			assert_true(good || (out.sid[0] == '\0' && out.made_at_ms == 0));
		}
		text[i] = right;
	}
}

static void
gate_token_is_made_of_ids_only(void **state)
{
	static const char *const sids[] = { "", "AAECAwQFBgcICQoLDA0OD", "AAECAwQFBgcICQoLDA0OD+", "AAECAwQFBgcICQoLDA0ODx" };
	char text[GATE_TOKEN_CHARS + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(sids) / sizeof(sids[0]); i++) {
		struct gate_token token = { .made_at_ms = 1 };

		memcpy(token.sid, sids[i], strlen(sids[i]) + 1);
		assert_int_equal(gate_token_format(&token, other_use, text), PT_ERR_INVALID);
	}
}

static void
neither_token_passes_for_the_other(void **state)
{
	const struct mac_key *refresh[] = { present }, *gate[] = { other_use };
	struct gate_token gate_token = { "AAECAwQFBgcICQoLDA0ODw", 1 };
	struct refresh_token refresh_token;
	char as_gate[GATE_TOKEN_CHARS + 1], as_refresh[REFRESH_TOKEN_CHARS + 1];
	bool good;

	(void)state;
	assert_int_equal(gate_token_format(&gate_token, other_use, as_gate), PT_OK);
	assert_int_equal(refresh_token_format(&sample, present, as_refresh), PT_OK);
	assert_int_equal(refresh_token_parse(slice_of(as_gate), refresh, 1, &refresh_token, &good), PT_OK);
	assert_false(good);
	assert_int_equal(gate_token_parse(slice_of(as_refresh), gate, 1, &gate_token, &good), PT_OK);
	assert_false(good);
	/* Not even cut to the length of the other. */
	assert_int_equal(gate_token_parse((struct slice){ as_refresh, GATE_TOKEN_CHARS }, gate, 1, &gate_token, &good), PT_OK);
	assert_false(good);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_wrote),
		cmocka_unit_test(has_the_form_that_was_laid_down),
		cmocka_unit_test(refuses_every_other_character_anywhere),
		cmocka_unit_test(refuses_every_other_length),
		cmocka_unit_test(refuses_what_stands_around_it),
		cmocka_unit_test(refuses_another_version),
		cmocka_unit_test(refuses_the_key_of_another_use),
		cmocka_unit_test(gate_token_reads_what_it_wrote),
		cmocka_unit_test(gate_token_is_made_of_ids_only),
		cmocka_unit_test(neither_token_passes_for_the_other),
	};

	return cmocka_run_group_tests(tests, keys_make, keys_free);
}
