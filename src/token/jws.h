/* Signing in the compact form (RFC 7515, 3.1), for all tokens that others verify. */
#ifndef PINTLE_TOKEN_JWS_H
#define PINTLE_TOKEN_JWS_H

#include "crypto/signing.h"

/*
 * Appends header, payload and signature in compact form. The header contains the type (typ, RFC
 * 8725, 3.11, so that one kind of token cannot pass for another), the key's algorithm and its id.
 * PT_ERR_NOMEM, also if payload ran out of memory; PT_ERR_CRYPTO.
 */
enum pt_err jws_sign(const struct signing_key *key, const char *type, const struct buf *payload,
    struct buf *out);

#endif
