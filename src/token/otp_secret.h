/*
 * The parts of a second factor: the secret shared with an authenticator app, which is sealed for
 * the database under a key derived from the master key, and the recovery codes, of which only
 * hashes are stored.
 */
#ifndef PINTLE_TOKEN_OTP_SECRET_H
#define PINTLE_TOKEN_OTP_SECRET_H

#include "base/buf.h"
#include "crypto/aead.h"
#include "crypto/totp.h"
#include "token/keyring.h"

#define OTP_SECRET_LABEL "pintle otp secret v1"
#define OTP_SECRET_SEALED (TOTP_SECRET_SIZE + AEAD_OVERHEAD)

/* Seals a secret for the user with this sub; it does not open in another user's record. */
enum pt_err otp_secret_seal(const struct keyring *ring, struct slice sub,
    const uint8_t secret[TOTP_SECRET_SIZE], uint8_t out[OTP_SECRET_SEALED]);

/*
 * Opens it with the present or the previous master key; *good is false, with out zero, if neither
 * sealed it.
 */
enum pt_err otp_secret_open(const struct keyring *ring, struct slice sub,
    const uint8_t sealed[OTP_SECRET_SEALED], uint8_t out[TOTP_SECRET_SIZE], bool *good);

/*
 * Seals a secret anew, in place, if an older master key sealed it. *changed says whether it did,
 * *good whether the secret opens at all.
 */
enum pt_err otp_secret_renew(const struct keyring *ring, struct slice sub,
    uint8_t sealed[OTP_SECRET_SEALED], bool *changed, bool *good);

/*
 * Appends the address that an app reads from the QR code:
 * otpauth://totp/SITE:NAME?secret=...&issuer=SITE, where SITE is the host of the issuer's URL.
 */
void otp_address_put(struct buf *out, struct slice issuer, struct slice name,
    const uint8_t secret[TOTP_SECRET_SIZE]);

#define RECOVERY_CODE_BYTES 10	/* 80 random bits */
#define RECOVERY_CODE_SIZE 20	/* "abcd-efgh-ijkl-mnop" and NUL */

/*
 * Makes a code, for the person, and its SHA-256, for the store (DESIGN.md, Recovery codes need no
 * slow hash).
 */
enum pt_err recovery_code_new(char out[RECOVERY_CODE_SIZE], uint8_t hash[DIGEST_SIZE]);

/*
 * Reads a typed code, in either case, with or without hyphens; *good is false if it does not have
 * the form of a code.
 */
enum pt_err recovery_code_read(struct slice typed, uint8_t hash[DIGEST_SIZE], bool *good);

#endif
