#include "crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/secret.h"

/* Fetched once and never freed: fetching costs as much as hashing, and threads
 * may still be hashing when the process ends. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;
static EVP_MAC *hmac;

static void
fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
}

enum pt_err
digest_sha256(const void *bytes, size_t len, uint8_t out[DIGEST_SIZE])
{
	unsigned written = 0;

	pthread_once(&once, fetch);
	if (!sha256 || EVP_Digest(bytes, len, out, &written, sha256, NULL) != 1 || written != DIGEST_SIZE)
		return PT_ERR_CRYPTO;
	return PT_OK;
}

/* The context with the key absorbed; each use works on a copy. */
struct mac_key {
	EVP_MAC_CTX *ready;
};

static enum pt_err
hkdf(const uint8_t master[32], const char *label, uint8_t out[32])
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	struct slice info = slice_of(label);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)"SHA2-256", 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)master, 32),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info.ptr, info.len),
		OSSL_PARAM_construct_end(),
	};
	bool good = ctx && EVP_KDF_derive(ctx, out, 32, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return good ? PT_OK : PT_ERR_CRYPTO;
}

enum pt_err
mac_key_derive(const uint8_t master[32], const char *label, struct mac_key **out)
{
	uint8_t key[32];
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)"SHA2-256", 0),
		OSSL_PARAM_construct_end(),
	};

	*out = NULL;
	pthread_once(&once, fetch);
	struct mac_key *made = calloc(1, sizeof *made);

	if (!made)
		return PT_ERR_NOMEM;
	enum pt_err err = hkdf(master, label, key);

	if (!err) {
		made->ready = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
		if (!made->ready || EVP_MAC_init(made->ready, key, sizeof key, params) != 1)
			err = PT_ERR_CRYPTO;
	}
	secret_wipe(key, sizeof key);
	if (err) {
		mac_key_free(made);
		return err;
	}
	*out = made;
	return PT_OK;
}

enum pt_err
mac_compute(const struct mac_key *key, const void *bytes, size_t len, uint8_t out[DIGEST_SIZE])
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(key->ready);
	size_t written = 0;
	bool good = ctx && EVP_MAC_update(ctx, bytes, len) == 1 &&
	    EVP_MAC_final(ctx, out, &written, DIGEST_SIZE) == 1 && written == DIGEST_SIZE;

	EVP_MAC_CTX_free(ctx);
	return good ? PT_OK : PT_ERR_CRYPTO;
}

void
mac_key_free(struct mac_key *key)
{
	if (!key)
		return;
	EVP_MAC_CTX_free(key->ready);
	free(key);
}
