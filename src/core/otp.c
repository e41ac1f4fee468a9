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
	/* Another secret: it was enrolled anew while the code was looked at. */
	if (!secret_eq(otp->sealed, proof->sealed, sizeof(otp->sealed)) || proof->step <= otp->last_step)
		return false;
	otp->last_step = proof->step;
	return true;
}

static bool
recovery_is_spent(const uint8_t hash[DIGEST_LEN])
{
	static const uint8_t nothing[DIGEST_LEN];

	return memcmp(hash, nothing, DIGEST_LEN) == 0;
}

static bool
spend_recovery(struct otp *otp, const struct otp_proof *proof)
{
	uint8_t *found = NULL;

	if (recovery_is_spent(proof->hash))
		return false;
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		if (secret_eq(otp->recovery[i], proof->hash, DIGEST_LEN))
			found = otp->recovery[i];
	if (found)
		memset(found, 0, DIGEST_LEN);
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
	return otp->pending_at != 0 && now_ms >= otp->pending_at && now_ms - otp->pending_at <= OTP_PENDING_MS;
}

bool
otp_confirm(struct otp *otp, const struct otp_enrolment *enrolment, int64_t now_ms)
{
	if (!otp_is_pending(otp, now_ms) || !secret_eq(otp->pending, enrolment->sealed, sizeof(otp->pending)))
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

unsigned
otp_recovery_left(const struct otp *otp)
{
	unsigned left = 0;

	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		left += !recovery_is_spent(otp->recovery[i]);
	return left;
}
