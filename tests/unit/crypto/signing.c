/* Keys sign and verify as in the RFCs' examples, and accept nothing that is only nearly right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <string.h>

#include "base/base64url.h"
#include "crypto/random.h"
#include "crypto/signing.h"
#include "support/hex.h"
#include "support/rfc_keys.h"

#define PAYLOAD "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

static const struct {
	const char *name;
	const char *pem;
	enum signing_alg alg;
	const char *input;
	const char *signature;
	bool repeats;	/* the signature is the same each time */
} examples[] = {
	{ "RS256 (RFC 7515, A.2)", RFC7515_A2_PEM, SIGNING_RS256, "eyJhbGciOiJSUzI1NiJ9." PAYLOAD,
	  "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
	  "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
	  "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
	  "cN_IoypGlUPQGe77Rw", true },
	{ "ES256 (RFC 7515, A.3)", RFC7515_A3_PEM, SIGNING_ES256, "eyJhbGciOiJFUzI1NiJ9." PAYLOAD,
	  "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", false },
	{ "EdDSA (RFC 8037, A.4 and A.5)", RFC8037_A1_PEM, SIGNING_EDDSA,
	  "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
	  "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg", true },
};
#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

static struct signing_key *
load(const char *pem)
{
	struct signing_key *key;

	assert_int_equal(signing_key_from_pem(slice_of(pem), &key), PT_OK);
	return key;
}

static bool
verifies(const struct signing_key *key, struct slice input, const void *signature, size_t len)
{
	bool good = true;

	/* Whatever a stranger sends as a signature is right or wrong, never an error. */
	assert_int_equal(signing_verify(key, input, (struct slice){ signature, len }, &good), PT_OK);
	assert_int_equal(ERR_peek_error(), 0);
	return good;
}

static void
does_what_the_examples_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXAMPLES; i++) {
		struct signing_key *key = load(examples[i].pem);
		struct slice input = slice_of(examples[i].input);
		uint8_t wanted[SIGNING_MAX_SIGNATURE], made[SIGNING_MAX_SIGNATURE];
		size_t wanted_len, made_len;

		assert_int_equal(signing_key_alg(key), examples[i].alg);
		assert_true(base64url_decode(slice_of(examples[i].signature), wanted, sizeof(wanted), &wanted_len));
		if (!verifies(key, input, wanted, wanted_len))
			fail_msg("%s: not verified", examples[i].name);
		assert_int_equal(signing_sign(key, input, made, &made_len), PT_OK);
		if (made_len != wanted_len || !verifies(key, input, made, made_len))
			fail_msg("%s: signed wrongly", examples[i].name);
		if ((memcmp(made, wanted, made_len) == 0) != examples[i].repeats)
			fail_msg("%s: signed otherwise", examples[i].name);
		signing_key_free(key);
	}
}

static void
refuses_every_changed_bit(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXAMPLES; i++) {
		struct signing_key *key = load(examples[i].pem);
		struct slice input = slice_of(examples[i].input);
		uint8_t signature[SIGNING_MAX_SIGNATURE];
		size_t len;

		assert_true(base64url_decode(slice_of(examples[i].signature), signature, sizeof(signature), &len));
		for (size_t bit = 0; bit < len * 8; bit += 5) {
			signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
			if (verifies(key, input, signature, len))
				fail_msg("%s: bit %zu", examples[i].name, bit);
			signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		assert_false(verifies(key, (struct slice){ input.ptr, input.len - 1 }, signature, len));
		assert_false(verifies(key, (struct slice){ NULL, 0 }, signature, len));
		assert_true(verifies(key, input, signature, len));
		signing_key_free(key);
	}
}

static void
refuses_every_other_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXAMPLES; i++) {
		struct signing_key *key = load(examples[i].pem);
		uint8_t signature[SIGNING_MAX_SIGNATURE + 1] = { 0 };
		size_t len;

		assert_true(base64url_decode(slice_of(examples[i].signature), signature, SIGNING_MAX_SIGNATURE, &len));
		for (size_t other = 0; other <= sizeof(signature); other++)
			if (verifies(key, slice_of(examples[i].input), signature, other) != (other == len))
				fail_msg("%s: %zu bytes", examples[i].name, other);
		signing_key_free(key);
	}
}

static void
refuses_random_signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXAMPLES; i++) {
		struct signing_key *key = load(examples[i].pem);
		uint8_t signature[256];

		for (int round = 0; round < 100; round++) {
			assert_int_equal(random_bytes(signature, sizeof(signature)), PT_OK);
			assert_false(verifies(key, slice_of(examples[i].input), signature,
			    examples[i].alg == SIGNING_RS256 ? 256 : 64));
		}
		signing_key_free(key);
	}
}

#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE "0000000000000000000000000000000000000000000000000000000000000001"
#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define ORDER_LESS_ONE "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"
#define ORDER_AND_ONE "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552"
#define MOST "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define PRIME "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"

static void
refuses_numbers_that_no_signature_has(void **state)
{
	static const char *const numbers[] = { ZERO, ONE, ORDER, ORDER_LESS_ONE, ORDER_AND_ONE, MOST, PRIME };
	const size_t count = sizeof(numbers) / sizeof(numbers[0]);
	struct signing_key *key = load(RFC7515_A3_PEM);
	uint8_t signature[64], good[64];

	(void)state;
	for (size_t r = 0; r < count; r++)
		for (size_t s = 0; s < count; s++) {
			hex(numbers[r], signature);
			hex(numbers[s], signature + 32);
			if (verifies(key, slice_of(examples[1].input), signature, 64))
				fail_msg("r = %s, s = %s", numbers[r], numbers[s]);
		}
	/* One half right and the other zero. */
	assert_true(base64url_decode_exact(slice_of(examples[1].signature), good, 64));
	memcpy(signature, good, 32);
	hex(ZERO, signature + 32);
	assert_false(verifies(key, slice_of(examples[1].input), signature, 64));
	hex(ZERO, signature);
	memcpy(signature + 32, good + 32, 32);
	assert_false(verifies(key, slice_of(examples[1].input), signature, 64));
	signing_key_free(key);
}

/* Made so that its signature of S_IS_ONE with this r has s = 1. */
#define S_IS_ONE "a signature whose s is one"
#define R_OF_S_IS_ONE "471c3e758c4904285bba7e53118ed0f524adeb0757d25bd2f8e7b0d76dfa714c"
#define S_IS_ONE_PEM \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQCXv1SDs3CTHhuSZ\n" \
	"4Qji0OeygoRXtJbA2OnUvN5Q4yOhRANCAAQYgJGr+at4u3rj3SLONxwwRxxwhqOT\n" \
	"17jDrQY/onEA8waRxcHurA7frzOMuMcXJZQ4ZRfbzVL3xL5heeDyDsYS\n" \
	"-----END PRIVATE KEY-----\n"

static void
refuses_one_order_more_of_a_good_number(void **state)
{
	struct signing_key *key = load(S_IS_ONE_PEM);
	uint8_t signature[64];

	(void)state;
	hex(R_OF_S_IS_ONE ONE, signature);
	assert_true(verifies(key, SLICE(S_IS_ONE), signature, 64));
	/* The same number modulo n: only the range check tells them apart. */
	hex(R_OF_S_IS_ONE ORDER_AND_ONE, signature);
	assert_false(verifies(key, SLICE(S_IS_ONE), signature, 64));
	signing_key_free(key);
}

static void
takes_small_and_large_halves(void **state)
{
	struct signing_key *key = load(RFC7515_A3_PEM);
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	unsigned seen_high = 0, seen_zero = 0;
	size_t len;

	(void)state;
	/* Every second half starts with a set bit, every 256th with a zero byte: special in DER. */
	for (uint32_t i = 0; i < 1500 && (seen_high < 8 || seen_zero < 2); i++) {
		struct slice input = { (const char *)&i, sizeof(i) };

		assert_int_equal(signing_sign(key, input, signature, &len), PT_OK);
		assert_int_equal(len, 64);
		seen_high += signature[0] >> 7 & signature[32] >> 7;
		seen_zero += signature[0] == 0 || signature[32] == 0;
		assert_true(verifies(key, input, signature, 64));
	}
	assert_true(seen_high >= 8 && seen_zero >= 2);
	signing_key_free(key);
}

static void
refuses_the_form_of_der(void **state)
{
	struct signing_key *key = load(RFC7515_A3_PEM);
	uint8_t good[64], der[80], *to = der;
	ECDSA_SIG *pair = ECDSA_SIG_new();

	(void)state;
	assert_true(base64url_decode_exact(slice_of(examples[1].signature), good, 64));
	assert_int_equal(ECDSA_SIG_set0(pair, BN_bin2bn(good, 32, NULL), BN_bin2bn(good + 32, 32, NULL)), 1);
	int len = i2d_ECDSA_SIG(pair, &to);

	ECDSA_SIG_free(pair);
	assert_true(len > 64);
	assert_false(verifies(key, slice_of(examples[1].input), der, (size_t)len));
	assert_false(verifies(key, slice_of(examples[1].input), der, 64));
	signing_key_free(key);
}

static void
refuses_the_signature_of_another_key(void **state)
{
	(void)state;
	for (enum signing_alg alg = SIGNING_ES256; alg <= SIGNING_RS256; alg++) {
		struct signing_key *one, *other;
		uint8_t signature[SIGNING_MAX_SIGNATURE];
		size_t len;

		assert_int_equal(signing_key_generate(alg, &one), PT_OK);
		assert_int_equal(signing_key_generate(alg, &other), PT_OK);
		assert_int_equal(signing_sign(one, SLICE("x"), signature, &len), PT_OK);
		assert_true(verifies(one, SLICE("x"), signature, len));
		assert_false(verifies(other, SLICE("x"), signature, len));
		assert_string_not_equal(signing_key_id(one), signing_key_id(other));
		signing_key_free(one);
		signing_key_free(other);
	}
}

/* One in 64 would by chance, so 500 would have some. */
static void
no_new_key_is_named_like_an_option(void **state)
{
	(void)state;
	for (int i = 0; i < 500; i++) {
		struct signing_key *key;

		assert_int_equal(signing_key_generate(SIGNING_EDDSA, &key), PT_OK);
		assert_int_not_equal(signing_key_id(key)[0], '-');
		signing_key_free(key);
	}
}

static const struct {
	const char *name;
	const char *pem;
	const char *kid;
	const char *jwk;
} public_halves[] = {
	{ "RSA (RFC 7638, 3.1)", RFC7517_A2_PEM, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
	  "{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\""
	  "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
	  "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
	  "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
	  "kEgU8awapJzKnqDKgw"
	  "\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\"}" },
	{ "Ed25519 (RFC 8037, A.3)", RFC8037_A1_PEM, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
	  "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"use\":\"sig\","
	  "\"alg\":\"EdDSA\",\"kid\":\"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k\"}" },
	{ "P-256 (RFC 7515, A.3)", RFC7515_A3_PEM, "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
	  "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"use\":\"sig\",\"alg\":\"ES256\","
	  "\"kid\":\"oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U\"}" },
};

static void
names_and_shows_the_public_half(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(public_halves) / sizeof(public_halves[0]); i++) {
		struct signing_key *key = load(public_halves[i].pem);
		struct buf jwk = BUF_EMPTY;

		assert_string_equal(signing_key_id(key), public_halves[i].kid);
		assert_int_equal(signing_key_jwk(key, &jwk), PT_OK);
		if (!slice_eq(buf_slice(&jwk), slice_of(public_halves[i].jwk)))
			fail_msg("%s: %.*s", public_halves[i].name, SLICE_ARG(buf_slice(&jwk)));
		buf_free(&jwk);
		signing_key_free(key);
	}
}

static void
writes_what_it_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXAMPLES; i++) {
		struct signing_key *key = load(examples[i].pem);
		struct buf pem = BUF_EMPTY;

		assert_int_equal(signing_key_to_pem(key, &pem), PT_OK);
		assert_true(slice_starts(buf_slice(&pem), SLICE("-----BEGIN PRIVATE KEY-----\n")));
		struct signing_key *again;

		assert_int_equal(signing_key_from_pem(buf_slice(&pem), &again), PT_OK);
		assert_string_equal(signing_key_id(again), signing_key_id(key));
		signing_key_free(again);
		buf_clear(&pem);
		assert_int_equal(signing_key_public_pem(key, &pem), PT_OK);
		assert_true(slice_starts(buf_slice(&pem), SLICE("-----BEGIN PUBLIC KEY-----\n")));
		assert_int_equal(signing_key_from_pem(buf_slice(&pem), &again), PT_ERR_INVALID);
		assert_null(again);
		buf_free(&pem);
		signing_key_free(key);
	}
}

static const struct {
	const char *name;
	const char *pem;
} no_keys[] = {
	{ "nothing", "" },
	{ "no PEM", "a key" },
	{ "a block that is empty", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n" },
	{ "a block that is cut off", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n" },
	{ "base64 of nothing sensible", "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n" },
	{ "an Ed25519 key one byte short", "-----BEGIN PRIVATE KEY-----\nMC0CAQAwBQYDK2VwBCEEH51hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn8=\n-----END PRIVATE KEY-----\n" },
	{ "two keys", RFC8037_A1_PEM RFC7515_A3_PEM },
	{ "a key and bytes behind it", RFC8037_A1_PEM "x" },
	{ "a P-256 key with the public half of another",
	  "-----BEGIN PRIVATE KEY-----\n"
	  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIff\n"
	  "H1136cspYG6+0iY7X1fCE9+E9LKhRANCAAQYgJGr+at4u3rj3SLONxwwRxxwhqOT\n"
	  "17jDrQY/onEA8waRxcHurA7frzOMuMcXJZQ4ZRfbzVL3xL5heeDyDsYS\n"
	  "-----END PRIVATE KEY-----\n" },
};

static void
refuses_what_is_no_key(void **state)
{
	struct signing_key *key;

	(void)state;
	for (size_t i = 0; i < sizeof(no_keys) / sizeof(no_keys[0]); i++) {
		if (signing_key_from_pem(slice_of(no_keys[i].pem), &key) != PT_ERR_INVALID || key != NULL)
			fail_msg("%s", no_keys[i].name);
		assert_int_equal(ERR_peek_error(), 0);
	}
	assert_int_equal(signing_key_generate(SIGNING_NONE, &key), PT_ERR_INVALID);
	signing_key_free(NULL);
}

/* Takes ownership of pkey; whether its PKCS#8, encrypted if there is a pass phrase, is accepted. */
static bool
is_taken(EVP_PKEY *pkey, const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct signing_key *key;
	char *text;

	assert_non_null(pkey);
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, pkey, passphrase ? EVP_aes_128_cbc() : NULL, NULL, 0, NULL,
	    (void *)(uintptr_t)passphrase), 1);
	long len = BIO_get_mem_data(bio, &text);
	enum pt_err err = signing_key_from_pem((struct slice){ text, (size_t)len }, &key);

	assert_true(err == PT_OK || err == PT_ERR_INVALID);
	signing_key_free(key);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	return err == PT_OK;
}

static EVP_PKEY *
rsa_pss_generate(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
	EVP_PKEY *pkey = NULL;

	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &pkey), 1);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static void
takes_three_kinds_of_keys_and_no_other(void **state)
{
	(void)state;
	assert_true(is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), NULL));
	assert_true(is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL));
	assert_true(is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048), NULL));
	assert_false(is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), "pass phrase"));
	assert_false(is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384"), NULL));
	assert_false(is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1"), NULL));
	assert_false(is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), NULL));
	assert_false(is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), NULL));
	assert_false(is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024), NULL));
	assert_false(is_taken(rsa_pss_generate(), NULL));
}

static void
knows_algorithms_by_their_exact_names(void **state)
{
	static const char *const others[] = { "", "none", "None", "es256", "ES256 ", "ES384", "HS256", "RS512", "PS256", "EdDSa" };

	(void)state;
	for (enum signing_alg alg = SIGNING_ES256; alg <= SIGNING_RS256; alg++)
		assert_int_equal(signing_alg_of(slice_of(signing_alg_name(alg))), alg);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(signing_alg_of(slice_of(others[i])), SIGNING_NONE);
}

static struct signing_key *shared[EXAMPLES];

static void *
sign_and_verify_many(void *arg)
{
	size_t *wrong = arg;

	for (uint32_t i = 0; i < 60; i++) {
		const struct signing_key *key = shared[i % EXAMPLES];
		struct slice input = { (const char *)&i, sizeof(i) };
		uint8_t signature[SIGNING_MAX_SIGNATURE];
		size_t len;
		bool good;

		*wrong += signing_sign(key, input, signature, &len) != PT_OK ||
		    signing_verify(key, input, (struct slice){ (const char *)signature, len }, &good) != PT_OK || !good;
		signature[len / 2] ^= 1;
		*wrong += signing_verify(key, input, (struct slice){ (const char *)signature, len }, &good) != PT_OK || good;
	}
	return NULL;
}

static void
works_from_many_threads(void **state)
{
	pthread_t threads[4];
	size_t wrong[4] = { 0 };

	(void)state;
	for (size_t i = 0; i < EXAMPLES; i++)
		shared[i] = load(examples[i].pem);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_and_verify_many, &wrong[i]), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(wrong[i], 0);
	for (size_t i = 0; i < EXAMPLES; i++)
		signing_key_free(shared[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(does_what_the_examples_do),
		cmocka_unit_test(refuses_every_changed_bit),
		cmocka_unit_test(refuses_every_other_length),
		cmocka_unit_test(refuses_random_signatures),
		cmocka_unit_test(refuses_numbers_that_no_signature_has),
		cmocka_unit_test(refuses_one_order_more_of_a_good_number),
		cmocka_unit_test(takes_small_and_large_halves),
		cmocka_unit_test(refuses_the_form_of_der),
		cmocka_unit_test(refuses_the_signature_of_another_key),
		cmocka_unit_test(no_new_key_is_named_like_an_option),
		cmocka_unit_test(names_and_shows_the_public_half),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(refuses_what_is_no_key),
		cmocka_unit_test(takes_three_kinds_of_keys_and_no_other),
		cmocka_unit_test(knows_algorithms_by_their_exact_names),
		cmocka_unit_test(works_from_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
