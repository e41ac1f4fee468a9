/*
 * A few bytes as a credential: the content of a form, then a MAC over it, all as base64url. A
 * forged or damaged text is recognized without asking the store. Each form has a key label of its
 * own, so that none passes for another.
 */
#ifndef PINTLE_TOKEN_SEALED_H
#define PINTLE_TOKEN_SEALED_H

#include "base/base64url.h"
#include "crypto/digest.h"

#define SEALED_MAC_SIZE 16	/* bytes: HMAC-SHA-256, cut to 128 bits (RFC 2104, 5) */

/*
 * Puts the MAC into the last SEALED_MAC_SIZE of the len bytes and writes
 * BASE64URL_LEN(len) characters and a NUL.
 */
enum pt_err sealed_format(uint8_t *bytes, size_t len, const struct mac_key *key, char *out);

/*
 * Reads len bytes. *good is false unless text is exactly such bytes with a MAC by one of the count
 * keys.
 */
enum pt_err sealed_parse(struct slice text, const struct mac_key *const *keys, size_t count,
    uint8_t *bytes, size_t len, bool *good);

/* Numbers of width bytes, the most significant first. */
void sealed_put_number(uint8_t *to, size_t width, uint64_t value);
uint64_t sealed_get_number(const uint8_t *from, size_t width);

#endif
