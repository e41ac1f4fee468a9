/*
 * What stands between the two steps of a login in pages: that a password was
 * right, shortly ago. Good for nothing but the second step; it names the user and
 * is bound to what must not change meanwhile: password, browser, second factor.
 */
#ifndef PINTLE_TOKEN_LOGIN_TICKET_H
#define PINTLE_TOKEN_LOGIN_TICKET_H

#include "base/base64url.h"
#include "crypto/digest.h"

#define LOGIN_TICKET_BYTES 65	/* version, 8 bytes of user, 8 of time, 32 of binding, 16 of MAC */
#define LOGIN_TICKET_CHARS 87	/* BASE64URL_LEN(65) */
#define LOGIN_TICKET_LABEL "pintle login ticket v1"	/* HKDF info of its MAC key */
#define LOGIN_TICKET_MS (INT64_C(15) * 60 * 1000)	/* to fetch the phone, and to install an app on it */

struct login_ticket {
	uint64_t user_number;
	int64_t made_at_ms;	/* wall clock, milliseconds since 1970 */
	uint8_t binding[DIGEST_SIZE];	/* of what the caller binds it to */
};

/* Writes LOGIN_TICKET_CHARS characters and a NUL. */
enum pt_err login_ticket_format(const struct login_ticket *ticket, const struct mac_key *key,
    char out[LOGIN_TICKET_CHARS + 1]);

/* Reads one. *good is false, with *out zero, unless it has a good MAC and is no older than LOGIN_TICKET_MS, nor of the future. */
enum pt_err login_ticket_parse(struct slice text, const struct mac_key *key, int64_t now_ms, struct login_ticket *out,
    bool *good);

#endif
