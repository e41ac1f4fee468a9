/* SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869). */
#ifndef PINTLE_CRYPTO_DIGEST_H
#define PINTLE_CRYPTO_DIGEST_H

#include "base/error.h"
#include "base/slice.h"

#define DIGEST_SIZE 32	/* bytes */

enum pt_err digest_sha256(const void *bytes, size_t len, uint8_t out[DIGEST_SIZE]);

/* A key for HMAC, with the library's state prepared once; safe to use from many threads. */
struct mac_key;

/*
 * Derives a 256-bit MAC key from the master key with HKDF: no salt, info =
 * label. Each use has a label of its own ("pintle refresh token v1"), so that
 * no MAC of one use passes for another's. *out is yours, for mac_key_free.
 */
enum pt_err mac_key_derive(const uint8_t master[32], const char *label, struct mac_key **out);

/* HMAC-SHA-256 over bytes. */
enum pt_err mac_compute(const struct mac_key *key, const void *bytes, size_t len, uint8_t out[DIGEST_SIZE]);

/* Wipes and releases; NULL does nothing. */
void mac_key_free(struct mac_key *key);

#endif
