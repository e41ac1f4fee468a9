#include "web/who/second_factor.h"

#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "core/otp.h"

_Static_assert(OTP_SECRET_SEALED == OTP_SEALED_SIZE, "the record has room for what is sealed");

const struct refusal second_factor_missing = {
	.status = 401, .error = "otp_required", .text = "A code of your authenticator app is wanted, or a recovery code.",
};
const struct refusal second_factor_wrong = {
	.status = 401, .error = "otp_required", .text = "The code is not right, or it was used already: wait for the next one.",
};

const struct refusal second_factor_unreadable = {
	.status = 401, .error = "otp_required", .text = "Codes of your app cannot be checked at present: use a recovery code, "
	    "or ask an administrator for a new second factor.",
};

bool
second_factor_required(const struct request *request, const struct user *user)
{
	return otp_is_required(slice_of(user->groups), slice_of(request->app->settings->otp_required));
}

/* Opens a secret of the record. One that does not open is no code's: recovery codes are good all the same. */
static enum pt_err
secret_open(const struct request *request, const struct user *user, const uint8_t sealed[OTP_SEALED_SIZE],
    uint8_t out[TOTP_SECRET_SIZE], bool *good)
{
	enum pt_err err = otp_secret_open(request->keys, slice_of(user->sub), sealed, out, good);

	if (err == PT_OK && !*good)
		LOG(LOG_LEVEL_ERROR, "otp_secret_unreadable", LOG_STR("request_id", request->request_id),
		    LOG_STR("user", user->sub), LOG_STR("advice", "it was made under another master key; pintle check says what helps"));
	return err;
}

enum pt_err
second_factor_opens(const struct request *request, const struct user *user, const struct otp *otp, bool *opens)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	enum pt_err err = otp_secret_open(request->keys, slice_of(user->sub), otp->sealed, secret, opens);

	secret_wipe(secret, sizeof(secret));
	return err;
}

/* Holds what was typed to a secret. */
static enum pt_err
code_match(const struct request *request, const struct user *user, const uint8_t sealed[OTP_SEALED_SIZE],
    struct slice typed, uint64_t *step, bool *good)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	uint32_t code;
	enum pt_err err;

	*good = false;
	if (!totp_read(typed, &code))
		return PT_OK;
	err = secret_open(request, user, sealed, secret, good);
	if (err == PT_OK && *good)
		err = totp_match(secret, code, clock_now().wall_ms / 1000, step, good);
	secret_wipe(secret, sizeof(secret));
	return err;
}

enum pt_err
second_factor_check(const struct request *request, const struct user *user, const struct otp *otp, struct slice code,
    struct otp_proof *proof, enum reason *reason)
{
	struct otp trial = *otp;
	bool good = false;
	enum pt_err err;

	*proof = (struct otp_proof){ .kind = OTP_PROOF_CODE };
	*reason = REASON_OTP_WRONG;
	memcpy(proof->sealed, otp->sealed, sizeof(proof->sealed));
	err = code_match(request, user, otp->sealed, code, &proof->step, &good);
	if (err == PT_OK && !good) {
		proof->kind = OTP_PROOF_RECOVERY;
		err = recovery_code_read(code, proof->hash, &good);
	}
	if (err != PT_OK || !good)
		return err;
	/* A recovery code that was spent is not there any more: nothing tells it from a wrong one. */
	if (otp_spend(&trial, proof))
		*reason = REASON_NONE;
	else if (proof->kind == OTP_PROOF_CODE)
		*reason = REASON_OTP_SPENT;
	return PT_OK;
}

/* Of who must have one and has none: a code can only be the first for the secret that waits. */
static enum pt_err
decide_enrolment(const struct request *request, const struct user *user, struct slice code, struct second_factor *out)
{
	bool good;
	enum pt_err err;

	out->step = SECOND_FACTOR_ENROL;
	if (code.len == 0 || !otp_is_pending(&out->otp, clock_now().wall_ms))
		return PT_OK;
	err = second_factor_first(request, user, &out->otp, code, &out->enrolment, &out->codes, &good);
	if (err != PT_OK)
		return err;
	out->enrols = good;
	out->step = good ? SECOND_FACTOR_PASSED : SECOND_FACTOR_REFUSED;
	out->reason = good ? REASON_NONE : REASON_OTP_WRONG;
	return PT_OK;
}

enum pt_err
second_factor_decide(const struct request *request, const struct user *user, struct slice code,
    struct second_factor *out)
{
	bool found;
	enum pt_err err;

	memset(out, 0, sizeof(*out));
	err = store_otp_get(request->app->store, user->number, &out->otp, &found);
	if (err != PT_OK)
		return err;
	if (!out->otp.on && second_factor_required(request, user))
		return decide_enrolment(request, user, code, out);
	if (!out->otp.on || code.len == 0) {
		out->step = out->otp.on ? SECOND_FACTOR_ASKED : SECOND_FACTOR_PASSED;
		return PT_OK;
	}
	err = second_factor_check(request, user, &out->otp, code, &out->proof, &out->reason);
	if (err == PT_OK && out->reason == REASON_NONE)
		out->step = SECOND_FACTOR_PASSED;
	if (err != PT_OK || out->step == SECOND_FACTOR_PASSED)
		return err;
	bool opens = true;

	err = second_factor_opens(request, user, &out->otp, &opens);
	out->unreadable = !opens;
	return err;
}

enum pt_err
second_factor_begin(const struct request *request, const struct user *user, const struct otp_proof *proof,
    uint8_t secret[TOTP_SECRET_SIZE], struct otp *otp, bool *done)
{
	struct store_caller caller = request_caller(request);
	uint8_t sealed[OTP_SEALED_SIZE];
	bool found;
	enum pt_err err = random_bytes(secret, TOTP_SECRET_SIZE);

	*done = false;
	if (err == PT_OK)
		err = otp_secret_seal(request->keys, slice_of(user->sub), secret, sealed);
	if (err == PT_OK)
		err = store_otp_begin(request->app->store, &caller, user->number, sealed, proof, done);
	return err == PT_OK ? store_otp_get(request->app->store, user->number, otp, &found) : err;
}

enum pt_err
second_factor_pending(const struct request *request, const struct user *user, const struct otp *otp,
    uint8_t secret[TOTP_SECRET_SIZE], bool *good)
{
	*good = otp_is_pending(otp, clock_now().wall_ms);
	return *good ? secret_open(request, user, otp->pending, secret, good) : PT_OK;
}

enum pt_err
second_factor_first(const struct request *request, const struct user *user, const struct otp *otp, struct slice code,
    struct otp_enrolment *enrolment, struct recovery_codes *codes, bool *good)
{
	enum pt_err err;

	memcpy(enrolment->sealed, otp->pending, sizeof(enrolment->sealed));
	*good = otp_is_pending(otp, clock_now().wall_ms);
	if (!*good)
		return PT_OK;
	err = code_match(request, user, otp->pending, code, &enrolment->step, good);
	return err == PT_OK && *good ? recovery_codes_make(codes, enrolment->recovery) : err;
}

enum pt_err
recovery_codes_make(struct recovery_codes *codes, uint8_t hashes[OTP_RECOVERY_CODES][DIGEST_LEN])
{
	enum pt_err err = PT_OK;

	for (size_t i = 0; i < OTP_RECOVERY_CODES && err == PT_OK; i++)
		err = recovery_code_new(codes->text[i], hashes[i]);
	return err;
}
