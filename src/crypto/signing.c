#include "crypto/signing.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/signing_internal.h"

#define ES256_SIZE (2 * SIGNING_ES256_HALF)
/* two integers of 33 bytes, each with type and length, and those of the whole */
#define ES256_DER_MAX 72

static const struct {
	const char *name;
	const char *digest;	/* NULL: EdDSA takes the message whole (RFC 8037, 3.1) */
} algorithms[] = {
	[SIGNING_NONE] = { "none", NULL },
	[SIGNING_ES256] = { "ES256", "SHA2-256" },
	[SIGNING_EDDSA] = { "EdDSA", NULL },
	[SIGNING_RS256] = { "RS256", "SHA2-256" },
};

const char *
signing_alg_name(enum signing_alg alg)
{
	return algorithms[alg].name;
}

enum signing_alg
signing_alg_of(struct slice name)
{
	for (enum signing_alg alg = SIGNING_ES256; alg <= SIGNING_RS256; alg++)
		if (slice_eq(slice_of(algorithms[alg].name), name))
			return alg;
	return SIGNING_NONE;
}

static void
signing_context_free(void *ctx)
{
	EVP_PKEY_CTX_free(ctx);
}

enum pt_err
signing_prepare(struct signing_key *key)
{
	const char *digest = algorithms[key->alg].digest;

	spares_init(&key->signers, signing_context_free);
	spares_init(&key->verifiers, signing_context_free);
	if (key->alg == SIGNING_ES256)
		return PT_OK;
	key->sign = EVP_MD_CTX_new();
	key->verify = EVP_MD_CTX_new();
	if (key->sign == NULL || key->verify == NULL)
		return PT_ERR_NOMEM;
	if (EVP_DigestSignInit_ex(key->sign, NULL, digest, NULL, NULL, key->pkey, NULL) != 1 ||
	    EVP_DigestVerifyInit_ex(key->verify, NULL, digest, NULL, NULL, key->pkey, NULL) != 1)
		return PT_ERR_CRYPTO;
	return PT_OK;
}

void
signing_clear(struct signing_key *key)
{
	if (key->signers.release == NULL)
		return;
	spares_destroy(&key->signers);
	spares_destroy(&key->verifiers);
	EVP_MD_CTX_free(key->sign);
	EVP_MD_CTX_free(key->verify);
}

/* A kept context, or a new one, which init prepares. */
static EVP_PKEY_CTX *
context_take(const struct signing_key *key, const struct spares *spares,
    int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *ctx = spares_take((struct spares *)(uintptr_t)spares);

	if (ctx)
		return ctx;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	if (ctx == NULL || init(ctx) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

/* A context for one use. */
static EVP_MD_CTX *
context_copy(const EVP_MD_CTX *ready)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || EVP_MD_CTX_copy_ex(ctx, ready) == 1)
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

/* RFC 7518, 3.4: the two integers of the library's DER, as 32 bytes each. */
static bool
es256_from_der(const uint8_t *der, size_t der_len, uint8_t out[ES256_SIZE])
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)der_len);
	bool good = pair &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, SIGNING_ES256_HALF) == SIGNING_ES256_HALF &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + SIGNING_ES256_HALF, SIGNING_ES256_HALF) ==
	    SIGNING_ES256_HALF;

	ECDSA_SIG_free(pair);
	return good;
}

/*
 * 1..n-1 (FIPS 186-5, 6.4.2). The library checks this too, but libraries have shipped that accept a
 * pair of zeros for everything (CVE-2022-21449).
 */
static bool
es256_in_range(const uint8_t number[SIGNING_ES256_HALF])
{
	static const uint8_t zero[SIGNING_ES256_HALF];
	/* the order of P-256 (SP 800-186, 3.2.1.3) */
	static const uint8_t n[SIGNING_ES256_HALF] = {
		0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
		0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
	};

	return memcmp(number, zero, sizeof(zero)) != 0 && memcmp(number, n, sizeof(n)) < 0;
}

/* An INTEGER in DER: without leading zeros, except one if the number would read as negative. */
static size_t
der_put_integer(const uint8_t number[SIGNING_ES256_HALF], uint8_t *out)
{
	size_t skip = 0;

	while (skip < SIGNING_ES256_HALF - 1 && number[skip] == 0)
		skip++;
	size_t len = SIGNING_ES256_HALF - skip, pad = number[skip] >> 7;

	out[0] = 0x02;
	out[1] = (uint8_t)(pad + len);
	out[2] = 0;
	memcpy(out + 2 + pad, number + skip, len);
	return 2 + pad + len;
}

/* Writes the DER that the library reads; returns its length, or 0 if r or s is out of range. */
static size_t
es256_to_der(const uint8_t jose[ES256_SIZE], uint8_t out[ES256_DER_MAX])
{
	const uint8_t *r = jose, *s = jose + SIGNING_ES256_HALF;

	if (!es256_in_range(r) || !es256_in_range(s))
		return 0;
	size_t len = der_put_integer(r, out + 2);

	len += der_put_integer(s, out + 2 + len);
	out[0] = 0x30;
	out[1] = (uint8_t)len;
	return 2 + len;
}

/* Signs; the signature is in the library's DER. */
static bool
es256_sign(const struct signing_key *key, struct slice bytes, uint8_t *der, size_t *der_len)
{
	uint8_t digest[DIGEST_SIZE];
	EVP_PKEY_CTX *ctx = context_take(key, &key->signers, EVP_PKEY_sign_init);
	bool good = ctx && digest_sha256(bytes.ptr, bytes.len, digest) == PT_OK &&
	    EVP_PKEY_sign(ctx, der, der_len, digest, sizeof(digest)) == 1;

	if (good)
		spares_give((struct spares *)(uintptr_t)&key->signers, ctx);
	else
		EVP_PKEY_CTX_free(ctx);
	return good;
}

/* As EVP_DigestVerify: 1 if it is good, 0 if not, negative if that could not be decided. */
static int
es256_verify(const struct signing_key *key, struct slice bytes, const uint8_t *der, size_t der_len)
{
	uint8_t digest[DIGEST_SIZE];
	EVP_PKEY_CTX *ctx = context_take(key, &key->verifiers, EVP_PKEY_verify_init);

	if (ctx == NULL || digest_sha256(bytes.ptr, bytes.len, digest) != PT_OK) {
		EVP_PKEY_CTX_free(ctx);
		return -1;
	}
	int answer = EVP_PKEY_verify(ctx, der, der_len, digest, sizeof(digest));

	spares_give((struct spares *)(uintptr_t)&key->verifiers, ctx);
	return answer;
}

static bool
other_sign(const struct signing_key *key, struct slice bytes, uint8_t *out, size_t *len)
{
	EVP_MD_CTX *ctx = context_copy(key->sign);
	bool good = ctx && EVP_DigestSign(ctx, out, len, (const uint8_t *)bytes.ptr,
	    bytes.len) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

static int
other_verify(const struct signing_key *key, struct slice bytes, const uint8_t *signature,
    size_t len)
{
	EVP_MD_CTX *ctx = context_copy(key->verify);
	int answer = ctx ? EVP_DigestVerify(ctx, signature, len, (const uint8_t *)bytes.ptr,
	    bytes.len) : -1;

	EVP_MD_CTX_free(ctx);
	return answer;
}

enum pt_err
signing_sign(const struct signing_key *key, struct slice bytes, uint8_t out[SIGNING_MAX_SIGNATURE],
    size_t *len)
{
	uint8_t raw[SIGNING_MAX_SIGNATURE];
	size_t raw_len = sizeof(raw);
	bool good = (key->alg == SIGNING_ES256 ? es256_sign : other_sign)(key, bytes, raw,
	    &raw_len);

	if (good && key->alg == SIGNING_ES256)
		good = es256_from_der(raw, raw_len, out);
	else if (good && (good = raw_len == key->signature_size))
		memcpy(out, raw, raw_len);
	if (!good) {
		ERR_clear_error();
		return PT_ERR_CRYPTO;
	}
	*len = key->signature_size;
	return PT_OK;
}

enum pt_err
signing_verify(const struct signing_key *key, struct slice bytes, struct slice signature,
    bool *good)
{
	uint8_t der[ES256_DER_MAX];
	const uint8_t *form = (const uint8_t *)signature.ptr;
	size_t form_len = signature.len;

	*good = false;
	if (signature.len != key->signature_size)
		return PT_OK;
	if (key->alg == SIGNING_ES256) {
		form_len = es256_to_der(form, der);
		form = der;
		if (form_len == 0)
			return PT_OK;
	}
	int answer = (key->alg == SIGNING_ES256 ? es256_verify : other_verify)(key, bytes, form,
	    form_len);

	*good = answer == 1;
	/* The library's error entries for wrong signatures must not pile up in the thread. */
	if (!*good)
		ERR_clear_error();
	return answer < 0 ? PT_ERR_CRYPTO : PT_OK;
}
