/* SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869). */
#ifndef PINTLE_CRYPTO_DIGEST_H
#define PINTLE_CRYPTO_DIGEST_H

#include "base/digest_size.h"
#include "base/error.h"
#include "base/slice.h"

/* From many threads at once. Like all functions here, PT_ERR_CRYPTO if the library fails. */
enum pt_err digest_sha256(const void *bytes, size_t len, uint8_t out[DIGEST_SIZE]);

/*
 * The digest of the first len bytes of a file that is open for reading, whose position stays.
 * PT_ERR_IO with errno, which is 0 if the file has fewer.
 */
enum pt_err digest_file(int fd, uint64_t len, uint8_t out[DIGEST_SIZE]);

/* The inputs of a derivation (RFC 5869, 2); salt may be empty. */
struct hkdf_input {
	struct slice key;	/* the secret key to derive from */
	struct slice salt;
	struct slice info;	/* the purpose of the new key */
};

/* Writes len bytes, at most 255 * DIGEST_SIZE, else PT_ERR_CRYPTO. */
enum pt_err digest_hkdf(const struct hkdf_input *input, uint8_t *out, size_t len);

/* A key for HMAC, with the library's state prepared once; safe to use from many threads. */
struct mac_key;

/* Makes a key from these bytes. Free *out with mac_key_free. */
enum pt_err mac_key_new(struct slice bytes, struct mac_key **out);

#define MAC_MASTER_SIZE 32	/* bytes of a master key */

/*
 * Derives a 256-bit MAC key from the master key with HKDF: no salt, info = label. Each use has a
 * label of its own ("pintle refresh token v1"), so that a MAC made for one use is worthless in
 * another. Free *out with mac_key_free.
 */
enum pt_err mac_key_derive(const uint8_t master[MAC_MASTER_SIZE], const char *label,
    struct mac_key **out);

/* HMAC-SHA-256 over bytes. */
enum pt_err mac_compute(const struct mac_key *key, const void *bytes, size_t len,
    uint8_t out[DIGEST_SIZE]);

/* Wipes and frees; NULL does nothing. */
void mac_key_free(struct mac_key *key);

#endif
