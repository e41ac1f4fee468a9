/*
 * What somebody who is signed in has to show again before an important change: the current
 * password, and a code if a second factor is on. Each attempt is counted as a guess
 * (web/who/guess.h): somebody who only holds a session must not be able to try passwords, or every
 * possible code.
 */
#ifndef PINTLE_WEB_WHO_PROOF_H
#define PINTLE_WEB_WHO_PROOF_H

#include "core/otp.h"
#include "web/who/credential.h"
#include "web/who/guess.h"

struct proof {
	struct slice password;
	struct slice code;
	const struct otp *otp;		/* the user's second factor; NULL: no code is asked for */
	struct otp_proof shown;		/* what the code proved, for the store to spend */
	bool has_code;			/* whether a code was needed, and .shown is set */
	struct guess *guess;		/* memory for the attempt and its refusal */
};

/* The refusal of a wrong current password. */
extern const struct refusal proof_wrong_password;

/* Counts an attempt at a secret of the signed-in user, and refuses it if it is not allowed. */
const struct refusal *proof_count(const struct request *request, const struct credential *who,
    struct guess *guess);

/* Refuses if what was shown is not right; the refusal may point into *proof->guess. */
const struct refusal *proof_demand(const struct request *request, const struct credential *who,
    struct proof *proof);

/* Records a code or password that proved wrong as a failed login, and returns refusal. */
const struct refusal *proof_refuse(const struct request *request, const struct credential *who,
    enum reason reason, const struct refusal *refusal);

#endif
