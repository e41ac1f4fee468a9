/*
 * The gate cookie's value: the session that a navigation belongs to. It is valid only at verify,
 * which checks the session's standing anyway. It names the session, says when it was made, and has
 * a MAC under a key label of its own, so that it cannot pass for another kind of token, nor another
 * kind for it.
 */
#ifndef PINTLE_TOKEN_GATE_TOKEN_H
#define PINTLE_TOKEN_GATE_TOKEN_H

#include "base/base64url.h"
#include "crypto/digest.h"
#include "crypto/random.h"

#define GATE_TOKEN_BYTES 41	/* version, 16 bytes of sid, 8 of time, 16 of MAC */
#define GATE_TOKEN_CHARS 55	/* BASE64URL_LEN(41) */
#define GATE_TOKEN_LABEL "pintle gate cookie v1"	/* HKDF info of its MAC key */

struct gate_token {
	char sid[RANDOM_ID_SIZE];	/* the session's public id */
	int64_t made_at_ms;		/* wall clock, milliseconds since 1970 */
};

/* Writes GATE_TOKEN_CHARS characters and a NUL. PT_ERR_INVALID if sid is not one of our ids. */
enum pt_err gate_token_format(const struct gate_token *token, const struct mac_key *key,
    char out[GATE_TOKEN_CHARS + 1]);

/*
 * Reads a value made with one of the count keys. *good is false, with *out zero, for anything but
 * such a value with a good MAC. The caller checks its age and whether its session stands.
 */
enum pt_err gate_token_parse(struct slice text, const struct mac_key *const *keys, size_t count,
    struct gate_token *out, bool *good);

#endif
