#include "crypto/aead.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/random.h"

#define KEY_SIZE 32

struct aead_key {
	uint8_t bytes[KEY_SIZE];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_CIPHER *aes_gcm;

static void
aead_fetch(void)
{
	aes_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

enum pt_err
aead_key_derive(const uint8_t master[MAC_MASTER_SIZE], const char *label, struct aead_key **out)
{
	const struct hkdf_input input = {
		.key = { (const char *)master, MAC_MASTER_SIZE },
		.info = slice_of(label),
	};
	struct aead_key *made = calloc(1, sizeof(*made));
	enum pt_err err = made ? digest_hkdf(&input, made->bytes, sizeof(made->bytes)) :
	    PT_ERR_NOMEM;

	*out = NULL;
	if (err == PT_OK)
		*out = made;
	else
		aead_key_free(made);
	return err;
}

void
aead_key_free(struct aead_key *key)
{
	if (key == NULL)
		return;
	secret_wipe(key, sizeof(*key));
	free(key);
}

/* A context that has absorbed the key, the nonce and the bound data; NULL if the library fails. */
static EVP_CIPHER_CTX *
aead_begin(const struct aead_key *key, struct slice context, const uint8_t *nonce, bool seals)
{
	EVP_CIPHER_CTX *ctx;
	int len;

	pthread_once(&once, aead_fetch);
	ctx = aes_gcm ? EVP_CIPHER_CTX_new() : NULL;
	if (ctx && EVP_CipherInit_ex2(ctx, aes_gcm, key->bytes, nonce, seals, NULL) == 1 &&
	    (context.len == 0 ||
	    EVP_CipherUpdate(ctx, NULL, &len, (const uint8_t *)context.ptr, (int)context.len) == 1))
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

enum pt_err
aead_seal(const struct aead_key *key, struct slice context, const void *plain, size_t len,
    uint8_t *out)
{
	uint8_t *text = out + AEAD_NONCE_SIZE, *tag = text + len;
	EVP_CIPHER_CTX *ctx;
	int part = 0, rest = 0;
	enum pt_err err = random_bytes(out, AEAD_NONCE_SIZE);

	if (err != PT_OK)
		return err;
	ctx = aead_begin(key, context, out, true);
	bool good = ctx && EVP_CipherUpdate(ctx, text, &part, plain, (int)len) == 1 &&
	    (size_t)part == len && EVP_CipherFinal_ex(ctx, tag, &rest) == 1 && rest == 0 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_SIZE, tag) == 1;

	EVP_CIPHER_CTX_free(ctx);
	return good ? PT_OK : PT_ERR_CRYPTO;
}

enum pt_err
aead_open(const struct aead_key *key, struct slice context, const uint8_t *sealed, size_t len,
    void *plain, bool *good)
{
	const uint8_t *text = sealed + AEAD_NONCE_SIZE;
	uint8_t tag[AEAD_TAG_SIZE], none[1];
	int part = 0, rest = 0;
	EVP_CIPHER_CTX *ctx = aead_begin(key, context, sealed, false);

	*good = false;
	memcpy(tag, text + len, sizeof(tag));
	bool read = ctx && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_SIZE,
	    tag) == 1 &&
	    EVP_CipherUpdate(ctx, plain, &part, text, (int)len) == 1 && (size_t)part == len;

	*good = read && EVP_CipherFinal_ex(ctx, none, &rest) == 1;
	if (!*good)
		secret_wipe(plain, len);
	EVP_CIPHER_CTX_free(ctx);
	return read ? PT_OK : PT_ERR_CRYPTO;
}
