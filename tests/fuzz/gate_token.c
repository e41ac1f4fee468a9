/* The gate cookie's value: nothing passes for one unless it was made as one. */
#include <string.h>

#include "fuzz.h"
#include "token/gate_token.h"

enum { SID_BYTES = 16, INSIDE = SID_BYTES + 8 };

static struct mac_key *key;

static bool
parses(struct slice text, struct gate_token *out)
{
	const struct mac_key *const keys[] = { key };
	bool good;

	MUST(gate_token_parse(text, keys, 1, out, &good) == PT_OK);
	return good;
}

static void
made_is_read(const uint8_t *inside, uint8_t change)
{
	struct gate_token token, back;
	char text[GATE_TOKEN_CHARS + 1];
	size_t at = change % GATE_TOKEN_CHARS;

	base64url_encode(inside, SID_BYTES, token.sid);
	memcpy(&token.made_at_ms, inside + SID_BYTES, 8);
	MUST(gate_token_format(&token, key, text) == PT_OK);
	MUST(strlen(text) == GATE_TOKEN_CHARS);
	MUST(parses(slice_of(text), &back));
	MUST(strcmp(back.sid, token.sid) == 0 && back.made_at_ms == token.made_at_ms);
	text[at] = text[at] == 'A' ? 'B' : 'A';
	MUST(!parses(slice_of(text), &back));
	MUST(back.sid[0] == '\0' && back.made_at_ms == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint8_t master[32] = { 1 };
	struct slice text = { (const char *)bytes, len };
	char again[GATE_TOKEN_CHARS + 1];
	struct gate_token token;

	if (!key)
		MUST(mac_key_derive(master, GATE_TOKEN_LABEL, &key) == PT_OK);
	if (parses(text, &token)) {
		MUST(gate_token_format(&token, key, again) == PT_OK);
		MUST(slice_eq(slice_of(again), text));
	}
	if (len > INSIDE)
		made_is_read(bytes, bytes[INSIDE]);
	return 0;
}
