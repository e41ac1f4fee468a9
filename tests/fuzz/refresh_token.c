/*
 * Refresh tokens: no bytes pass for a token unless they were made as one, and there is only one
 * form. Input of the right length is also made into one.
 */
#include <string.h>

#include "fuzz.h"
#include "token/refresh_token.h"

enum { INSIDE = 8 + REFRESH_SECRET_SIZE + 4 + 4 };

static struct mac_key *keys[2];

static void
keys_make(void)
{
	static const uint8_t masters[2][32] = { { 1 }, { 2 } };

	for (int i = 0; i < 2 && !keys[i]; i++)
		MUST(mac_key_derive(masters[i], REFRESH_TOKEN_LABEL, &keys[i]) == PT_OK);
}

static bool
parses(struct slice text, size_t count, struct refresh_token *out)
{
	bool good;

	MUST(refresh_token_parse(text, (const struct mac_key *const *)keys, count, out, &good) == PT_OK);
	return good;
}

/*
 * A token of these bytes, made with the older key, is read by anyone who knows both keys; with one
 * character changed it is read by nobody.
 */
static void
made_is_read(const uint8_t *inside, uint8_t change)
{
	struct refresh_token token, back;
	char text[REFRESH_TOKEN_CHARS + 1];
	size_t at = change % REFRESH_TOKEN_CHARS;

	memcpy(&token.session_number, inside, 8);
	memcpy(token.secret, inside + 8, REFRESH_SECRET_SIZE);
	memcpy(&token.serial, inside + 8 + REFRESH_SECRET_SIZE, 4);
	memcpy(&token.nonce, inside + 12 + REFRESH_SECRET_SIZE, 4);
	MUST(refresh_token_format(&token, keys[1], text) == PT_OK);
	MUST(strlen(text) == REFRESH_TOKEN_CHARS);
	MUST(!parses(slice_of(text), 1, &back));
	MUST(parses(slice_of(text), 2, &back));
	MUST(back.session_number == token.session_number && back.serial == token.serial && back.nonce == token.nonce);
	MUST(memcmp(back.secret, token.secret, REFRESH_SECRET_SIZE) == 0);
	text[at] = text[at] == 'A' ? 'B' : 'A';
	MUST(!parses(slice_of(text), 2, &back));
	MUST(back.session_number == 0 && back.serial == 0 && back.nonce == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice text = { (const char *)bytes, len };
	char again[REFRESH_TOKEN_CHARS + 1];
	struct refresh_token token;

	keys_make();
	if (parses(text, 1, &token)) {
		MUST(refresh_token_format(&token, keys[0], again) == PT_OK);
		MUST(slice_eq(slice_of(again), text));
	}
	if (len > INSIDE)
		made_is_read(bytes, bytes[INSIDE]);
	return 0;
}
