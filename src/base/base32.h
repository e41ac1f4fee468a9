/*
 * Base32 (RFC 4648, section 6) without padding, as people copy it from a screen: secrets of
 * authenticator apps and recovery codes.
 */
#ifndef PINTLE_BASE_BASE32_H
#define PINTLE_BASE_BASE32_H

#include "base/slice.h"

/* Characters that len bytes become. */
#define BASE32_LEN(len) (((len) * 8 + 4) / 5)

/* Writes BASE32_LEN(len) capital letters and digits, and a NUL. */
void base32_encode(const void *bytes, size_t len, char *out);

/*
 * Reads exactly len bytes, in either case, skipping blanks and hyphens between the characters.
 * False for anything else, including leftover bits that are not zero.
 */
bool base32_decode_exact(struct slice text, void *out, size_t len);

#endif
