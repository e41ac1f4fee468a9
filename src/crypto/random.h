/*
 * The system's random source, asked each time. The process keeps no state that a fork could repeat.
 */
#ifndef PINTLE_CRYPTO_RANDOM_H
#define PINTLE_CRYPTO_RANDOM_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Fills len bytes from getrandom(2). PT_ERR_CRYPTO if it fails; out must not be used. */
enum pt_err random_bytes(void *out, size_t len);

/*
 * A number below limit, to spread work or places. A limit that is no power of two favours the lower
 * numbers by a share below limit / 2^64. *out is 0 if limit is 0, or the source fails
 * (PT_ERR_CRYPTO).
 */
enum pt_err random_below(uint64_t limit, uint64_t *out);

/*
 * 128 random bits as base64url: the form of ids (sub, sid, jti) and request ids. None begins with
 * "-".
 */
#define RANDOM_ID_SIZE 23	/* 22 characters and NUL */
enum pt_err random_id(char out[RANDOM_ID_SIZE]);

/* The same from given random bytes. */
#define RANDOM_ID_BYTES 16
void random_id_of(const uint8_t bytes[RANDOM_ID_BYTES], char out[RANDOM_ID_SIZE]);

#endif
