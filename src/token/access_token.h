/*
 * The access token: a JWT (RFC 7519) as in RFC 9068, in compact form (RFC 7515, 3.1). See
 * DESIGN.md, ES256 has two signatures.
 */
#ifndef PINTLE_TOKEN_ACCESS_TOKEN_H
#define PINTLE_TOKEN_ACCESS_TOKEN_H

#include "base/json.h"
#include "token/keyring.h"

#define ACCESS_TOKEN_MAX 8192	/* characters; longer texts are refused unread */
/* seconds: tolerance for other clocks that run ahead; iat and nbf only */
#define ACCESS_TOKEN_LEEWAY INT64_C(60)
/* seconds: a token with a longer life is not ours, whoever signed it */
#define ACCESS_TOKEN_MAX_LIFE INT64_C(86400)

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
	/* status.status_list.uri: the address of its status list; empty: no such claim */
	struct slice status_list;
	int64_t status_index;		/* status.status_list.idx */
};

/*
 * Writes the status claim: the token's place in the status list (draft-ietf-oauth-status-list,
 * 6.1).
 */
void access_status_put(struct json_writer *w, const struct access_claims *claims);

/*
 * Signs with the key for claims->issued_at and appends the compact form. PT_ERR_CRYPTO if there is
 * no such key.
 */
enum pt_err access_token_sign(const struct keyring *ring, const struct access_claims *claims,
    struct buf *out);

/*
 * Why a token was refused; for the log, never for the client (DESIGN.md, Why a token was refused is
 * logged, never answered). Zero: not examined.
 */
enum access_verdict {
	ACCESS_UNSEEN = 0, ACCESS_GOOD, ACCESS_MALFORMED, ACCESS_BAD_HEADER, ACCESS_WRONG_TYPE,
	ACCESS_UNKNOWN_KEY, ACCESS_WRONG_ALG, ACCESS_BAD_SIGNATURE, ACCESS_BAD_CLAIMS,
	ACCESS_WRONG_ISSUER,
	ACCESS_WRONG_AUDIENCE, ACCESS_EXPIRED, ACCESS_NOT_YET,
};
const char *access_verdict_name(enum access_verdict verdict);

/* A token that was read; it owns its text. */
struct access_token {
	struct access_claims claims;	/* slices into text, which it owns */
	char key_id[SIGNING_KID_SIZE];	/* the id of the key that verified it */
	struct buf text;
};

/*
 * Reads and verifies a token (RFC 8725; RFC 9068, 4). It accepts only the algorithm of the key that
 * kid names, if that has not retired, and typ at+jwt; it refuses a header with crit, b64, zip, enc,
 * jwk, jku, x5u, x5c or x5t. Every claim above except status is required, with its type, and whole
 * if it is a time; iss and aud exactly as expected; now_s before exp, and at most 60 s before iat
 * and nbf. If the verdict is ACCESS_GOOD, free *out with access_token_free; otherwise it is empty.
 * Only memory or the library can fail: whatever a stranger sends leads to a verdict.
 */
enum pt_err access_token_verify(const struct keyring *ring, struct slice text, struct slice issuer,
    struct slice audience, int64_t now_s, struct access_token *out, enum access_verdict *verdict);
void access_token_free(struct access_token *token);

#endif
