/*
 * All keys of one site: the master key, from which MAC keys are derived, and
 * the signing keys, of which one signs and all verify. They are files in a
 * folder of their own, mode 0600, and never in the database.
 *
 *   master.key       32 random bytes
 *   signing/KID.pem  PKCS#8, one file a key
 */
#ifndef PINTLE_TOKEN_KEYRING_H
#define PINTLE_TOKEN_KEYRING_H

#include "crypto/digest.h"
#include "crypto/signing.h"

#define KEYRING_MAX_KEYS 16

struct keyring;

/*
 * Makes folder (0700) with a master key and one signing key of alg. PT_ERR_IO
 * with errno EEXIST if any of it is there: keys are never overwritten.
 */
enum pt_err keyring_create(const char *folder, enum signing_alg alg);

/*
 * Reads all keys of folder. PT_ERR_PERM where a file is wider than 0600,
 * PT_ERR_INVALID for one that is no key; *bad_path, if not NULL, then names it
 * (yours, for free), or is NULL.
 */
enum pt_err keyring_open(const char *folder, struct keyring **out, char **bad_path);
void keyring_free(struct keyring *ring);

/* The key that signs now; borrowed from ring. */
const struct signing_key *keyring_signing_key(const struct keyring *ring);

/* The key that kid names, or NULL; exact. */
const struct signing_key *keyring_find(const struct keyring *ring, struct slice kid);

size_t keyring_count(const struct keyring *ring);
const struct signing_key *keyring_at(const struct keyring *ring, size_t i);

/* The MAC keys of refresh tokens, newest first (one or two); for refresh_token_*. */
const struct mac_key *const *keyring_refresh_keys(const struct keyring *ring, size_t *count);

/* Appends the JWK set (RFC 7517, section 5): public members only. */
enum pt_err keyring_jwks(const struct keyring *ring, struct buf *out);

#endif
