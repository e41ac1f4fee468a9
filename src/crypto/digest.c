#include "crypto/digest.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/secret.h"
#include "crypto/spares.h"

#define SHA256_NAME "SHA2-256"

/*
 * Fetched once and never freed: fetching costs as much as hashing, and threads may still be hashing
 * when the process ends.
 */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;
static EVP_MAC *hmac;

static void
digest_fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, SHA256_NAME, NULL);
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
}

enum pt_err
digest_sha256(const void *bytes, size_t len, uint8_t out[DIGEST_SIZE])
{
	unsigned written = 0;

	pthread_once(&once, digest_fetch);
	if (sha256 == NULL || EVP_Digest(bytes, len, out, &written, sha256, NULL) != 1 ||
	    written != DIGEST_SIZE)
		return PT_ERR_CRYPTO;
	return PT_OK;
}

static enum pt_err
digest_pieces(EVP_MD_CTX *ctx, int fd, uint64_t len)
{
	char piece[65536];

	for (uint64_t done = 0; done < len;) {
		size_t want = len - done < sizeof(piece) ? (size_t)(len - done) : sizeof(piece);

		errno = 0;
		ssize_t got = pread(fd, piece, want, (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return PT_ERR_IO;
		if (EVP_DigestUpdate(ctx, piece, (size_t)got) != 1)
			return PT_ERR_CRYPTO;
		done += (uint64_t)got;
	}
	return PT_OK;
}

enum pt_err
digest_file(int fd, uint64_t len, uint8_t out[DIGEST_SIZE])
{
	pthread_once(&once, digest_fetch);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	enum pt_err err = ctx && sha256 && EVP_DigestInit_ex2(ctx, sha256, NULL) == 1 ?
	    PT_OK : PT_ERR_CRYPTO;

	if (err == PT_OK)
		err = digest_pieces(ctx, fd, len);
	if (err == PT_OK && EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		err = PT_ERR_CRYPTO;
	int cause = errno;

	EVP_MD_CTX_free(ctx);
	errno = cause;
	return err;
}

/* The library's parameters are not const, but it only reads these. */
static OSSL_PARAM
param_text(const char *name, const char *text)
{
	return OSSL_PARAM_construct_utf8_string(name, (char *)(uintptr_t)text, 0);
}

static OSSL_PARAM
param_bytes(const char *name, struct slice bytes)
{
	/* NULL would mean a missing value, not an empty one. */
	const char *ptr = bytes.ptr ? bytes.ptr : "";

	return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)ptr, bytes.len);
}

enum pt_err
digest_hkdf(const struct hkdf_input *input, uint8_t *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	const OSSL_PARAM params[] = {
		param_text(OSSL_KDF_PARAM_DIGEST, SHA256_NAME),
		param_bytes(OSSL_KDF_PARAM_KEY, input->key),
		param_bytes(OSSL_KDF_PARAM_SALT, input->salt),
		param_bytes(OSSL_KDF_PARAM_INFO, input->info),
		OSSL_PARAM_construct_end(),
	};
	bool good = ctx && EVP_KDF_derive(ctx, out, len, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return good ? PT_OK : PT_ERR_CRYPTO;
}

/* The context that has absorbed the key. Each use works on a copy, and some copies are kept. */
struct mac_key {
	EVP_MAC_CTX *ready;
	struct spares copies;
};

static void
digest_context_free(void *ctx)
{
	EVP_MAC_CTX_free(ctx);
}

enum pt_err
mac_key_new(struct slice bytes, struct mac_key **out)
{
	const OSSL_PARAM params[] = {
		param_text(OSSL_MAC_PARAM_DIGEST, SHA256_NAME),
		OSSL_PARAM_construct_end(),
	};
	struct mac_key *made = calloc(1, sizeof(*made));

	*out = NULL;
	if (made == NULL)
		return PT_ERR_NOMEM;
	spares_init(&made->copies, digest_context_free);
	pthread_once(&once, digest_fetch);
	made->ready = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
	/* NULL would mean the previous key, and there is none. */
	if (made->ready == NULL || bytes.ptr == NULL ||
	    EVP_MAC_init(made->ready, (const uint8_t *)bytes.ptr, bytes.len, params) != 1) {
		mac_key_free(made);
		return PT_ERR_CRYPTO;
	}
	*out = made;
	return PT_OK;
}

enum pt_err
mac_key_derive(const uint8_t master[MAC_MASTER_SIZE], const char *label, struct mac_key **out)
{
	const struct hkdf_input input = {
		.key = { (const char *)master, MAC_MASTER_SIZE },
		.info = slice_of(label),
	};
	uint8_t key[DIGEST_SIZE];
	enum pt_err err = digest_hkdf(&input, key, sizeof(key));

	*out = NULL;
	if (err == PT_OK)
		err = mac_key_new((struct slice){ (const char *)key, sizeof(key) }, out);
	secret_wipe(key, sizeof(key));
	return err;
}

enum pt_err
mac_compute(const struct mac_key *key, const void *bytes, size_t len, uint8_t out[DIGEST_SIZE])
{
	/* these do not affect the key */
	struct spares *copies = &((struct mac_key *)(uintptr_t)key)->copies;
	EVP_MAC_CTX *ctx = spares_take(copies);
	size_t written = 0;

	if (ctx == NULL)
		ctx = EVP_MAC_CTX_dup(key->ready);
	bool good = ctx && EVP_MAC_update(ctx, bytes, len) == 1 &&
	    EVP_MAC_final(ctx, out, &written, DIGEST_SIZE) == 1 && written == DIGEST_SIZE;

	/*
	 * Without a key argument it restarts with the key that it has, and forgets what it has
	 * read.
	 */
	if (good && EVP_MAC_init(ctx, NULL, 0, NULL) == 1)
		spares_give(copies, ctx);
	else
		EVP_MAC_CTX_free(ctx);
	return good ? PT_OK : PT_ERR_CRYPTO;
}

void
mac_key_free(struct mac_key *key)
{
	if (key == NULL)
		return;
	spares_destroy(&key->copies);
	EVP_MAC_CTX_free(key->ready);
	free(key);
}
