#include "crypto/totp.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>

#include "base/secret.h"

#define SHA1_SIZE 20

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MAC *hmac;

static void
totp_fetch(void)
{
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
}

static enum pt_err
hmac_sha1(struct slice key, const uint8_t *bytes, size_t len, uint8_t out[SHA1_SIZE])
{
	char name[] = "SHA1";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};
	size_t written = 0;

	pthread_once(&once, totp_fetch);
	EVP_MAC_CTX *ctx = hmac && key.len ? EVP_MAC_CTX_new(hmac) : NULL;
	bool good = ctx && EVP_MAC_init(ctx, (const uint8_t *)key.ptr, key.len, params) == 1 &&
	    EVP_MAC_update(ctx, bytes, len) == 1 &&
	    EVP_MAC_final(ctx, out, &written, SHA1_SIZE) == 1 && written == SHA1_SIZE;

	EVP_MAC_CTX_free(ctx);
	return good ? PT_OK : PT_ERR_CRYPTO;
}

enum pt_err
hotp_code(struct slice secret, uint64_t counter, unsigned digits, uint32_t *code)
{
	uint8_t text[8], mac[SHA1_SIZE];
	uint32_t modulus = 1;

	for (int i = 7; i >= 0; i--, counter >>= 8)
		text[i] = (uint8_t)counter;
	enum pt_err err = hmac_sha1(secret, text, sizeof(text), mac);

	if (err == PT_OK) {
		const uint8_t *at = mac + (mac[SHA1_SIZE - 1] & 0x0f);

		for (unsigned i = 0; i < digits; i++)
			modulus *= 10;
		*code = ((uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 |
		    (uint32_t)at[2] << 8 | at[3]) % modulus;
	}
	secret_wipe(mac, sizeof(mac));
	return err;
}

uint64_t
totp_step(int64_t now_s)
{
	return now_s > 0 ? (uint64_t)now_s / TOTP_PERIOD : 0;
}

bool
totp_read(struct slice typed, uint32_t *code)
{
	unsigned digits = 0;

	*code = 0;
	for (size_t i = 0; i < typed.len; i++) {
		char c = typed.ptr[i];

		if (c == ' ')
			continue;
		if (c < '0' || c > '9' || ++digits > TOTP_DIGITS)
			return false;
		*code = *code * 10 + (uint32_t)(c - '0');
	}
	return digits == TOTP_DIGITS;
}

enum pt_err
totp_match(const uint8_t secret[TOTP_SECRET_SIZE], uint32_t code, int64_t now_s, uint64_t *step,
    bool *good)
{
	const struct slice key = { (const char *)secret, TOTP_SECRET_SIZE };
	uint64_t now = totp_step(now_s), first = now > TOTP_SPREAD ? now - TOTP_SPREAD : 0;

	*good = false;
	*step = 0;
	/* All steps are compared, whichever matches. */
	for (uint64_t at = first; at <= now + TOTP_SPREAD; at++) {
		uint32_t wanted;
		enum pt_err err = hotp_code(key, at, TOTP_DIGITS, &wanted);

		if (err != PT_OK)
			return err;
		bool same = secret_eq(&wanted, &code, sizeof(code));

		*step = same ? at : *step;
		*good = *good || same;
	}
	return PT_OK;
}
