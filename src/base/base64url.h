/*
 * Base64url without padding (RFC 4648, section 5), read strictly: no other
 * character, no padding, no bits left over that are not zero, so that each
 * byte string has exactly one text.
 */
#ifndef PINTLE_BASE_BASE64URL_H
#define PINTLE_BASE_BASE64URL_H

#include "base/buf.h"

/* Characters that len bytes become. */
#define BASE64URL_LEN(len) (((len) * 4 + 2) / 3)

/* Writes BASE64URL_LEN(len) characters and a NUL. */
void base64url_encode(const void *bytes, size_t len, char *out);

/* The same, appended. */
void base64url_put(struct buf *buf, const void *bytes, size_t len);

/*
 * Decodes text into at most cap bytes; *len is how many. False, with out undefined, if the text is
 * not strictly base64url or does not fit.
 */
bool base64url_decode(struct slice text, void *out, size_t cap, size_t *len);

/* The same for exactly len bytes. */
bool base64url_decode_exact(struct slice text, void *out, size_t len);

/*
 * The older alphabet with padding (RFC 4648, section 4), as in HTTP Basic. Read as strictly; *len
 * is how many bytes, at most cap.
 */
bool base64_decode(struct slice text, void *out, size_t cap, size_t *len);

#endif
