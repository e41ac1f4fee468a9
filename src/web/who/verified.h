/*
 * Remembers access tokens whose signature was verified, so that it is not verified again: by the
 * SHA-256 of the whole token, a bounded number of them, never beyond exp. Only signatures are
 * remembered: whether the session stands is read from the store each time, and whether the key is
 * still in use is checked again. Used by many threads.
 */
#ifndef PINTLE_WEB_WHO_VERIFIED_H
#define PINTLE_WEB_WHO_VERIFIED_H

#include "token/access_token.h"
#include "crypto/random.h"

/* What a verified token says, as far as verify needs it. */
struct verified_token {
	char sid[RANDOM_ID_SIZE];
	char sub[RANDOM_ID_SIZE];
	char kid[SIGNING_KID_SIZE];
	int64_t expires_at;	/* seconds since 1970 */
};

struct verified;

/* Room for about capacity tokens; 0 remembers none. *out is yours, for verified_free. */
enum pt_err verified_new(unsigned capacity, struct verified **out);
void verified_free(struct verified *verified);

/* Whether the token of this digest was verified and has not expired. */
bool verified_find(struct verified *verified, const uint8_t digest[DIGEST_SIZE], int64_t now_s,
    struct verified_token *out);

/* Remembers it, replacing the token of its set that expires first. */
void verified_put(struct verified *verified, const uint8_t digest[DIGEST_SIZE],
    const struct verified_token *token);

#endif
