/*
 * Seals a few bytes so that they stay secret and unchanged: AES-256-GCM (NIST SP 800-38D) with a
 * random nonce before and the tag after them. For at most a few million seals under one key.
 */
#ifndef PINTLE_CRYPTO_AEAD_H
#define PINTLE_CRYPTO_AEAD_H

#include "crypto/digest.h"

#define AEAD_NONCE_SIZE 12
#define AEAD_TAG_SIZE 16
#define AEAD_OVERHEAD (AEAD_NONCE_SIZE + AEAD_TAG_SIZE)

/* Safe to use from many threads. */
struct aead_key;

/* Derives a key from the master key as mac_key_derive does. *out is yours, for aead_key_free. */
enum pt_err aead_key_derive(const uint8_t master[MAC_MASTER_SIZE], const char *label,
    struct aead_key **out);

/* Wipes and frees; NULL does nothing. */
void aead_key_free(struct aead_key *key);

/*
 * Writes len + AEAD_OVERHEAD bytes, which open only with the same context. The context is not
 * secret.
 */
enum pt_err aead_seal(const struct aead_key *key, struct slice context, const void *plain,
    size_t len, uint8_t *out);

/*
 * Opens len + AEAD_OVERHEAD bytes into the len bytes of plain. *good is false, with plain zero, if
 * they were not sealed by this key in this context.
 */
enum pt_err aead_open(const struct aead_key *key, struct slice context, const uint8_t *sealed,
    size_t len, void *plain, bool *good);

#endif
