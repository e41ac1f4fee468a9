#include "token/refresh_token.h"

#include <string.h>

#include "base/secret.h"

enum {
	FORM_VERSION = 1,
	AT_NUMBER = 1,
	AT_SECRET = AT_NUMBER + 8,
	AT_SERIAL = AT_SECRET + REFRESH_SECRET_SIZE,
	AT_NONCE = AT_SERIAL + 4,
	AT_MAC = AT_NONCE + 4,
	MAC_BYTES = 16,
};
_Static_assert(AT_MAC + MAC_BYTES == REFRESH_TOKEN_BYTES, "the parts make the whole");
_Static_assert(BASE64URL_LEN(REFRESH_TOKEN_BYTES) == REFRESH_TOKEN_CHARS, "and so does its text");

static void
put_be(uint8_t *to, uint64_t value, int bytes)
{
	for (int i = bytes; i-- > 0; value >>= 8)
		to[i] = (uint8_t)value;
}

static uint64_t
get_be(const uint8_t *from, int bytes)
{
	uint64_t value = 0;

	for (int i = 0; i < bytes; i++)
		value = value << 8 | from[i];
	return value;
}

enum pt_err
refresh_token_format(const struct refresh_token *token, const struct mac_key *key, char out[REFRESH_TOKEN_CHARS + 1])
{
	uint8_t bytes[REFRESH_TOKEN_BYTES] = { FORM_VERSION };
	uint8_t mac[DIGEST_SIZE];

	put_be(bytes + AT_NUMBER, token->session_number, 8);
	memcpy(bytes + AT_SECRET, token->secret, REFRESH_SECRET_SIZE);
	put_be(bytes + AT_SERIAL, token->serial, 4);
	put_be(bytes + AT_NONCE, token->nonce, 4);
	enum pt_err err = mac_compute(key, bytes, AT_MAC, mac);

	if (!err) {
		memcpy(bytes + AT_MAC, mac, MAC_BYTES);
		base64url_encode(bytes, sizeof bytes, out);
	}
	secret_wipe(bytes, sizeof bytes);
	return err;
}

/* Whether one of the keys made these bytes. */
static enum pt_err
mac_is_good(const uint8_t bytes[REFRESH_TOKEN_BYTES], const struct mac_key *const *keys, size_t count, bool *good)
{
	uint8_t mac[DIGEST_SIZE];

	for (size_t i = 0; i < count && !*good; i++) {
		enum pt_err err = mac_compute(keys[i], bytes, AT_MAC, mac);

		if (err)
			return err;
		*good = secret_eq(mac, bytes + AT_MAC, MAC_BYTES);
	}
	return PT_OK;
}

enum pt_err
refresh_token_parse(struct slice text, const struct mac_key *const *keys, size_t count, struct refresh_token *out,
    bool *good)
{
	uint8_t bytes[REFRESH_TOKEN_BYTES];

	*out = (struct refresh_token){ 0 };
	*good = false;
	if (!base64url_decode_exact(text, bytes, sizeof bytes) || bytes[0] != FORM_VERSION)
		return PT_OK;
	enum pt_err err = mac_is_good(bytes, keys, count, good);

	if (!err && *good) {
		out->session_number = get_be(bytes + AT_NUMBER, 8);
		memcpy(out->secret, bytes + AT_SECRET, REFRESH_SECRET_SIZE);
		out->serial = (uint32_t)get_be(bytes + AT_SERIAL, 4);
		out->nonce = (uint32_t)get_be(bytes + AT_NONCE, 4);
	}
	secret_wipe(bytes, sizeof bytes);
	return err;
}
