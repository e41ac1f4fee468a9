/*
 * What a login comes to. Decided by the web from what it has looked at, and once more by the store,
 * inside the transaction that begins the session, from what stands there by then: the user may have
 * been disabled since, or the code spent. Pure. See DESIGN.md, One decision about a login.
 */
#ifndef PINTLE_CORE_LOGIN_H
#define PINTLE_CORE_LOGIN_H

#include "core/reason.h"

/* What came of the code of a second factor. */
enum login_code {
	LOGIN_CODE_WRONG = 0,
	LOGIN_CODE_SPENT,	/* it was right, but used before */
	LOGIN_CODE_STRAY,	/* one came, and there is nothing that it could be the code of */
	LOGIN_CODE_MISSING,	/* none came */
	LOGIN_CODE_GOOD,	/* it is one of the second factor that is on */
	LOGIN_CODE_FIRST,	/* it turns on the second factor that waits for its first code */
};

struct login_facts {
	/* how the person proves who it is, second factor apart: enum login_method */
	uint32_t methods;
	bool limited;		/* there were too many wrong tries: nothing was compared */
	bool known;		/* there is such a user */
	bool disabled;		/* the user may not sign in */
	/* the password is the user's, or what stands in its place is good */
	bool right;
	bool otp_on;		/* the user has a second factor */
	bool otp_required;	/* the user must have one */
	enum login_code code;
};

enum login_result {
	LOGIN_REFUSED = 0,	/* the name or the password is wrong; nobody is told which */
	LOGIN_LIMITED,
	LOGIN_CODE_REFUSED,
	LOGIN_CODE_ASKED,	/* the password is right, and a code is wanted */
	/* the password is right, and a second factor has to be set up first */
	LOGIN_MUST_ENROL,
	LOGIN_GOOD,
};

struct login_decision {
	enum login_result result;
	/* of a refusal, for the log; REASON_NONE: the name or the password is wrong */
	enum reason reason;
	uint32_t methods;	/* of a good one: as the session keeps them */
	/* something that was sent was wrong, so that the try stays counted */
	bool guessed_wrong;
};

struct login_decision login_decide(const struct login_facts *facts);

#endif
