/*
 * Time-based one-time codes (TOTP, RFC 6238, on HOTP, RFC 4226): HMAC-SHA-1, six digits, thirty
 * seconds. Every authenticator app does that, whatever parameters it is given. The caller remembers
 * which codes were used.
 */
#ifndef PINTLE_CRYPTO_TOTP_H
#define PINTLE_CRYPTO_TOTP_H

#include "base/error.h"
#include "base/slice.h"

#define TOTP_SECRET_SIZE 20	/* bytes: the length of the MAC (RFC 4226, 4, R6) */
#define TOTP_PERIOD 30		/* seconds of one step */
#define TOTP_DIGITS 6
/* how many steps early or late are accepted (RFC 6238, 5.2 and 6) */
#define TOTP_SPREAD 1

/*
 * The code of a counter (RFC 4226, 5.3), with at most 9 digits. PT_ERR_CRYPTO if the library fails.
 */
enum pt_err hotp_code(struct slice secret, uint64_t counter, unsigned digits, uint32_t *code);

/* The step at now_s, seconds since 1970. */
uint64_t totp_step(int64_t now_s);

/* Whether typed has the form of a code: six digits, with blanks anywhere. */
bool totp_read(struct slice typed, uint32_t *code);

/*
 * Whether code belongs to the step at now_s, or to one shortly before or after. *step is that step,
 * the latest if several match. Takes the same time for every code.
 */
enum pt_err totp_match(const uint8_t secret[TOTP_SECRET_SIZE], uint32_t code, int64_t now_s,
    uint64_t *step, bool *good);

#endif
