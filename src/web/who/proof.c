#include "web/who/proof.h"

#include "core/password_policy.h"
#include "web/who/hashing.h"
#include "web/who/second_factor.h"

const struct refusal proof_wrong_password = {
	.status = 403, .error = "invalid_credentials", .text = "The current password is wrong.",
};

static struct guess_at
proof_at(const struct credential *who)
{
	return (struct guess_at){
		.name = slice_of(who->user.name), .user = &who->user, .session = &who->session,
	};
}

const struct refusal *
proof_count(const struct request *request, const struct credential *who, struct guess *guess)
{
	const struct guess_at at = proof_at(who);

	return guess_demand(request, &at, guess);
}

const struct refusal *
proof_refuse(const struct request *request, const struct credential *who, enum reason reason,
    const struct refusal *refusal)
{
	const struct guess_at at = proof_at(who);
	enum pt_err err = guess_tell_wrong(request, &at, reason);

	return err == PT_OK ? refusal : refusal_failed(err);
}

static const struct refusal *
proof_password(const struct request *request, const struct credential *who,
    const struct proof *proof)
{
	bool good = false, weaker;
	enum pt_err err = PT_OK;

	/* Nothing longer than any password is hashed. */
	if (proof->password.len > 0 && proof->password.len <= PASSWORD_MAX_BYTES)
		err = hashing_check(request, proof->password, &who->user, &good, &weaker);
	if (err != PT_OK || good)
		return refusal_failed(err);
	return proof_refuse(request, who, REASON_NONE, &proof_wrong_password);
}

static const struct refusal *
proof_code(const struct request *request, const struct credential *who, struct proof *proof)
{
	const struct second_factor_refusals *refusals = &second_factor_in_session;
	enum reason reason;
	bool opens;
	enum pt_err err;

	if (proof->code.len == 0)
		return &refusals->missing;
	err = second_factor_check(request, &who->user, proof->otp, proof->code, &proof->shown,
	    &reason);
	proof->has_code = err == PT_OK && reason == REASON_NONE;
	if (err != PT_OK || proof->has_code)
		return refusal_failed(err);
	err = second_factor_opens(request, &who->user, proof->otp, &opens);
	if (err != PT_OK)
		return refusal_failed(err);
	return proof_refuse(request, who, reason, opens ? &refusals->wrong : &refusals->unreadable);
}

const struct refusal *
proof_demand(const struct request *request, const struct credential *who, struct proof *proof)
{
	const struct refusal *refusal = proof_count(request, who, proof->guess);

	if (refusal)
		return refusal;
	refusal = proof_password(request, who, proof);
	if (refusal == NULL && proof->otp && proof->otp->on)
		refusal = proof_code(request, who, proof);
	/*
	 * A right password without its code was not a wrong guess, and after a failure nothing was
	 * compared.
	 */
	guess_end(request, proof->guess,
	    refusal && !refusal->failure && refusal != &second_factor_in_session.missing);
	return refusal;
}
