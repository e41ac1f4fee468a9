/*
 * Signing in the compact form (RFC 7515, 3.1): what all tokens that go out to
 * others have in common.
 */
#ifndef PINTLE_TOKEN_JWS_H
#define PINTLE_TOKEN_JWS_H

#include "crypto/signing.h"

/*
 * Appends header, payload and signature in compact form. The header says type
 * (typ, of RFC 8725, 3.11, which keeps one kind of token from passing for another),
 * the key's algorithm and its id. PT_ERR_NOMEM, also where payload had no memory; PT_ERR_CRYPTO.
 */
enum pt_err jws_sign(const struct signing_key *key, const char *type, const struct buf *payload, struct buf *out);

#endif
