/*
 * Signatures at the edges of what the rules allow, made here with private keys that OpenSSL alone
 * would never bring there: valid ones are accepted, and whatever is one step beyond is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/signing.h"
#include "support/hex.h"

#define INPUT SLICE("header.payload")

/* Takes ownership of pkey. */
static struct signing_key *
key_of(EVP_PKEY *pkey)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct signing_key *key;
	char *text;

	assert_non_null(pkey);
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL), 1);
	long len = BIO_get_mem_data(bio, &text);

	assert_int_equal(signing_key_from_pem((struct slice){ text, (size_t)len }, &key), PT_OK);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	return key;
}

static bool
verifies(const struct signing_key *key, const uint8_t *signature, size_t len)
{
	bool good = true;

	assert_int_equal(signing_verify(key, INPUT, (struct slice){ (const char *)signature, len }, &good), PT_OK);
	return good;
}

/* ---- ES256: for a chosen k, any s is right for some key: d = (s k - e) / r */

#define ORDER "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"

static BIGNUM *
number_of(const char *digits)
{
	BIGNUM *number = NULL;

	assert_true(BN_hex2bn(&number, digits) > 0);
	return number;
}

/* The x coordinate of k G. */
static BIGNUM *
r_of(const EC_GROUP *group, const BIGNUM *k, BN_CTX *ctx)
{
	EC_POINT *point = EC_POINT_new(group);
	BIGNUM *r = BN_new();

	assert_int_equal(EC_POINT_mul(group, point, k, NULL, NULL, ctx), 1);
	assert_int_equal(EC_POINT_get_affine_coordinates(group, point, r, NULL, ctx), 1);
	EC_POINT_free(point);
	return r;
}

static struct signing_key *
p256_key(const EC_GROUP *group, const BIGNUM *d, BN_CTX *ctx)
{
	EC_POINT *point = EC_POINT_new(group);
	OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *make = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;
	uint8_t public_half[65];

	assert_int_equal(EC_POINT_mul(group, point, d, NULL, NULL, ctx), 1);
	assert_int_equal(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public_half, 65, ctx), 65);
	OSSL_PARAM_BLD_push_utf8_string(parts, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
	OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_PRIV_KEY, d);
	OSSL_PARAM_BLD_push_octet_string(parts, OSSL_PKEY_PARAM_PUB_KEY, public_half, 65);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(parts);

	assert_int_equal(EVP_PKEY_fromdata_init(make), 1);
	assert_int_equal(EVP_PKEY_fromdata(make, &pkey, EVP_PKEY_KEYPAIR, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(parts);
	EVP_PKEY_CTX_free(make);
	EC_POINT_free(point);
	return key_of(pkey);
}

/* Both numbers as 32 bytes; false if one needs more. */
static bool
pair_put(const BIGNUM *r, const BIGNUM *s, uint8_t out[64])
{
	return BN_bn2binpad(r, out, 32) == 32 && BN_bn2binpad(s, out + 32, 32) == 32;
}

/* The valid pair is accepted; a pair equal to it modulo n, or mirrored modulo 2^256, is not. */
static void
edges_of(const struct signing_key *key, const BIGNUM *n, const BIGNUM *r, const BIGNUM *s, const char *name)
{
	BIGNUM *other = BN_new(), *all = number_of("10000000000000000000000000000000000000000000000000000000000000000");
	uint8_t pair[64];

	assert_true(pair_put(r, s, pair));
	if (!verifies(key, pair, 64))
		fail_msg("%s: refused", name);
	BN_add(other, s, n);
	if (pair_put(r, other, pair) && verifies(key, pair, 64))
		fail_msg("%s: s and the order", name);
	BN_add(other, r, n);
	if (pair_put(other, s, pair) && verifies(key, pair, 64))
		fail_msg("%s: r and the order", name);
	BN_sub(other, all, s);
	if (pair_put(r, other, pair) && verifies(key, pair, 64))
		fail_msg("%s: minus s", name);
	BN_sub(other, n, r);
	if (pair_put(other, s, pair) && verifies(key, pair, 64))
		fail_msg("%s: the order less r", name);
	/* RFC 7518 does not demand the smaller s: anybody can make the other and gains nothing. */
	BN_sub(other, n, s);
	assert_true(pair_put(r, other, pair) && verifies(key, pair, 64));
	BN_free(other);
	BN_free(all);
}

static const struct {
	const char *name;
	const char *k;
	const char *s;
} pairs[] = {
	{ "the generator, and 1", "1", "1" },
	{ "the generator, and 2", "1", "2" },
	{ "the generator, and the most", "1", "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550" },
	{ "its double, and half the order", "2", "7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8" },
	{ "its double, and half the order and one", "2", "7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A9" },
	{ "minus the generator, and 1", "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550", "1" },
	{ "an s of 128 bits", "3", "80000000000000000000000000000000" },
	{ "an s of a zero byte and a set bit", "3", "80000000000000000000000000000000000000000000000000000000000000" },
	{ "an s below 2^256 less the order", "5", "FFFFFFFF00000000000000004319055258E8617B0C46353D039CDAAE" },
};

static void
takes_whatever_is_in_range_and_nothing_beyond(void **state)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = number_of(ORDER), *d = BN_new();
	uint8_t digest[DIGEST_SIZE];

	(void)state;
	assert_int_equal(digest_sha256(INPUT.ptr, INPUT.len, digest), PT_OK);
	BIGNUM *e = BN_bin2bn(digest, sizeof(digest), NULL);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		BIGNUM *k = number_of(pairs[i].k), *s = number_of(pairs[i].s), *r = r_of(group, k, ctx);

		BN_mod_mul(d, s, k, n, ctx);
		BN_mod_sub(d, d, e, n, ctx);
		BIGNUM *inverse = BN_mod_inverse(NULL, r, n, ctx);

		BN_mod_mul(d, d, inverse, n, ctx);
		struct signing_key *key = p256_key(group, d, ctx);

		edges_of(key, n, r, s, pairs[i].name);
		signing_key_free(key);
		BN_free(inverse);
		BN_free(k);
		BN_free(s);
		BN_free(r);
	}
	BN_free(e);
	BN_free(d);
	BN_free(n);
	BN_CTX_free(ctx);
	EC_GROUP_free(group);
}

/* ---- EdDSA */

/* RFC 8032, 5.1: the order of the base point, least byte first. */
#define ED_ORDER "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"

/* Adds the order to the number at s; false if the result needs a 257th bit. */
static bool
add_order(uint8_t s[32])
{
	uint8_t order[32];
	unsigned carry = 0;

	hex(ED_ORDER, order);
	for (int i = 0; i < 32; i++) {
		carry += (unsigned)s[i] + order[i];
		s[i] = (uint8_t)carry;
		carry >>= 8;
	}
	return carry == 0;
}

/* RFC 8032, 5.1.7: s is below the order, or one signature would have a second text. */
static void
refuses_every_multiple_of_the_order_more(void **state)
{
	struct signing_key *key = key_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	size_t len;
	int times = 0;

	(void)state;
	assert_int_equal(signing_sign(key, INPUT, signature, &len), PT_OK);
	for (; add_order(signature + 32); times++)
		assert_false(verifies(key, signature, len));
	assert_true(times >= 14);
	signing_key_free(key);
}

/* Points of small order, some encoded beyond the prime: with s = 0 a careless rule takes them. */
static const char *const small_points[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

static void
refuses_points_of_small_order(void **state)
{
	struct signing_key *key = key_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	uint8_t signature[SIGNING_MAX_SIGNATURE], forged[64];
	size_t len;

	(void)state;
	assert_int_equal(signing_sign(key, INPUT, signature, &len), PT_OK);
	for (size_t i = 0; i < sizeof(small_points) / sizeof(small_points[0]); i++) {
		memcpy(forged, signature, 64);
		hex(small_points[i], forged);
		assert_false(verifies(key, forged, 64));
		memset(forged + 32, 0, 32);
		assert_false(verifies(key, forged, 64));
		hex(ED_ORDER, forged + 32);
		assert_false(verifies(key, forged, 64));
	}
	/* The other point with the same y. */
	signature[31] ^= 0x80;
	assert_false(verifies(key, signature, len));
	signing_key_free(key);
}

/* ---- RS256: the contents of the block under the private key's operation (RFC 8017, 9.2) */

#define OF_SHA256 "3031300d060960864801650304020105000420"

static const struct {
	const char *name;
	const char *begin;	/* before the padding */
	const char *prefix;	/* before the digest */
	const char *suffix;	/* after it */
	int padding;		/* the byte that fills the rest */
	bool good;
} blocks[] = {
	{ "as it has to be", "0001", "00" OF_SHA256, "", 0xff, true },
	{ "without the NULL of its parameters", "0001", "00302f300b06096086480165030402010420", "", 0xff, false },
	{ "a length in the long form", "0001", "00308131300d060960864801650304020105000420", "", 0xff, false },
	{ "the digest alone", "0001", "00", "", 0xff, false },
	{ "named SHA-512", "0001", "003031300d060960864801650304020305000420", "", 0xff, false },
	{ "named SHA-224", "0001", "003031300d060960864801650304020405000420", "", 0xff, false },
	{ "a digest with a byte behind it", "0001", "00" OF_SHA256, "00", 0xff, false },
	{ "a digest with many bytes behind it", "0001ffffffffffffffff00" OF_SHA256, "", "", 0x00, false },
	{ "padding of zeros", "0001", "00" OF_SHA256, "", 0x00, false },
	{ "padding with one bit less", "0001fe", "00" OF_SHA256, "", 0xff, false },
	{ "the block of encryption", "0002", "00" OF_SHA256, "", 0xff, false },
	{ "block type 0", "0000", "00" OF_SHA256, "", 0xff, false },
	{ "no zero behind the padding", "0001", OF_SHA256, "", 0xff, false },
	{ "a zero too much", "0001", "0000" OF_SHA256, "", 0xff, false },
};

/* The digest with its surroundings ends the 256 bytes; between it and begin there is padding. */
static void
block_put(size_t i, const uint8_t digest[DIGEST_SIZE], uint8_t block[256])
{
	size_t begin = strlen(blocks[i].begin) / 2, prefix = strlen(blocks[i].prefix) / 2;
	size_t suffix = strlen(blocks[i].suffix) / 2, tail = prefix + DIGEST_SIZE + suffix;

	memset(block, blocks[i].padding, 256);
	hex(blocks[i].begin, block);
	/* With no prefix, the digest comes right after the start of the block. */
	if (prefix == 0)
		tail = 256 - begin;
	hex(blocks[i].prefix, block + 256 - tail);
	memcpy(block + 256 - tail + prefix, digest, DIGEST_SIZE);
	hex(blocks[i].suffix, block + 256 - tail + prefix + DIGEST_SIZE);
}

static void
takes_one_block_alone(void **state)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	EVP_PKEY_CTX *raw = EVP_PKEY_CTX_new(pkey, NULL);
	uint8_t digest[DIGEST_SIZE], block[256], signature[256];
	size_t len = sizeof(signature);

	(void)state;
	assert_int_equal(digest_sha256(INPUT.ptr, INPUT.len, digest), PT_OK);
	EVP_PKEY_up_ref(pkey);
	struct signing_key *key = key_of(pkey);

	assert_int_equal(EVP_PKEY_sign_init(raw), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(raw, RSA_NO_PADDING), 1);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		block_put(i, digest, block);
		assert_int_equal(EVP_PKEY_sign(raw, signature, &len, block, sizeof(block)), 1);
		if (verifies(key, signature, len) != blocks[i].good)
			fail_msg("%s", blocks[i].name);
	}
	signing_key_free(key);
	EVP_PKEY_CTX_free(raw);
	EVP_PKEY_free(pkey);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_whatever_is_in_range_and_nothing_beyond),
		cmocka_unit_test(refuses_every_multiple_of_the_order_more),
		cmocka_unit_test(refuses_points_of_small_order),
		cmocka_unit_test(takes_one_block_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
