#include "token/gate_token.h"

#include <string.h>

#include "base/secret.h"

enum { FORM_VERSION = 1, AT_SID = 1, SID_BYTES = 16, AT_TIME = AT_SID + SID_BYTES, AT_MAC = AT_TIME + 8, MAC_BYTES = 16 };
_Static_assert(AT_MAC + MAC_BYTES == GATE_TOKEN_BYTES, "the parts make the whole");
_Static_assert(BASE64URL_LEN(GATE_TOKEN_BYTES) == GATE_TOKEN_CHARS, "and so does its text");

enum pt_err
gate_token_format(const struct gate_token *token, const struct mac_key *key, char out[GATE_TOKEN_CHARS + 1])
{
	uint8_t bytes[GATE_TOKEN_BYTES] = { FORM_VERSION };
	uint8_t mac[DIGEST_SIZE];

	if (!base64url_decode_exact(slice_of(token->sid), bytes + AT_SID, SID_BYTES))
		return PT_ERR_INVALID;
	for (int i = 0; i < 8; i++)
		bytes[AT_TIME + i] = (uint8_t)((uint64_t)token->made_at_ms >> (56 - 8 * i));
	enum pt_err err = mac_compute(key, bytes, AT_MAC, mac);

	if (err)
		return err;
	memcpy(bytes + AT_MAC, mac, MAC_BYTES);
	base64url_encode(bytes, sizeof bytes, out);
	return PT_OK;
}

/* Whether one of the keys made these bytes. */
static enum pt_err
mac_is_good(const uint8_t bytes[GATE_TOKEN_BYTES], const struct mac_key *const *keys, size_t count, bool *good)
{
	uint8_t mac[DIGEST_SIZE];

	*good = false;
	for (size_t i = 0; i < count && !*good; i++) {
		enum pt_err err = mac_compute(keys[i], bytes, AT_MAC, mac);

		if (err)
			return err;
		*good = secret_eq(mac, bytes + AT_MAC, MAC_BYTES);
	}
	return PT_OK;
}

enum pt_err
gate_token_parse(struct slice text, const struct mac_key *const *keys, size_t count, struct gate_token *out, bool *good)
{
	uint8_t bytes[GATE_TOKEN_BYTES];
	uint64_t made_at = 0;

	*good = false;
	*out = (struct gate_token){ 0 };
	if (text.len != GATE_TOKEN_CHARS || !base64url_decode_exact(text, bytes, sizeof bytes) || bytes[0] != FORM_VERSION)
		return PT_OK;
	enum pt_err err = mac_is_good(bytes, keys, count, good);

	if (err || !*good)
		return err;
	for (int i = 0; i < 8; i++)
		made_at = made_at << 8 | bytes[AT_TIME + i];
	out->made_at_ms = (int64_t)made_at;
	base64url_encode(bytes + AT_SID, SID_BYTES, out->sid);
	return PT_OK;
}
