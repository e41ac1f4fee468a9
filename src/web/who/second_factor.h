/*
 * The second factor in a request: what a typed code proves; making and opening secrets. Used only
 * after the password was right, because the answers would help somebody who does not know it. Codes
 * are spent by the store, in its transaction.
 */
#ifndef PINTLE_WEB_WHO_SECOND_FACTOR_H
#define PINTLE_WEB_WHO_SECOND_FACTOR_H

#include "core/login.h"
#include "token/otp_secret.h"
#include "web/http/refusal.h"
#include "web/http/request.h"

/* Recovery codes as the person sees them, which happens once. Wipe when done. */
struct recovery_codes {
	char text[OTP_RECOVERY_CODES][RECOVERY_CODE_SIZE];
};

/*
 * What a login finds out about it: the facts for login_decide, and what the store is to spend or
 * turn on.
 */
struct second_factor {
	bool required;
	enum login_code code;
	/* the code is wrong, and with these keys no code from an app can be right */
	bool unreadable;
	struct otp otp;			/* as it was found; all zero: there is none */
	/* for LOGIN_CODE_GOOD; otherwise its kind is OTP_PROOF_NONE */
	struct otp_proof proof;
	struct otp_enrolment enrolment;	/* for LOGIN_CODE_FIRST, */
	struct recovery_codes codes;	/* together with these */
};

/* Whether the user must have a second factor, and so cannot remove it. */
bool second_factor_required(const struct request *request, const struct user *user);

/*
 * Checks a code against the second factor that is on. *reason is REASON_NONE if the code is good as
 * far as can be seen before it is spent, and *proof is for the store then. Codes from an app and
 * recovery codes are accepted alike.
 */
enum pt_err second_factor_check(const struct request *request, const struct user *user,
    const struct otp *otp, struct slice code, struct otp_proof *proof, enum reason *reason);

/* Whether the site's keys open the secret of the second factor that is on. */
enum pt_err second_factor_opens(const struct request *request, const struct user *user,
    const struct otp *otp, bool *opens);

/*
 * Examines what a login by password shows; code is what was typed (empty: nothing). Wipe *out when
 * done.
 */
enum pt_err second_factor_look(const struct request *request, const struct user *user,
    struct slice code, struct second_factor *out);

/*
 * Makes a new pending secret; *otp is the record afterwards. proof and *result are those of
 * store_otp_begin.
 */
enum pt_err second_factor_begin(const struct request *request, const struct user *user,
    const struct otp_proof *proof, uint8_t secret[TOTP_SECRET_SIZE], struct otp *otp,
    enum store_change *result);

/* The pending secret; *good is false if there is none or it does not open. */
enum pt_err second_factor_pending(const struct request *request, const struct user *user,
    const struct otp *otp, uint8_t secret[TOTP_SECRET_SIZE], bool *good);

/*
 * Compares the first code with the pending secret; if it is right, makes the enrolment and its
 * recovery codes.
 */
enum pt_err second_factor_first(const struct request *request, const struct user *user,
    const struct otp *otp,
    struct slice code, struct otp_enrolment *enrolment, struct recovery_codes *codes, bool *good);

/* Makes ten new codes and their hashes. */
enum pt_err second_factor_make_codes(struct recovery_codes *codes,
    uint8_t hashes[OTP_RECOVERY_CODES][DIGEST_SIZE]);

/*
 * The refusals of a missing and of a wrong code, "otp_required": at a login (401) and in a session
 * (403).
 */
struct second_factor_refusals {
	struct refusal missing, wrong, unreadable;
};
extern const struct second_factor_refusals second_factor_at_login, second_factor_in_session;

#endif
