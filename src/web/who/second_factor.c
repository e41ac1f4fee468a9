#include "web/who/second_factor.h"

#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "core/otp.h"

_Static_assert(OTP_SECRET_SEALED == OTP_SEALED_SIZE, "the record has room for what is sealed");

#define CODE_MISSING "Enter a code from your authenticator app or a recovery code."
#define CODE_WRONG "That code is wrong or already used. Try the next one, and check that your " \
	"phone sets its clock automatically."
#define CODE_UNREADABLE "Codes from your authenticator app cannot be checked at the moment. " \
	"Use a recovery code, or ask an administrator to reset your two-step sign-in."

const struct second_factor_refusals second_factor_at_login = {
	.missing = { .status = 401, .error = "otp_required", .text = CODE_MISSING, .asks = true },
	.wrong = { .status = 401, .error = "otp_required", .text = CODE_WRONG },
	.unreadable = { .status = 401, .error = "otp_required", .text = CODE_UNREADABLE },
};
const struct second_factor_refusals second_factor_in_session = {
	.missing = { .status = 403, .error = "otp_required", .text = CODE_MISSING },
	.wrong = { .status = 403, .error = "otp_required", .text = CODE_WRONG },
	.unreadable = { .status = 403, .error = "otp_required", .text = CODE_UNREADABLE },
};

bool
second_factor_required(const struct request *request, const struct user *user)
{
	return otp_is_required(slice_of(user->groups),
	    slice_of(request->app->settings->otp_required));
}

/*
 * Opens a secret of the record. If it does not open no code can match it, but recovery codes still
 * work.
 */
static enum pt_err
secret_open(const struct request *request, const struct user *user,
    const uint8_t sealed[OTP_SEALED_SIZE], uint8_t out[TOTP_SECRET_SIZE], bool *good)
{
	enum pt_err err = otp_secret_open(request->keys, slice_of(user->sub), sealed, out, good);

	if (err == PT_OK && !*good)
		LOG(LOG_LEVEL_ERROR, "otp_secret_unreadable",
		    LOG_STR("request_id", request->request_id),
		    LOG_STR("user", user->sub),
		    LOG_STR("advice", "it was made under another master key; pintle check says "
		    "what helps"));
	return err;
}

enum pt_err
second_factor_opens(const struct request *request, const struct user *user, const struct otp *otp,
    bool *opens)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	enum pt_err err = otp_secret_open(request->keys, slice_of(user->sub), otp->sealed, secret,
	    opens);

	secret_wipe(secret, sizeof(secret));
	return err;
}

/* Compares what was typed with a secret. */
static enum pt_err
code_match(const struct request *request, const struct user *user,
    const uint8_t sealed[OTP_SEALED_SIZE], struct slice typed, uint64_t *step, bool *good)
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
second_factor_check(const struct request *request, const struct user *user, const struct otp *otp,
    struct slice code, struct otp_proof *proof, enum reason *reason)
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
	/* A spent recovery code is removed, so it cannot be told from a wrong one. */
	if (otp_spend(&trial, proof))
		*reason = REASON_NONE;
	else if (proof->kind == OTP_PROOF_CODE)
		*reason = REASON_OTP_SPENT;
	return PT_OK;
}

/*
 * For a user who must have a second factor and has none: a code can only be the first one for the
 * pending secret.
 */
static enum pt_err
look_at_first(const struct request *request, const struct user *user, struct slice code,
    struct second_factor *out)
{
	bool good;
	enum pt_err err;

	if (!otp_is_pending(&out->otp, clock_now().wall_ms)) {
		out->code = LOGIN_CODE_STRAY;
		return PT_OK;
	}
	err = second_factor_first(request, user, &out->otp, code, &out->enrolment, &out->codes,
	    &good);
	if (err == PT_OK)
		out->code = good ? LOGIN_CODE_FIRST : LOGIN_CODE_WRONG;
	return err;
}

/* For a user who has a second factor. */
static enum pt_err
look_at_code(const struct request *request, const struct user *user, struct slice code,
    struct second_factor *out)
{
	enum reason reason;
	bool opens = true;
	enum pt_err err = second_factor_check(request, user, &out->otp, code, &out->proof, &reason);

	if (err != PT_OK)
		return err;
	if (reason == REASON_NONE) {
		out->code = LOGIN_CODE_GOOD;
		return PT_OK;
	}
	out->code = reason == REASON_OTP_SPENT ? LOGIN_CODE_SPENT : LOGIN_CODE_WRONG;
	out->proof.kind = OTP_PROOF_NONE;
	err = second_factor_opens(request, user, &out->otp, &opens);
	out->unreadable = !opens;
	return err;
}

enum pt_err
second_factor_look(const struct request *request, const struct user *user, struct slice code,
    struct second_factor *out)
{
	bool found;
	enum pt_err err;

	memset(out, 0, sizeof(*out));
	err = store_otp_get(request->app->store, user->number, &out->otp, &found);
	if (err != PT_OK)
		return err;
	out->required = second_factor_required(request, user);
	if (code.len == 0)
		out->code = LOGIN_CODE_MISSING;
	else if (out->otp.on)
		err = look_at_code(request, user, code, out);
	else if (out->required)
		err = look_at_first(request, user, code, out);
	else
		out->code = LOGIN_CODE_STRAY;
	return err;
}

enum pt_err
second_factor_begin(const struct request *request, const struct user *user,
    const struct otp_proof *proof, uint8_t secret[TOTP_SECRET_SIZE], struct otp *otp,
    enum store_change *result)
{
	struct store_caller caller = request_caller(request);
	uint8_t sealed[OTP_SEALED_SIZE];
	bool found;
	enum pt_err err = random_bytes(secret, TOTP_SECRET_SIZE);

	*result = CHANGE_NONE;
	if (err == PT_OK)
		err = otp_secret_seal(request->keys, slice_of(user->sub), secret, sealed);
	if (err == PT_OK)
		err = store_otp_begin(request->app->store, &caller, user->number, sealed, proof,
		    result);
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
second_factor_first(const struct request *request, const struct user *user, const struct otp *otp,
    struct slice code, struct otp_enrolment *enrolment, struct recovery_codes *codes, bool *good)
{
	enum pt_err err;

	memcpy(enrolment->sealed, otp->pending, sizeof(enrolment->sealed));
	*good = otp_is_pending(otp, clock_now().wall_ms);
	if (!*good)
		return PT_OK;
	err = code_match(request, user, otp->pending, code, &enrolment->step, good);
	return err == PT_OK && *good ? second_factor_make_codes(codes, enrolment->recovery) : err;
}

enum pt_err
second_factor_make_codes(struct recovery_codes *codes,
    uint8_t hashes[OTP_RECOVERY_CODES][DIGEST_SIZE])
{
	enum pt_err err = PT_OK;

	for (size_t i = 0; i < OTP_RECOVERY_CODES && err == PT_OK; i++)
		err = recovery_code_new(codes->text[i], hashes[i]);
	return err;
}
