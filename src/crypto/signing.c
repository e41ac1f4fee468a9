#include "crypto/signing.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "base/json.h"
#include "base/secret.h"
#include "crypto/digest.h"

#define ES256_HALF 32
#define RSA_MIN_BITS 2048
#define RSA_MAX_BITS 4096

/* The members of a public JWK, each base64url: x and y, or n and e. */
struct jwk_members {
	const char *kty, *crv;
	const char *first_name, *second_name;
	struct buf first, second;
};

struct signing_key {
	EVP_PKEY *pkey;
	enum signing_alg alg;
	char kid[SIGNING_KID_SIZE];
	struct buf jwk;
	/* Set up once and copied for each use: setting up costs more than the copy. NULL for EdDSA, which has no copy. */
	EVP_MD_CTX *sign_ready, *verify_ready;
};

static const char *const names[] = {
	[SIGNING_NONE] = "none", [SIGNING_ES256] = "ES256", [SIGNING_EDDSA] = "EdDSA", [SIGNING_RS256] = "RS256",
};

const char *
signing_alg_name(enum signing_alg alg)
{
	return names[alg];
}

enum signing_alg
signing_alg_of(struct slice name)
{
	for (enum signing_alg alg = SIGNING_ES256; alg <= SIGNING_RS256; alg++)
		if (slice_eq(slice_of(names[alg]), name))
			return alg;
	return SIGNING_NONE;
}

static enum signing_alg
alg_of_key(const EVP_PKEY *pkey)
{
	char group[32];
	size_t len;

	if (EVP_PKEY_is_a(pkey, "ED25519"))
		return SIGNING_EDDSA;
	if (EVP_PKEY_is_a(pkey, "RSA"))
		return EVP_PKEY_get_bits(pkey) >= RSA_MIN_BITS && EVP_PKEY_get_bits(pkey) <= RSA_MAX_BITS ?
		    SIGNING_RS256 : SIGNING_NONE;
	if (EVP_PKEY_is_a(pkey, "EC") && EVP_PKEY_get_group_name(pkey, group, sizeof group, &len) == 1 &&
	    (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0))
		return SIGNING_ES256;
	return SIGNING_NONE;
}

/* A number of the key as base64url, padded to width bytes (0: as short as it is). */
static enum pt_err
number_member(const EVP_PKEY *pkey, const char *param, int width, struct buf *out)
{
	uint8_t bytes[RSA_MAX_BITS / 8];
	BIGNUM *number = NULL;
	enum pt_err err = PT_ERR_CRYPTO;

	if (EVP_PKEY_get_bn_param(pkey, param, &number) == 1 && BN_num_bytes(number) <= (int)sizeof bytes) {
		int len = width ? width : BN_num_bytes(number);

		if (BN_bn2binpad(number, bytes, len) == len) {
			base64url_put(out, bytes, (size_t)len);
			err = PT_OK;
		}
	}
	BN_free(number);
	return err;
}

static enum pt_err
members_read(const struct signing_key *key, struct jwk_members *members)
{
	uint8_t raw[32];
	size_t len = sizeof raw;
	enum pt_err err;

	switch (key->alg) {
	case SIGNING_ES256:
		*members = (struct jwk_members){ .kty = "EC", .crv = "P-256", .first_name = "x", .second_name = "y" };
		err = number_member(key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, ES256_HALF, &members->first);
		return err ? err : number_member(key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, ES256_HALF, &members->second);
	case SIGNING_EDDSA:
		*members = (struct jwk_members){ .kty = "OKP", .crv = "Ed25519", .first_name = "x" };
		if (EVP_PKEY_get_raw_public_key(key->pkey, raw, &len) != 1)
			return PT_ERR_CRYPTO;
		base64url_put(&members->first, raw, len);
		return PT_OK;
	case SIGNING_RS256:
		/* In the order of the thumbprint: e, kty, n. */
		*members = (struct jwk_members){ .kty = "RSA", .first_name = "e", .second_name = "n" };
		err = number_member(key->pkey, OSSL_PKEY_PARAM_RSA_E, 0, &members->first);
		return err ? err : number_member(key->pkey, OSSL_PKEY_PARAM_RSA_N, 0, &members->second);
	case SIGNING_NONE:
		break;
	}
	return PT_ERR_INVALID;
}

/* RFC 7638, 3: the required members in the order of their names, without space. */
static enum pt_err
thumbprint(const struct jwk_members *members, char out[SIGNING_KID_SIZE])
{
	uint8_t digest[DIGEST_SIZE];
	struct buf text = BUF_EMPTY;
	struct json_writer w = json_writer(&text);
	bool rsa = members->crv == NULL;

	json_open(&w, NULL);
	if (rsa)
		json_put_string(&w, members->first_name, buf_slice(&members->first));
	else
		json_put_cstr(&w, "crv", members->crv);
	json_put_cstr(&w, "kty", members->kty);
	if (!rsa)
		json_put_string(&w, members->first_name, buf_slice(&members->first));
	if (members->second_name)
		json_put_string(&w, members->second_name, buf_slice(&members->second));
	json_close(&w);
	enum pt_err err = buf_status(&text);

	if (!err)
		err = digest_sha256(text.ptr, text.len, digest);
	if (!err)
		base64url_encode(digest, sizeof digest, out);
	buf_free(&text);
	return err;
}

static enum pt_err
describe(struct signing_key *key)
{
	struct jwk_members members = { 0 };
	struct json_writer w = json_writer(&key->jwk);
	enum pt_err err = members_read(key, &members);

	if (!err)
		err = thumbprint(&members, key->kid);
	if (!err) {
		json_open(&w, NULL);
		json_put_cstr(&w, "kty", members.kty);
		if (members.crv)
			json_put_cstr(&w, "crv", members.crv);
		json_put_string(&w, members.first_name, buf_slice(&members.first));
		if (members.second_name)
			json_put_string(&w, members.second_name, buf_slice(&members.second));
		json_put_cstr(&w, "use", "sig");
		json_put_cstr(&w, "alg", signing_alg_name(key->alg));
		json_put_cstr(&w, "kid", key->kid);
		json_close(&w);
		err = buf_status(&key->jwk);
	}
	buf_free(&members.first);
	buf_free(&members.second);
	return err;
}

/* EdDSA takes the message whole, by its own digest (RFC 8037, 3.1). */
static const char *
digest_of(enum signing_alg alg)
{
	return alg == SIGNING_EDDSA ? NULL : "SHA2-256";
}

static enum pt_err
contexts_prepare(struct signing_key *key)
{
	if (key->alg == SIGNING_EDDSA)
		return PT_OK;
	key->sign_ready = EVP_MD_CTX_new();
	key->verify_ready = EVP_MD_CTX_new();
	if (!key->sign_ready || !key->verify_ready)
		return PT_ERR_NOMEM;
	if (EVP_DigestSignInit_ex(key->sign_ready, NULL, digest_of(key->alg), NULL, NULL, key->pkey, NULL) != 1 ||
	    EVP_DigestVerifyInit_ex(key->verify_ready, NULL, digest_of(key->alg), NULL, NULL, key->pkey, NULL) != 1)
		return PT_ERR_CRYPTO;
	return PT_OK;
}

/* Takes pkey over, whatever happens. */
static enum pt_err
key_new(EVP_PKEY *pkey, struct signing_key **out)
{
	struct signing_key *key = calloc(1, sizeof *key);
	enum pt_err err = PT_ERR_NOMEM;

	*out = NULL;
	if (!key) {
		EVP_PKEY_free(pkey);
		return err;
	}
	key->pkey = pkey;
	key->alg = alg_of_key(pkey);
	err = key->alg == SIGNING_NONE ? PT_ERR_INVALID : describe(key);
	if (!err)
		err = contexts_prepare(key);
	if (err) {
		signing_key_free(key);
		return err;
	}
	*out = key;
	return PT_OK;
}

enum pt_err
signing_key_generate(enum signing_alg alg, struct signing_key **out)
{
	EVP_PKEY *pkey = NULL;

	*out = NULL;
	switch (alg) {
	case SIGNING_ES256:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
		break;
	case SIGNING_EDDSA:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	case SIGNING_RS256:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_MIN_BITS);
		break;
	case SIGNING_NONE:
		return PT_ERR_INVALID;
	}
	return pkey ? key_new(pkey, out) : PT_ERR_CRYPTO;
}

/* No pass phrase is ever asked for: an encrypted file is no key. */
static int
no_passphrase(char *to, int size, int writing, void *ctx)
{
	(void)to, (void)size, (void)writing, (void)ctx;
	return -1;
}

enum pt_err
signing_key_from_pem(struct slice pem, struct signing_key **out)
{
	*out = NULL;
	if (pem.len > 65536)
		return PT_ERR_INVALID;
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);

	if (!bio)
		return PT_ERR_NOMEM;
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);

	BIO_free(bio);
	return pkey ? key_new(pkey, out) : PT_ERR_INVALID;
}

/* Appends what write put into a memory BIO, and wipes that. */
static enum pt_err
bio_take(BIO *bio, bool written, struct buf *out)
{
	char *text = NULL;
	long len = bio && written ? BIO_get_mem_data(bio, &text) : 0;

	if (len > 0) {
		buf_append(out, text, (size_t)len);
		secret_wipe(text, (size_t)len);
	}
	BIO_free(bio);
	return len > 0 ? buf_status(out) : PT_ERR_CRYPTO;
}

enum pt_err
signing_key_to_pem(const struct signing_key *key, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_secmem());

	return bio_take(bio, bio && PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1, out);
}

enum pt_err
signing_key_public_pem(const struct signing_key *key, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return bio_take(bio, bio && PEM_write_bio_PUBKEY(bio, key->pkey) == 1, out);
}

enum pt_err
signing_key_jwk(const struct signing_key *key, struct buf *out)
{
	buf_put(out, buf_slice(&key->jwk));
	return buf_status(out);
}

enum signing_alg
signing_key_alg(const struct signing_key *key)
{
	return key->alg;
}

const char *
signing_key_id(const struct signing_key *key)
{
	return key->kid;
}

/* A context of one use: a copy of the one that is ready, or a new one for EdDSA. */
static EVP_MD_CTX *
context_for(const struct signing_key *key, const EVP_MD_CTX *ready, bool signing)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int good;

	if (!ctx)
		return NULL;
	if (ready)
		good = EVP_MD_CTX_copy_ex(ctx, ready);
	else if (signing)
		good = EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key->pkey, NULL);
	else
		good = EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, key->pkey, NULL);
	if (good == 1)
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

/* RFC 7518, 3.4: DER's two integers as 32 bytes each. */
static bool
es256_to_jose(const uint8_t *der, size_t der_len, uint8_t *out)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)der_len);
	bool good = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, ES256_HALF) == ES256_HALF &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + ES256_HALF, ES256_HALF) == ES256_HALF;

	ECDSA_SIG_free(sig);
	return good;
}

/* And back; zero is refused here, what is not below n by the library. */
static bool
es256_from_jose(struct slice jose, uint8_t out[80], size_t *len)
{
	const uint8_t *bytes = (const uint8_t *)jose.ptr;
	BIGNUM *r = NULL, *s = NULL;
	ECDSA_SIG *sig = NULL;
	bool good = false;

	if (jose.len != 2 * ES256_HALF)
		return false;
	r = BN_bin2bn(bytes, ES256_HALF, NULL);
	s = BN_bin2bn(bytes + ES256_HALF, ES256_HALF, NULL);
	sig = ECDSA_SIG_new();
	if (!r || !s || !sig || BN_is_zero(r) || BN_is_zero(s) || ECDSA_SIG_set0(sig, r, s) != 1)
		goto out;
	r = s = NULL;
	int wrote = i2d_ECDSA_SIG(sig, &out);

	good = wrote > 0;
	*len = good ? (size_t)wrote : 0;
out:
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return good;
}

enum pt_err
signing_sign(const struct signing_key *key, struct slice bytes, uint8_t out[SIGNING_MAX_SIGNATURE], size_t *len)
{
	uint8_t raw[SIGNING_MAX_SIGNATURE];
	EVP_MD_CTX *ctx = context_for(key, key->sign_ready, true);
	enum pt_err err = PT_ERR_CRYPTO;

	*len = sizeof raw;
	if (ctx && EVP_DigestSign(ctx, raw, len, (const uint8_t *)bytes.ptr, bytes.len) == 1) {
		if (key->alg != SIGNING_ES256) {
			memcpy(out, raw, *len);
			err = PT_OK;
		} else if (es256_to_jose(raw, *len, out)) {
			*len = 2 * ES256_HALF;
			err = PT_OK;
		}
	}
	EVP_MD_CTX_free(ctx);
	return err;
}

/* The exact length that a signature of this key has. */
static size_t
signature_length(const struct signing_key *key)
{
	return key->alg == SIGNING_RS256 ? (size_t)EVP_PKEY_get_size(key->pkey) : 64;
}

enum pt_err
signing_verify(const struct signing_key *key, struct slice bytes, struct slice signature, bool *good)
{
	uint8_t der[80];
	const uint8_t *sig = (const uint8_t *)signature.ptr;
	size_t sig_len = signature.len;

	*good = false;
	if (sig_len != signature_length(key))
		return PT_OK;
	if (key->alg == SIGNING_ES256) {
		if (!es256_from_jose(signature, der, &sig_len))
			return PT_OK;
		sig = der;
	}
	EVP_MD_CTX *ctx = context_for(key, key->verify_ready, false);

	if (!ctx)
		return PT_ERR_CRYPTO;
	*good = EVP_DigestVerify(ctx, sig, sig_len, (const uint8_t *)bytes.ptr, bytes.len) == 1;
	EVP_MD_CTX_free(ctx);
	return PT_OK;
}

void
signing_key_free(struct signing_key *key)
{
	if (!key)
		return;
	EVP_MD_CTX_free(key->sign_ready);
	EVP_MD_CTX_free(key->verify_ready);
	EVP_PKEY_free(key->pkey);
	buf_free(&key->jwk);
	free(key);
}
