/*
 * The token of a one-time link: its user and 256 random bits, as base64url. It travels in the
 * fragment of an address (DESIGN.md, Links travel in the fragment) and is a secret until it is
 * spent; only the SHA-256 of its random part is stored.
 */
#ifndef PINTLE_TOKEN_LINK_TOKEN_H
#define PINTLE_TOKEN_LINK_TOKEN_H

#include "base/base64url.h"

#define LINK_SECRET_SIZE 32
#define LINK_TOKEN_SIZE (BASE64URL_LEN(8 + LINK_SECRET_SIZE) + 1)	/* characters and NUL */

struct link_token {
	uint64_t user_number;
	uint8_t secret[LINK_SECRET_SIZE];
};

void link_token_format(const struct link_token *token, char out[LINK_TOKEN_SIZE]);

/* False for any text that link_token_format would not write. */
bool link_token_parse(struct slice text, struct link_token *out);

#endif
