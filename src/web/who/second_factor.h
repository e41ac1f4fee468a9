/*
 * The second factor in a request: what the typed code proves, secrets made and
 * opened. Comes only after the password is right: what is said here would tell
 * whoever does not know it. What is spent is spent by the store, in its transaction.
 */
#ifndef PINTLE_WEB_WHO_SECOND_FACTOR_H
#define PINTLE_WEB_WHO_SECOND_FACTOR_H

#include "core/login.h"
#include "token/otp_secret.h"
#include "web/http/refusal.h"
#include "web/http/request.h"

/* Recovery codes as the person sees them, once. Wipe when done. */
struct recovery_codes {
	char text[OTP_RECOVERY_CODES][RECOVERY_CODE_SIZE];
};

/* What a login finds of it: the facts for login_decide, and what the store is to spend or turn on. */
struct second_factor {
	bool required;
	enum login_code code;
	bool unreadable;		/* the code is wrong, and by these keys no code of an app can be right */
	struct otp otp;			/* as it was found; zero: none */
	struct otp_proof proof;		/* of LOGIN_CODE_GOOD; else of kind OTP_PROOF_NONE */
	struct otp_enrolment enrolment;	/* of LOGIN_CODE_FIRST, */
	struct recovery_codes codes;	/* with these */
};

/* Who must have one cannot remove it either. */
bool second_factor_required(const struct request *request, const struct user *user);

/*
 * What a code says about the second factor that is on: *reason is REASON_NONE if it is good as far as can be seen
 * before it is spent; then *proof is for the store. An app's code and a recovery code are taken alike.
 */
enum pt_err second_factor_check(const struct request *request, const struct user *user, const struct otp *otp,
    struct slice code, struct otp_proof *proof, enum reason *reason);

/* Whether the keys of the site open the secret of the second factor that is on. */
enum pt_err second_factor_opens(const struct request *request, const struct user *user, const struct otp *otp,
    bool *opens);

/* Looks at what a login by password shows, code being what was typed (empty: nothing). Wipe *out when done. */
enum pt_err second_factor_look(const struct request *request, const struct user *user, struct slice code,
    struct second_factor *out);

/* Makes a secret and hands it out; *otp is as it stands then. proof as of store_otp_begin. */
enum pt_err second_factor_begin(const struct request *request, const struct user *user, const struct otp_proof *proof,
    uint8_t secret[TOTP_SECRET_SIZE], struct otp *otp, bool *done);

/* The secret that was handed out and waits; *good is false where none does or it does not open. */
enum pt_err second_factor_pending(const struct request *request, const struct user *user, const struct otp *otp,
    uint8_t secret[TOTP_SECRET_SIZE], bool *good);

/* Holds the first code to the secret that waits; if it is right, the enrolment and its recovery codes are made. */
enum pt_err second_factor_first(const struct request *request, const struct user *user, const struct otp *otp,
    struct slice code, struct otp_enrolment *enrolment, struct recovery_codes *codes, bool *good);

/* Ten new codes and their hashes. */
enum pt_err recovery_codes_make(struct recovery_codes *codes, uint8_t hashes[OTP_RECOVERY_CODES][DIGEST_LEN]);

/* {"error": "otp_required"}: what a missing and a wrong code look like at a login (401) and in a session (403). */
struct second_factor_refusals {
	struct refusal missing, wrong, unreadable;
};
extern const struct second_factor_refusals second_factor_at_login, second_factor_in_session;

#endif
