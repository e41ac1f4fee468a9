/* What a signing key is, for signing_key.c, which makes it, and signing.c, which uses it. */
#ifndef PINTLE_CRYPTO_SIGNING_INTERNAL_H
#define PINTLE_CRYPTO_SIGNING_INTERNAL_H

#include "crypto/signing.h"
#include "crypto/spares.h"

#include <openssl/evp.h>

#define SIGNING_ES256_HALF 32	/* bytes of r and of s, of x and of y */

struct signing_key {
	EVP_PKEY *pkey;
	enum signing_alg alg;
	size_t signature_size;	/* bytes in JOSE's form: always exactly so many */
	char kid[SIGNING_KID_SIZE];
	struct buf jwk;
	/* Set up once, copied for each use: the copy costs 6 us less than setting up. NULL with ES256, */
	EVP_MD_CTX *sign, *verify;
	/* whose contexts can be used again as they are: EVP_PKEY_CTX, which take a digest. */
	struct spares signers, verifiers;
};

/* Sets up what signs and verifies by its algorithm; and ends that, where it was set up. */
enum pt_err signing_prepare(struct signing_key *key);
void signing_clear(struct signing_key *key);

#endif
