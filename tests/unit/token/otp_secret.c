/* Stored secrets of second factors, their addresses for an app, and recovery codes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/base32.h"
#include "support/scratch.h"
#include "token/otp_secret.h"

#define ANN SLICE("AAAAAAAAAAAAAAAAAAAAA1")
#define BOB SLICE("AAAAAAAAAAAAAAAAAAAAA2")

static const uint8_t secret[TOTP_SECRET_SIZE] = "12345678901234567890";

static struct keyring *
ring_make(void)
{
	struct keyring *ring;

	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_ES256, 1), PT_OK);
	assert_int_equal(keyring_open(scratch_path("keys"), &ring, NULL), PT_OK);
	return ring;
}

static bool
holds(const uint8_t *bytes, size_t len, const void *part, size_t part_len)
{
	for (size_t i = 0; i + part_len <= len; i++)
		if (memcmp(bytes + i, part, part_len) == 0)
			return true;
	return false;
}

static void
what_is_sealed_opens_for_its_user_alone(void **state)
{
	struct keyring *ring = ring_make();
	uint8_t sealed[OTP_SECRET_SEALED], again[OTP_SECRET_SEALED], out[TOTP_SECRET_SIZE];
	static const uint8_t nothing[TOTP_SECRET_SIZE];
	bool good;

	(void)state;
	assert_int_equal(otp_secret_seal(ring, ANN, secret, sealed), PT_OK);
	assert_int_equal(otp_secret_seal(ring, ANN, secret, again), PT_OK);
	assert_memory_not_equal(sealed, again, sizeof(sealed));
	assert_false(holds(sealed, sizeof(sealed), secret, 4));
	assert_int_equal(otp_secret_open(ring, ANN, sealed, out, &good), PT_OK);
	assert_true(good);
	assert_memory_equal(out, secret, sizeof(out));
	assert_int_equal(otp_secret_open(ring, BOB, sealed, out, &good), PT_OK);
	assert_false(good);
	assert_memory_equal(out, nothing, sizeof(out));
	keyring_free(ring);
}

static void
a_bit_that_is_not_the_same_opens_nothing(void **state)
{
	struct keyring *ring = ring_make();
	uint8_t sealed[OTP_SECRET_SEALED], out[TOTP_SECRET_SIZE];
	bool good;

	(void)state;
	assert_int_equal(otp_secret_seal(ring, ANN, secret, sealed), PT_OK);
	for (size_t i = 0; i < sizeof(sealed) * 8; i++) {
		sealed[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(otp_secret_open(ring, ANN, sealed, out, &good), PT_OK);
		assert_false(good);
		sealed[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	keyring_free(ring);
}

static void
the_master_key_before_opens_and_another_does_not(void **state)
{
	struct keyring *ring = ring_make();
	uint8_t sealed[OTP_SECRET_SEALED], out[TOTP_SECRET_SIZE];
	bool good;

	(void)state;
	assert_int_equal(otp_secret_seal(ring, ANN, secret, sealed), PT_OK);
	keyring_free(ring);
	assert_int_equal(rename(scratch_path("keys/master.key"), scratch_path("keys/master.old.key")), 0);
	scratch_put("keys/master.key", "0123456789abcdef0123456789abcdef", 0600);
	assert_int_equal(keyring_open(scratch_path("keys"), &ring, NULL), PT_OK);
	assert_int_equal(otp_secret_open(ring, ANN, sealed, out, &good), PT_OK);
	assert_true(good);
	keyring_free(ring);
	scratch_remove("keys/master.old.key");
	assert_int_equal(keyring_open(scratch_path("keys"), &ring, NULL), PT_OK);
	assert_int_equal(otp_secret_open(ring, ANN, sealed, out, &good), PT_OK);
	assert_false(good);
	keyring_free(ring);
}

static void
the_address_names_site_and_person(void **state)
{
	static const struct {
		const char *issuer, *name, *address;
	} rows[] = {
		{ "https://example.org/auth", "ann",
		  "otpauth://totp/example.org:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=example.org" },
		{ "http://127.0.0.1:8080/auth", "ann@b",
		  "otpauth://totp/127.0.0.1%3A8080:ann%40b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=127.0.0.1%3A8080" },
		{ "https://example.org", "j\xc3\xb6rg&co",
		  "otpauth://totp/example.org:j%C3%B6rg%26co?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=example.org" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_EMPTY;

		otp_address_put(&out, slice_of(rows[i].issuer), slice_of(rows[i].name), secret);
		assert_int_equal(out.len, strlen(rows[i].address));
		assert_memory_equal(out.ptr, rows[i].address, out.len);
		buf_free(&out);
	}
}

static void
a_recovery_code_is_read_as_it_was_shown_and_as_people_type(void **state)
{
	char code[RECOVERY_CODE_SIZE], other[RECOVERY_CODE_SIZE], typed[RECOVERY_CODE_SIZE];
	uint8_t hash[DIGEST_SIZE], got[DIGEST_SIZE];
	size_t at = 0;
	bool good;

	(void)state;
	assert_int_equal(recovery_code_new(other, got), PT_OK);
	assert_int_equal(recovery_code_new(code, hash), PT_OK);
	assert_string_not_equal(code, other);
	assert_int_equal(strlen(code), RECOVERY_CODE_SIZE - 1);
	assert_true(code[4] == '-' && code[9] == '-' && code[14] == '-');
	assert_int_equal(recovery_code_read(slice_of(code), got, &good), PT_OK);
	assert_true(good);
	assert_memory_equal(got, hash, sizeof(got));
	for (size_t i = 0; code[i]; i++)
		if (code[i] != '-')
			typed[at++] = (char)(code[i] >= 'a' ? code[i] - 'a' + 'A' : code[i]);
	assert_int_equal(recovery_code_read((struct slice){ typed, at }, got, &good), PT_OK);
	assert_true(good);
	assert_memory_equal(got, hash, sizeof(got));
	assert_int_equal(recovery_code_read(SLICE("123456"), got, &good), PT_OK);
	assert_false(good);
	assert_int_equal(recovery_code_read((struct slice){ typed, at - 1 }, got, &good), PT_OK);
	assert_false(good);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_sealed_opens_for_its_user_alone, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(a_bit_that_is_not_the_same_opens_nothing, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(the_master_key_before_opens_and_another_does_not, scratch_begin, scratch_end),
		cmocka_unit_test(the_address_names_site_and_person),
		cmocka_unit_test(a_recovery_code_is_read_as_it_was_shown_and_as_people_type),
	};

	return cmocka_run_group_tests_name("otp_secret", tests, NULL, NULL);
}
