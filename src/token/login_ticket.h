/*
 * The ticket between the two steps of a login in pages (DESIGN.md, Tickets between the two steps).
 * It says that a password was right a short while ago, and is valid only for the second step. It
 * names the user and is bound to password, browser and second factor, which must not change
 * meanwhile.
 */
#ifndef PINTLE_TOKEN_LOGIN_TICKET_H
#define PINTLE_TOKEN_LOGIN_TICKET_H

#include "base/base64url.h"
#include "crypto/digest.h"

#define LOGIN_TICKET_BYTES 65	/* version, 8 bytes of user, 8 of time, 32 of binding, 16 of MAC */
#define LOGIN_TICKET_CHARS 87	/* BASE64URL_LEN(65) */
#define LOGIN_TICKET_LABEL "pintle login ticket v1"	/* HKDF info of its MAC key */
/* time to fetch the phone and install an app on it */
#define LOGIN_TICKET_MS (INT64_C(15) * 60 * 1000)

struct login_ticket {
	uint64_t user_number;
	int64_t made_at_ms;	/* wall clock, milliseconds since 1970 */
	uint8_t binding[DIGEST_SIZE];	/* the digest of what the caller binds it to */
};

/* Writes LOGIN_TICKET_CHARS characters and a NUL. */
enum pt_err login_ticket_format(const struct login_ticket *ticket, const struct mac_key *key,
    char out[LOGIN_TICKET_CHARS + 1]);

/*
 * Reads a ticket. *good is false, with *out zero, unless it has a good MAC, is not older than
 * LOGIN_TICKET_MS and not from the future.
 */
enum pt_err login_ticket_parse(struct slice text, const struct mac_key *key, int64_t now_ms,
    struct login_ticket *out, bool *good);

#endif
