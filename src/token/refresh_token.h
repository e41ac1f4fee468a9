/*
 * The form of the refresh token, which is opaque to the client: version, session number, session
 * secret, serial, nonce, and a MAC over all of it, so that a forged or damaged token is refused
 * before the store is asked.
 */
#ifndef PINTLE_TOKEN_REFRESH_TOKEN_H
#define PINTLE_TOKEN_REFRESH_TOKEN_H

#include "base/base64url.h"
#include "crypto/digest.h"

#define REFRESH_TOKEN_BYTES 49
#define REFRESH_TOKEN_CHARS 66	/* BASE64URL_LEN(49) */
#define REFRESH_SECRET_SIZE 16
#define REFRESH_TOKEN_LABEL "pintle refresh token v1"	/* HKDF info of its MAC key */

struct refresh_token {
	uint64_t session_number;
	uint8_t secret[REFRESH_SECRET_SIZE];
	uint32_t serial;
	uint32_t nonce;
};

/* Writes REFRESH_TOKEN_CHARS characters and a NUL. */
enum pt_err refresh_token_format(const struct refresh_token *token, const struct mac_key *key,
    char out[REFRESH_TOKEN_CHARS + 1]);

/*
 * Reads a token made with one of the count keys (at most two: of the present and the previous
 * master key). *good is false, with *out zero, for anything but a token with a good MAC.
 */
enum pt_err refresh_token_parse(struct slice text, const struct mac_key *const *keys, size_t count,
    struct refresh_token *out, bool *good);

#endif
