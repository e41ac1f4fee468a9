/*
 * The access token: a JWT (RFC 7519) in the manner of RFC 9068, in compact form
 * (RFC 7515, 3.1).
 */
#ifndef PINTLE_TOKEN_ACCESS_TOKEN_H
#define PINTLE_TOKEN_ACCESS_TOKEN_H

#include "base/json.h"
#include "token/keyring.h"

#define ACCESS_TOKEN_MAX 8192	/* characters that are looked at at all */
#define ACCESS_TOKEN_LEEWAY INT64_C(60)	/* seconds: for clocks of others that run ahead; iat and nbf only */
#define ACCESS_TOKEN_MAX_LIFE INT64_C(86400)	/* seconds: what lives longer is not ours, whoever signed it */

/* What a token says. Slices are borrowed for the call when signing. Times in seconds since 1970. */
struct access_claims {
	struct slice issuer;
	struct slice audience;
	struct slice subject;		/* sub: the user's random id */
	struct slice session_id;	/* sid */
	struct slice client_id;
	struct slice token_id;		/* jti */
	struct slice username;		/* preferred_username */
	struct slice groups;		/* comma-separated here, an array in the token */
	struct slice amr;		/* comma-separated here, an array in the token (RFC 8176) */
	int64_t issued_at;
	int64_t expires_at;
	int64_t auth_time;
	struct slice status_list;	/* status.status_list.uri: where the list is that tells of it; empty: no such claim */
	int64_t status_index;		/* status.status_list.idx */
};

/* Writes the claim status: where the status list tells of the token (draft-ietf-oauth-status-list, 6.1). */
void access_status_put(struct json_writer *w, const struct access_claims *claims);

/* Signs with the key that signs at claims->issued_at; appends the compact form. PT_ERR_CRYPTO if there is none. */
enum pt_err access_token_sign(const struct keyring *ring, const struct access_claims *claims, struct buf *out);

/* Why a token was not taken; for the log, never for the client. Zero: not looked at. */
enum access_verdict {
	ACCESS_UNSEEN = 0, ACCESS_GOOD, ACCESS_MALFORMED, ACCESS_BAD_HEADER, ACCESS_WRONG_TYPE,
	ACCESS_UNKNOWN_KEY, ACCESS_WRONG_ALG, ACCESS_BAD_SIGNATURE, ACCESS_BAD_CLAIMS, ACCESS_WRONG_ISSUER,
	ACCESS_WRONG_AUDIENCE, ACCESS_EXPIRED, ACCESS_NOT_YET,
};
const char *access_verdict_name(enum access_verdict verdict);

/* A token that was read, owning its text. */
struct access_token {
	struct access_claims claims;	/* slices into text, which it owns */
	char key_id[SIGNING_KID_SIZE];	/* of the key that verified it */
	struct buf text;
};

/*
 * Reads and verifies (RFC 8725; RFC 9068, 4): only the algorithm of the key that
 * kid names, unless it has retired; typ at+jwt; a header with crit, b64, zip,
 * enc, jwk, jku, x5u, x5c or x5t is refused; every claim above is required but
 * status, of its type, and whole where it is a time; iss and aud exactly as expected; now_s
 * before exp, and not before iat and nbf by more than 60 s. *out is yours when
 * the verdict is ACCESS_GOOD, for access_token_free; else it is empty. A failure
 * is of memory or of the library: whatever a stranger sends is a verdict.
 */
enum pt_err access_token_verify(const struct keyring *ring, struct slice text, struct slice issuer,
    struct slice audience, int64_t now_s, struct access_token *out, enum access_verdict *verdict);
void access_token_free(struct access_token *token);

#endif
