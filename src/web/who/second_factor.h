/*
 * The second factor in a request: what the typed code proves, secrets made and
 * opened. Comes only after the password is right: what is said here would tell
 * whoever does not know it. What is spent is spent by the store, in its transaction.
 */
#ifndef PINTLE_WEB_WHO_SECOND_FACTOR_H
#define PINTLE_WEB_WHO_SECOND_FACTOR_H

#include "token/otp_secret.h"
#include "web/http/answer.h"
#include "web/http/request.h"

/* Recovery codes as the person sees them, once. Wipe when done. */
struct recovery_codes {
	char text[OTP_RECOVERY_CODES][RECOVERY_CODE_SIZE];
};

enum second_factor_step {
	SECOND_FACTOR_REFUSED = 0,	/* the code is not right; .reason */
	SECOND_FACTOR_ASKED,		/* one is on, and no code came */
	SECOND_FACTOR_ENROL,		/* there must be one, and none is on */
	SECOND_FACTOR_PASSED,		/* none is wanted, or .proof or .enrolment will do, if the store agrees */
};

struct second_factor {
	enum second_factor_step step;
	enum reason reason;
	bool unreadable;		/* refused, and by these keys no code of an app can be good */
	struct otp otp;			/* as it was found; zero: none */
	struct otp_proof proof;		/* of kind OTP_PROOF_NONE where none is wanted */
	bool enrols;			/* the login turns one on: */
	struct otp_enrolment enrolment;
	struct recovery_codes codes;
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

/* What a login by password comes to, code being what was typed (empty: nothing). Wipe *out when done. */
enum pt_err second_factor_decide(const struct request *request, const struct user *user, struct slice code,
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

/* {"error": "otp_required"}, 401 at a login, 403 in a session: what a missing and a wrong code look like. */
extern const struct refusal second_factor_missing, second_factor_wrong, second_factor_unreadable;

#endif
