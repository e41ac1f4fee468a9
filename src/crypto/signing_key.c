#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "base/json.h"
#include "base/secret.h"
#include "crypto/digest.h"
#include "crypto/signing_internal.h"

#define RSA_MIN_BITS 2048
#define RSA_MAX_BITS 4096
#define ED25519_SIZE 32
#define MAX_PEM_BYTES 65536

_Static_assert(RSA_MAX_BITS / 8 <= SIGNING_MAX_SIGNATURE, "the largest signature has room");

/* The one algorithm of a key, by its kind; SIGNING_NONE for a kind that we refuse. */
static enum signing_alg
alg_of_pkey(const EVP_PKEY *pkey)
{
	char group[32];
	int bits = EVP_PKEY_get_bits(pkey);

	if (EVP_PKEY_is_a(pkey, "ED25519"))
		return SIGNING_EDDSA;
	if (EVP_PKEY_is_a(pkey, "RSA"))
		return bits >= RSA_MIN_BITS && bits <= RSA_MAX_BITS ? SIGNING_RS256 : SIGNING_NONE;
	if (EVP_PKEY_is_a(pkey, "EC") &&
	    EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) == 1 &&
	    strcmp(group, "prime256v1") == 0)
		return SIGNING_ES256;
	return SIGNING_NONE;
}

/* A number of the key as base64url, in exactly width bytes (0: as few as it needs; RFC 7518, 2). */
static enum pt_err
put_number(struct json_writer *w, const char *name, const EVP_PKEY *pkey, const char *param,
    int width)
{
	uint8_t bytes[RSA_MAX_BITS / 8];
	char text[BASE64URL_LEN(sizeof(bytes)) + 1];
	BIGNUM *number = NULL;
	enum pt_err err = PT_ERR_CRYPTO;

	if (EVP_PKEY_get_bn_param(pkey, param, &number) == 1) {
		int len = width ? width : BN_num_bytes(number);

		if (len <= (int)sizeof(bytes) && BN_bn2binpad(number, bytes, len) == len) {
			base64url_encode(bytes, (size_t)len, text);
			json_put_cstr(w, name, text);
			err = PT_OK;
		}
	}
	BN_free(number);
	return err;
}

static enum pt_err
put_ed25519(struct json_writer *w, const char *name, const EVP_PKEY *pkey)
{
	uint8_t bytes[ED25519_SIZE];
	char text[BASE64URL_LEN(ED25519_SIZE) + 1];
	size_t len = sizeof(bytes);

	if (EVP_PKEY_get_raw_public_key(pkey, bytes, &len) != 1 || len != sizeof(bytes))
		return PT_ERR_CRYPTO;
	base64url_encode(bytes, len, text);
	json_put_cstr(w, name, text);
	return PT_OK;
}

/* The required public members in the order of their names, as RFC 7638, 3, demands. */
static enum pt_err
jwk_put_members(struct json_writer *w, const struct signing_key *key)
{
	enum pt_err err;

	switch (key->alg) {
	case SIGNING_ES256:
		json_put_cstr(w, "crv", "P-256");
		json_put_cstr(w, "kty", "EC");
		err = put_number(w, "x", key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, SIGNING_ES256_HALF);
		return err ? err :
		    put_number(w, "y", key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, SIGNING_ES256_HALF);
	case SIGNING_EDDSA:
		json_put_cstr(w, "crv", "Ed25519");
		json_put_cstr(w, "kty", "OKP");
		return put_ed25519(w, "x", key->pkey);
	case SIGNING_RS256:
		err = put_number(w, "e", key->pkey, OSSL_PKEY_PARAM_RSA_E, 0);
		json_put_cstr(w, "kty", "RSA");
		return err ? err : put_number(w, "n", key->pkey, OSSL_PKEY_PARAM_RSA_N, 0);
	case SIGNING_NONE:
		break;
	}
	return PT_ERR_INVALID;
}

/* The id: the hash of the required members alone, without white space. */
static enum pt_err
identify(struct signing_key *key)
{
	uint8_t digest[DIGEST_SIZE];
	struct buf text = BUF_EMPTY;
	struct json_writer w = json_writer(&text);

	json_open(&w, NULL);
	enum pt_err err = jwk_put_members(&w, key);

	json_close(&w);
	if (err == PT_OK)
		err = buf_status(&text);
	if (err == PT_OK)
		err = digest_sha256(text.ptr, text.len, digest);
	if (err == PT_OK)
		base64url_encode(digest, sizeof(digest), key->kid);
	buf_free(&text);
	return err;
}

/* The public JWK, written once, since the set is requested often. */
static enum pt_err
describe(struct signing_key *key)
{
	struct json_writer w = json_writer(&key->jwk);

	json_open(&w, NULL);
	enum pt_err err = jwk_put_members(&w, key);

	json_put_cstr(&w, "use", "sig");
	json_put_cstr(&w, "alg", signing_alg_name(key->alg));
	json_put_cstr(&w, "kid", key->kid);
	json_close(&w);
	return err ? err : buf_status(&key->jwk);
}

/* Takes ownership of pkey in every case. */
static enum pt_err
key_new(EVP_PKEY *pkey, struct signing_key **out)
{
	struct signing_key *key = calloc(1, sizeof(*key));

	if (key == NULL) {
		EVP_PKEY_free(pkey);
		return PT_ERR_NOMEM;
	}
	key->pkey = pkey;
	key->alg = alg_of_pkey(pkey);
	key->signature_size = key->alg == SIGNING_RS256 ? (size_t)EVP_PKEY_get_size(pkey) : 64;

	enum pt_err err = identify(key);

	if (err == PT_OK)
		err = describe(key);
	if (err == PT_OK)
		err = signing_prepare(key);
	if (err != PT_OK) {
		signing_key_free(key);
		return err;
	}
	*out = key;
	return PT_OK;
}

static EVP_PKEY *
generate(enum signing_alg alg)
{
	switch (alg) {
	case SIGNING_ES256:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	case SIGNING_EDDSA:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case SIGNING_RS256:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_MIN_BITS);
	case SIGNING_NONE:
		break;
	}
	return NULL;
}

enum pt_err
signing_key_generate(enum signing_alg alg, struct signing_key **out)
{
	*out = NULL;
	if (alg == SIGNING_NONE)
		return PT_ERR_INVALID;
	do {
		EVP_PKEY *pkey = generate(alg);
		enum pt_err err;

		signing_key_free(*out);
		*out = NULL;
		err = pkey ? key_new(pkey, out) : PT_ERR_CRYPTO;
		if (err != PT_OK)
			return err;
	} while ((*out)->kid[0] == '-');	/* on a command line it would look like an option */
	return PT_OK;
}

/* Whether the two halves belong together; with a wrong public half every signature would fail. */
static bool
is_one_pair(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	bool good = ctx && EVP_PKEY_pairwise_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

/*
 * One PKCS#8 block and nothing after it. Not encrypted, since nobody is there to type a pass
 * phrase.
 */
static EVP_PKEY *
pkey_from_pem(struct slice pem)
{
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	PKCS8_PRIV_KEY_INFO *info = bio ? PEM_read_bio_PKCS8_PRIV_KEY_INFO(bio, NULL, NULL, NULL) :
	    NULL;
	EVP_PKEY *pkey = info && BIO_pending(bio) == 0 ? EVP_PKCS82PKEY(info) : NULL;

	PKCS8_PRIV_KEY_INFO_free(info);
	BIO_free(bio);
	if (pkey && !is_one_pair(pkey)) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	if (pkey == NULL)
		ERR_clear_error();
	return pkey;
}

enum pt_err
signing_key_from_pem(struct slice pem, struct signing_key **out)
{
	*out = NULL;
	if (pem.len == 0 || pem.len > MAX_PEM_BYTES)
		return PT_ERR_INVALID;

	EVP_PKEY *pkey = pkey_from_pem(pem);

	return pkey ? key_new(pkey, out) : PT_ERR_INVALID;
}

/* Appends what a memory BIO holds, wipes it there, and frees it. */
static enum pt_err
bio_take(BIO *bio, bool written, struct buf *out)
{
	char *text = NULL;
	long len = written ? BIO_get_mem_data(bio, &text) : 0;

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
	/* secmem: memory is wiped also when the BIO grows out of it. */
	BIO *bio = BIO_new(BIO_s_secmem());

	return bio_take(bio, bio &&
	    PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1, out);
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

void
signing_key_free(struct signing_key *key)
{
	if (key == NULL)
		return;
	signing_clear(key);
	EVP_PKEY_free(key->pkey);
	buf_free(&key->jwk);
	free(key);
}
