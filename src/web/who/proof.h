/*
 * What somebody who is signed in shows once more before something weighty: the current password,
 * and a code where a second factor is on. Each try is counted as a guess (web/who/guess.h), for
 * whoever holds a session alone must not try passwords, or all codes there are.
 */
#ifndef PINTLE_WEB_WHO_PROOF_H
#define PINTLE_WEB_WHO_PROOF_H

#include "core/otp.h"
#include "web/who/credential.h"
#include "web/who/guess.h"

struct proof {
	struct slice password;
	struct slice code;
	const struct otp *otp;		/* the user's second factor; NULL: none is asked for */
	struct otp_proof shown;		/* what the code proves, for the store to spend */
	bool has_code;			/* whether there is such a proof: one is on */
	struct guess *guess;		/* memory for the try, and for its refusal */
};

/* What a wrong current password looks like. */
extern const struct refusal proof_wrong_password;

/* Counts a try at a secret of who is signed in, and refuses it if it may not be made. */
const struct refusal *proof_count(const struct request *request, const struct credential *who, struct guess *guess);

/* Refuses what was shown where it is not right; it may point into *proof->guess. */
const struct refusal *proof_demand(const struct request *request, const struct credential *who, struct proof *proof);

/* A code or password that was wrong after all: told as a failed login, and refused as said. */
const struct refusal *proof_refuse(const struct request *request, const struct credential *who, enum reason reason,
    const struct refusal *refusal);

#endif
