/*
 * Asymmetric keys that sign access tokens, by OpenSSL, whose types do not appear here. A key has
 * one algorithm (RFC 8725, 3.1) and an id, the RFC 7638 thumbprint. It is prepared once and used
 * from many threads at once.
 */
#ifndef PINTLE_CRYPTO_SIGNING_H
#define PINTLE_CRYPTO_SIGNING_H

#include "base/buf.h"

enum signing_alg { SIGNING_NONE = 0, SIGNING_ES256, SIGNING_EDDSA, SIGNING_RS256 };

/* "ES256" and so on (RFC 7518, 3.1; RFC 8037); static. */
const char *signing_alg_name(enum signing_alg alg);

/* SIGNING_NONE for any other name, exact case. */
enum signing_alg signing_alg_of(struct slice name);

#define SIGNING_KID_SIZE 44	/* base64url of a SHA-256: 43 characters and NUL */
#define SIGNING_MAX_SIGNATURE 512	/* bytes: RSA with 4096 bits */

struct signing_key;

/*
 * Makes a key (P-256, Ed25519, RSA 2048) whose id does not begin with "-". Free *out with
 * signing_key_free.
 */
enum pt_err signing_key_generate(enum signing_alg alg, struct signing_key **out);

/*
 * Reads one unencrypted block of PKCS#8 PEM, with nothing after it and two halves that belong
 * together. The kind of key decides the algorithm: P-256 is ES256, Ed25519 is EdDSA, RSA with 2048
 * to 4096 bits is RS256; any other is PT_ERR_INVALID.
 */
enum pt_err signing_key_from_pem(struct slice pem, struct signing_key **out);

/* Appends the private key as PKCS#8 PEM. */
enum pt_err signing_key_to_pem(const struct signing_key *key, struct buf *out);

/* Appends the public half as SubjectPublicKeyInfo PEM. */
enum pt_err signing_key_public_pem(const struct signing_key *key, struct buf *out);

/* Appends the public JWK (RFC 7517): kty and the public members, use, alg, kid; no white space. */
enum pt_err signing_key_jwk(const struct signing_key *key, struct buf *out);

enum signing_alg signing_key_alg(const struct signing_key *key);

/* The key id: base64url of the RFC 7638 thumbprint; valid as long as the key. */
const char *signing_key_id(const struct signing_key *key);

/*
 * Signs bytes in JOSE's form (RFC 7518, 3.4: for ES256 r and s of 32 bytes each). *len is the
 * length of the signature in out.
 */
enum pt_err signing_sign(const struct signing_key *key, struct slice bytes,
    uint8_t out[SIGNING_MAX_SIGNATURE], size_t *len);

/*
 * Whether signature is right and exactly in JOSE's form: of the exact length, with r and s in
 * 1..n-1. If the library fails, *good is false and the result PT_ERR_CRYPTO.
 */
enum pt_err signing_verify(const struct signing_key *key, struct slice bytes,
    struct slice signature, bool *good);

/* Wipes and frees; NULL does nothing. */
void signing_key_free(struct signing_key *key);

#endif
