#include "core/otp.h"

#include <string.h>

#include "base/secret.h"
#include "core/username.h"

bool
otp_is_required(struct slice groups, struct slice required)
{
	return slice_eq(required, SLICE(OTP_EVERYBODY)) || groups_share(groups, required);
}

static bool
spend_code(struct otp *otp, const struct otp_proof *proof)
{
	/* The secret differs: the user enrolled anew while the code was being checked. */
	if (!secret_eq(otp->sealed, proof->sealed, sizeof(otp->sealed)) ||
	    proof->step <= otp->last_step)
		return false;
	otp->last_step = proof->step;
	return true;
}

static bool
recovery_is_spent(const uint8_t hash[DIGEST_SIZE])
{
	static const uint8_t nothing[DIGEST_SIZE];

	return memcmp(hash, nothing, DIGEST_SIZE) == 0;
}

static bool
spend_recovery(struct otp *otp, const struct otp_proof *proof)
{
	uint8_t *found = NULL;

	if (recovery_is_spent(proof->hash))
		return false;
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		if (secret_eq(otp->recovery[i], proof->hash, DIGEST_SIZE))
			found = otp->recovery[i];
	if (found)
		memset(found, 0, DIGEST_SIZE);
	return found != NULL;
}

bool
otp_spend(struct otp *otp, const struct otp_proof *proof)
{
	if (!otp->on)
		return false;
	switch (proof->kind) {
	case OTP_PROOF_NONE:
		return false;
	case OTP_PROOF_CODE:
		return spend_code(otp, proof);
	case OTP_PROOF_RECOVERY:
		return spend_recovery(otp, proof);
	}
	return false;
}

bool
otp_is_pending(const struct otp *otp, int64_t now_ms)
{
	return otp->pending_at != 0 && now_ms >= otp->pending_at &&
	    now_ms - otp->pending_at <= OTP_PENDING_MS;
}

bool
otp_confirm(struct otp *otp, const struct otp_enrolment *enrolment, int64_t now_ms)
{
	if (!otp_is_pending(otp, now_ms) ||
	    !secret_eq(otp->pending, enrolment->sealed, sizeof(otp->pending)))
		return false;
	otp->on = true;
	memcpy(otp->sealed, enrolment->sealed, sizeof(otp->sealed));
	otp->last_step = enrolment->step;
	memcpy(otp->recovery, enrolment->recovery, sizeof(otp->recovery));
	otp->enrolled_at = otp->recovery_at = now_ms;
	memset(otp->pending, 0, sizeof(otp->pending));
	otp->pending_at = 0;
	return true;
}

/* Removes the codes that are not also in among. */
static void
keep_recovery(struct otp *otp, const struct otp *among)
{
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++) {
		bool kept = false;

		for (size_t j = 0; j < OTP_RECOVERY_CODES; j++)
			kept |= secret_eq(otp->recovery[i], among->recovery[j], DIGEST_SIZE);
		if (!kept)
			memset(otp->recovery[i], 0, DIGEST_SIZE);
	}
}

/* next is the imported one, with the same secret as *otp. */
static void
merge(const struct otp *otp, struct otp *next)
{
	/* An import file has whole seconds. */
	const int64_t here = otp->recovery_at / 1000, there = next->recovery_at / 1000;

	next->enrolled_at = otp->enrolled_at;
	if (next->last_step < otp->last_step)
		next->last_step = otp->last_step;
	if (there > here)
		return;
	if (there == here)
		keep_recovery(next, otp);
	else
		memcpy(next->recovery, otp->recovery, sizeof(next->recovery));
	next->recovery_at = otp->recovery_at;
}

bool
otp_move_in(struct otp *otp, const struct otp *newcomer)
{
	struct otp next = *newcomer;
	bool same = otp->on && secret_eq(otp->sealed, newcomer->sealed, sizeof(otp->sealed));

	next.user_number = otp->user_number;
	memset(next.pending, 0, sizeof(next.pending));
	next.pending_at = 0;
	if (same)
		merge(otp, &next);
	if (same && next.last_step == otp->last_step && next.recovery_at == otp->recovery_at &&
	    otp_recovery_left(&next) == otp_recovery_left(otp))
		return false;
	*otp = next;
	return true;
}

unsigned
otp_recovery_left(const struct otp *otp)
{
	unsigned left = 0;

	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		left += !recovery_is_spent(otp->recovery[i]);
	return left;
}
