#include "token/refresh_token.h"

#include <string.h>

#include "base/secret.h"
#include "token/sealed.h"

enum {
	FORM_VERSION = 1,
	AT_NUMBER = 1,
	AT_SECRET = AT_NUMBER + 8,
	AT_SERIAL = AT_SECRET + REFRESH_SECRET_SIZE,
	AT_NONCE = AT_SERIAL + 4,
	AT_MAC = AT_NONCE + 4,
};
_Static_assert(AT_MAC + SEALED_MAC_SIZE == REFRESH_TOKEN_BYTES, "the parts make the whole");
_Static_assert(BASE64URL_LEN(REFRESH_TOKEN_BYTES) == REFRESH_TOKEN_CHARS, "and so does its text");

enum pt_err
refresh_token_format(const struct refresh_token *token, const struct mac_key *key,
    char out[REFRESH_TOKEN_CHARS + 1])
{
	uint8_t bytes[REFRESH_TOKEN_BYTES] = { FORM_VERSION };

	sealed_put_number(bytes + AT_NUMBER, 8, token->session_number);
	memcpy(bytes + AT_SECRET, token->secret, REFRESH_SECRET_SIZE);
	sealed_put_number(bytes + AT_SERIAL, 4, token->serial);
	sealed_put_number(bytes + AT_NONCE, 4, token->nonce);

	enum pt_err err = sealed_format(bytes, sizeof(bytes), key, out);

	secret_wipe(bytes, sizeof(bytes));
	return err;
}

enum pt_err
refresh_token_parse(struct slice text, const struct mac_key *const *keys, size_t count,
    struct refresh_token *out, bool *good)
{
	uint8_t bytes[REFRESH_TOKEN_BYTES];
	enum pt_err err = sealed_parse(text, keys, count, bytes, sizeof(bytes), good);

	*out = (struct refresh_token){ 0 };
	*good = *good && bytes[0] == FORM_VERSION;
	if (*good) {
		out->session_number = sealed_get_number(bytes + AT_NUMBER, 8);
		memcpy(out->secret, bytes + AT_SECRET, REFRESH_SECRET_SIZE);
		out->serial = (uint32_t)sealed_get_number(bytes + AT_SERIAL, 4);
		out->nonce = (uint32_t)sealed_get_number(bytes + AT_NONCE, 4);
	}
	secret_wipe(bytes, sizeof(bytes));
	return err;
}
