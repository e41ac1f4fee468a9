#include "token/gate_token.h"

#include <string.h>

#include "token/sealed.h"

enum {
	FORM_VERSION = 1, AT_SID = 1, SID_BYTES = 16, AT_TIME = AT_SID + SID_BYTES,
	AT_MAC = AT_TIME + 8
};
_Static_assert(AT_MAC + SEALED_MAC_SIZE == GATE_TOKEN_BYTES, "the parts make the whole");
_Static_assert(BASE64URL_LEN(GATE_TOKEN_BYTES) == GATE_TOKEN_CHARS, "and so does its text");
_Static_assert(BASE64URL_LEN(SID_BYTES) + 1 == RANDOM_ID_SIZE, "a session's id has room");

enum pt_err
gate_token_format(const struct gate_token *token, const struct mac_key *key,
    char out[GATE_TOKEN_CHARS + 1])
{
	uint8_t bytes[GATE_TOKEN_BYTES] = { FORM_VERSION };

	if (!base64url_decode_exact(slice_of(token->sid), bytes + AT_SID, SID_BYTES))
		return PT_ERR_INVALID;
	sealed_put_number(bytes + AT_TIME, 8, (uint64_t)token->made_at_ms);
	return sealed_format(bytes, sizeof(bytes), key, out);
}

enum pt_err
gate_token_parse(struct slice text, const struct mac_key *const *keys, size_t count,
    struct gate_token *out, bool *good)
{
	uint8_t bytes[GATE_TOKEN_BYTES];
	enum pt_err err = sealed_parse(text, keys, count, bytes, sizeof(bytes), good);

	*out = (struct gate_token){ 0 };
	*good = *good && bytes[0] == FORM_VERSION;
	if (*good) {
		out->made_at_ms = (int64_t)sealed_get_number(bytes + AT_TIME, 8);
		base64url_encode(bytes + AT_SID, SID_BYTES, out->sid);
	}
	return err;
}
