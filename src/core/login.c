#include "core/login.h"

#include "core/records.h"

/* The password is right, so only the user sees the answer: it may say what is still missing. */
static enum login_result
login_by_code(const struct login_facts *facts)
{
	switch (facts->code) {
	case LOGIN_CODE_WRONG:
	case LOGIN_CODE_SPENT:
		return LOGIN_CODE_REFUSED;
	case LOGIN_CODE_STRAY:
	case LOGIN_CODE_MISSING:
		return facts->otp_on ? LOGIN_CODE_ASKED : LOGIN_MUST_ENROL;
	case LOGIN_CODE_GOOD:
		return facts->otp_on ? LOGIN_GOOD : LOGIN_MUST_ENROL;
	case LOGIN_CODE_FIRST:
		/* A login turns on the first one alone: it takes the place of no other. */
		return facts->otp_on ? LOGIN_CODE_REFUSED : LOGIN_GOOD;
	}
	return LOGIN_REFUSED;
}

static enum login_result
login_result_of(const struct login_facts *facts)
{
	if (facts->limited)
		return LOGIN_LIMITED;
	if (!facts->known || facts->disabled || !facts->right)
		return LOGIN_REFUSED;
	/* Whoever else says who a person is asks for the second factor itself. */
	if (!(facts->methods & LOGIN_BY_PASSWORD) || (!facts->otp_on && !facts->otp_required))
		return LOGIN_GOOD;
	return login_by_code(facts);
}

static enum reason
login_reason(const struct login_facts *facts, enum login_result result)
{
	if (result == LOGIN_REFUSED && facts->known && facts->disabled)
		return REASON_USER_DISABLED;
	if (result == LOGIN_CODE_REFUSED)
		return facts->code == LOGIN_CODE_SPENT ? REASON_OTP_SPENT : REASON_OTP_WRONG;
	return REASON_NONE;
}

struct login_decision
login_decide(const struct login_facts *facts)
{
	const enum login_result result = login_result_of(facts);
	const bool showed_code = facts->code == LOGIN_CODE_GOOD || facts->code == LOGIN_CODE_FIRST;
	const bool asked = result == LOGIN_CODE_ASKED || result == LOGIN_MUST_ENROL;

	return (struct login_decision){
		.result = result,
		.reason = login_reason(facts, result),
		.methods = facts->methods | (showed_code ? LOGIN_BY_OTP : 0),
		.guessed_wrong = result == LOGIN_REFUSED || result == LOGIN_CODE_REFUSED ||
		    (asked && facts->code != LOGIN_CODE_MISSING),
	};
}
