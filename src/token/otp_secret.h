/*
 * What a second factor is made of: the secret that an authenticator app shares
 * with us, sealed for the database under a key of the master key, and the
 * recovery codes, of which only hashes are kept.
 */
#ifndef PINTLE_TOKEN_OTP_SECRET_H
#define PINTLE_TOKEN_OTP_SECRET_H

#include "base/buf.h"
#include "crypto/aead.h"
#include "crypto/totp.h"
#include "token/keyring.h"

#define OTP_SECRET_LABEL "pintle otp secret v1"
#define OTP_SECRET_SEALED (TOTP_SECRET_SIZE + AEAD_OVERHEAD)

/* Seals a secret for the user of this sub: put into another's record it does not open. */
enum pt_err otp_secret_seal(const struct keyring *ring, struct slice sub, const uint8_t secret[TOTP_SECRET_SIZE],
    uint8_t out[OTP_SECRET_SEALED]);

/* Opens it by the master key or the one before it; *good is false, with out zero, where neither has sealed it. */
enum pt_err otp_secret_open(const struct keyring *ring, struct slice sub, const uint8_t sealed[OTP_SECRET_SEALED],
    uint8_t out[TOTP_SECRET_SIZE], bool *good);

/*
 * Seals what an older master key has sealed anew, in place; *changed says whether it did, *good whether it opens at all. What
 * the present key has sealed stays as it is.
 */
enum pt_err otp_secret_renew(const struct keyring *ring, struct slice sub, uint8_t sealed[OTP_SECRET_SEALED],
    bool *changed, bool *good);

/*
 * Appends the address that an app reads out of the QR code:
 * otpauth://totp/SITE:NAME?secret=...&issuer=SITE, where SITE is the host of the issuer's URL.
 */
void otp_address_put(struct buf *out, struct slice issuer, struct slice name, const uint8_t secret[TOTP_SECRET_SIZE]);

#define RECOVERY_CODE_BYTES 10	/* 80 random bits */
#define RECOVERY_CODE_SIZE 20	/* "abcd-efgh-ijkl-mnop" and NUL */

/* A new code, for the person, and its SHA-256, for the store. Random as it is, it wants no slow hash. */
enum pt_err recovery_code_new(char out[RECOVERY_CODE_SIZE], uint8_t hash[DIGEST_SIZE]);

/* Reads what was typed, in either case, with or without hyphens; *good is false if it has not the form of a code. */
enum pt_err recovery_code_read(struct slice typed, uint8_t hash[DIGEST_SIZE], bool *good);

#endif
