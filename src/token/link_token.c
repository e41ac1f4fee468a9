#include "token/link_token.h"

#include <string.h>

#include "base/secret.h"

#define NUMBER_SIZE 8

void
link_token_format(const struct link_token *token, char out[LINK_TOKEN_SIZE])
{
	uint8_t bytes[NUMBER_SIZE + LINK_SECRET_SIZE];

	for (int i = 0; i < NUMBER_SIZE; i++)
		bytes[i] = (uint8_t)(token->user_number >> (56 - 8 * i));
	memcpy(bytes + NUMBER_SIZE, token->secret, LINK_SECRET_SIZE);
	base64url_encode(bytes, sizeof(bytes), out);
	secret_wipe(bytes, sizeof(bytes));
}

bool
link_token_parse(struct slice text, struct link_token *out)
{
	uint8_t bytes[NUMBER_SIZE + LINK_SECRET_SIZE];
	bool good = base64url_decode_exact(text, bytes, sizeof(bytes));

	memset(out, 0, sizeof(*out));
	for (int i = 0; good && i < NUMBER_SIZE; i++)
		out->user_number = out->user_number << 8 | bytes[i];
	if (good)
		memcpy(out->secret, bytes + NUMBER_SIZE, LINK_SECRET_SIZE);
	secret_wipe(bytes, sizeof(bytes));
	return good;
}
