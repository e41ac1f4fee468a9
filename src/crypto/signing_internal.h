/* The inside of a signing key, for signing_key.c, which makes it, and signing.c, which uses it. */
#ifndef PINTLE_CRYPTO_SIGNING_INTERNAL_H
#define PINTLE_CRYPTO_SIGNING_INTERNAL_H

#include "crypto/signing.h"
#include "crypto/spares.h"

#include <openssl/evp.h>

#define SIGNING_ES256_HALF 32	/* bytes of r and of s, of x and of y */

struct signing_key {
	EVP_PKEY *pkey;
	enum signing_alg alg;
	size_t signature_size;	/* bytes of a signature in JOSE's form, always exactly this many */
	char kid[SIGNING_KID_SIZE];
	struct buf jwk;
	/*
	 * Set up once and copied for each use, which is 6 us faster than setting up. NULL for
	 * ES256,
	 */
	EVP_MD_CTX *sign, *verify;
	/* whose contexts can be reused as they are: EVP_PKEY_CTX, which take a digest. */
	struct spares signers, verifiers;
};

/* Sets up the contexts that sign and verify, by the key's algorithm; and frees them. */
enum pt_err signing_prepare(struct signing_key *key);
void signing_clear(struct signing_key *key);

#endif
