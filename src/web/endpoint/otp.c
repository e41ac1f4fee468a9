/*
 * /otp: the second factor of who is signed in: enrolled in two steps, removed,
 * its recovery codes made anew. Each asks for the password again, and for a code
 * where one is on; a wrong one is a failed login.
 */
#include "web/endpoint/endpoints.h"

#include <string.h>

#include "base/base32.h"
#include "base/secret.h"
#include "core/password_policy.h"
#include "web/endpoint/account.h"
#include "web/http/body.h"
#include "web/http/report.h"
#include "web/pages/second_step.h"
#include "web/who/credential.h"
#include "web/who/hashing.h"

/* One such request. */
struct otp_ask {
	const struct request *request;
	struct web_response *response;
	struct credential who;
	struct otp otp;
	struct slice current;	/* the password */
	struct slice code;
	bool end_others;
	bool form;		/* an HTML form: answered with pages */
	struct otp_proof proof;
	bool proved;		/* whether that is needed: one is on */
};

static const struct refusal wrong_password = {
	.status = 403, .error = "invalid_credentials", .text = "The current password is not right.",
};
static const struct refusal wrong_code = {
	.status = 403, .error = "otp_required", .text = "The code is not right, or it was used already: wait for the next one.",
};
static const struct refusal unreadable = {
	.status = 403, .error = "otp_required", .text = "Codes of your app cannot be checked at present: use a recovery code, "
	    "or ask an administrator for a new second factor.",
};
static const struct refusal not_pending = {
	.status = 409, .error = "invalid_request", .text = "No second factor waits for its first code, or it waited too long: begin again.",
};
static const struct refusal not_on = {
	.status = 409, .error = "invalid_request", .text = "No second factor is on.",
};
static const struct refusal must_stay = {
	.status = 403, .error = "otp_enrolment_required", .text = "This account must be used with a second factor; it can only be replaced.",
};

static enum pt_err
otp_refuse(const struct otp_ask *ask, const struct refusal *refusal)
{
	return account_refuse(ask->request, ask->response, &ask->who, refusal);
}

/* A wrong guess by somebody who holds a session is a failed login like any other. */
static enum pt_err
otp_fail(const struct otp_ask *ask, const struct refusal *refusal, enum reason reason)
{
	struct store_caller caller = request_caller(ask->request);
	enum pt_err err = store_login_failed(ask->request->app->store, &caller, ask->who.user.number,
	    SLICE(""), reason);

	report_event(ask->request, &(struct report){
		.kind = EVENT_LOGIN_FAILED,
		.level = LOG_LEVEL_INFO,
		.user = &ask->who.user,
		.session = &ask->who.session,
		.reason = reason,
	});
	return err == PT_OK ? otp_refuse(ask, refusal) : err;
}

static void
otp_report(const struct otp_ask *ask, enum event_kind kind)
{
	report_event(ask->request, &(struct report){
		.kind = kind,
		.level = LOG_LEVEL_INFO,
		.user = &ask->who.user,
		.session = &ask->who.session,
	});
}

/* Whether the password is right, and a code where one is on; answers where not. *without: no code came. */
static enum pt_err
otp_look(struct otp_ask *ask, bool *without, bool *good)
{
	bool weaker;
	enum reason reason = REASON_NONE;
	enum pt_err err = PT_OK;

	*good = *without = false;
	/* What is longer than any password is not hashed. */
	if (ask->current.len > 0 && ask->current.len <= PASSWORD_MAX_BYTES)
		err = hashing_check(ask->request, ask->current, &ask->who.user, good, &weaker);
	if (err != PT_OK)
		return err;
	if (!*good)
		return otp_fail(ask, &wrong_password, REASON_NONE);
	if (!ask->otp.on)
		return PT_OK;
	*good = false;
	*without = ask->code.len == 0;
	if (*without) {
		const struct refusal missing = {
			.status = 403, .error = second_factor_missing.error, .text = second_factor_missing.text,
		};

		return otp_refuse(ask, &missing);
	}
	err = second_factor_check(ask->request, &ask->who.user, &ask->otp, ask->code, &ask->proof, &reason);
	*good = ask->proved = err == PT_OK && reason == REASON_NONE;
	if (err != PT_OK || *good)
		return err;
	bool opens;

	err = second_factor_opens(ask->request, &ask->who.user, &ask->otp, &opens);
	return err != PT_OK ? err : otp_fail(ask, opens ? &wrong_code : &unreadable, reason);
}

/* The same, counted as a guess; answers where it may not be made. */
static enum pt_err
otp_prove(struct otp_ask *ask, bool *good)
{
	struct guess guess;
	bool without;
	enum pt_err err = account_guess(ask->request, ask->response, &ask->who, &guess);

	*good = false;
	if (err != PT_OK || !guess.allowed)
		return err;
	err = otp_look(ask, &without, good);
	guess_end(ask->request, &guess, err != PT_OK ? GUESS_NOT_MADE : *good || without ? GUESS_RIGHT : GUESS_WRONG);
	return err;
}

/* Reads who asks, and what; *good is false where that is answered already. */
static enum pt_err
otp_read(struct otp_ask *ask, const struct request *request, struct web_response *response, struct body *body, bool *good)
{
	const struct body_field fields[] = {
		{ .name = "current", .text = &ask->current },
		{ .name = "otp", .text = &ask->code },
		{ .name = "code", .text = &ask->code },
		{ .name = "end_others", .flag = &ask->end_others },
	};
	bool found, well;
	enum pt_err err;

	memset(ask, 0, sizeof(*ask));
	ask->request = request;
	ask->response = response;
	ask->form = body_type(request) == BODY_FORM;
	err = account_demand(request, response, &ask->who);
	*good = err == PT_OK && ask->who.good;
	if (!*good)
		return err;
	err = body_read(request, fields, sizeof(fields) / sizeof(fields[0]), body, &well);
	if (err == PT_OK && !well)
		answer_malformed(response, "The current password and a code are wanted, as JSON or as a form.");
	if (err == PT_OK && well)
		err = store_otp_get(request->app->store, ask->who.user.number, &ask->otp, &found);
	*good = err == PT_OK && well;
	return err;
}

/* Runs one of the four, and lets go of what it read. */
static enum pt_err
otp_run(const struct request *request, struct web_response *response, enum pt_err (*run)(struct otp_ask *ask))
{
	struct body body = { 0 };
	struct otp_ask ask;
	bool good;
	enum pt_err err = otp_read(&ask, request, response, &body, &good);

	if (err == PT_OK && good)
		err = run(&ask);
	body_free(&body);
	return err;
}

/* ---- POST /otp ---- */

static enum pt_err
begin_answer(const struct otp_ask *ask, const uint8_t secret[TOTP_SECRET_SIZE])
{
	char text[BASE32_LEN(TOTP_SECRET_SIZE) + 1];
	struct secret_view view;
	enum pt_err err;

	if (ask->form)
		return account_show_secret(ask->request, ask->response, &ask->who, secret, NULL);
	err = secret_view_make(ask->request, &ask->who.user, secret, &view);
	if (err == PT_OK) {
		struct json_writer w = answer_json(ask->response, 200);

		base32_encode(secret, TOTP_SECRET_SIZE, text);
		json_open(&w, NULL);
		json_put_cstr(&w, "secret", text);
		json_put_string(&w, "otpauth", buf_slice(&view.address));
		json_close(&w);
		secret_wipe(text, sizeof(text));
	}
	secret_view_free(&view);
	return err;
}

static enum pt_err
begin_run(struct otp_ask *ask)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	bool good;
	enum pt_err err = otp_prove(ask, &good);

	if (err != PT_OK || !good)
		return err;
	err = second_factor_begin(ask->request, &ask->who.user, ask->proved ? &ask->proof : NULL, secret, &ask->otp, &good);
	if (err == PT_OK)
		err = good ? begin_answer(ask, secret) : otp_fail(ask, &wrong_code, REASON_OTP_SPENT);
	secret_wipe(secret, sizeof(secret));
	return err;
}

enum pt_err
otp_post(const struct request *request, struct web_response *response)
{
	return otp_run(request, response, begin_run);
}

/* ---- POST /otp/confirm ---- */

static void
codes_answer(const struct otp_ask *ask, const struct recovery_codes *codes)
{
	if (ask->form) {
		second_step_codes(ask->request, ask->response, codes, SLICE(""));
		return;
	}
	struct json_writer w = answer_json(ask->response, 200);

	json_open(&w, NULL);
	json_open_array(&w, "recovery_codes");
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		json_put_cstr(&w, NULL, codes->text[i]);
	json_close_array(&w);
	json_close(&w);
}

/* A wrong first code shows the same secret again: it is in the app already. */
static enum pt_err
confirm_refuse(const struct otp_ask *ask)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	bool good = false;
	enum pt_err err = otp_fail(ask, &wrong_code, REASON_OTP_WRONG);

	if (err == PT_OK && ask->form)
		err = second_factor_pending(ask->request, &ask->who.user, &ask->otp, secret, &good);
	if (err == PT_OK && good) {
		answer_reset(ask->response);
		err = account_show_secret(ask->request, ask->response, &ask->who, secret, &wrong_code);
	}
	secret_wipe(secret, sizeof(secret));
	return err;
}

/*
 * Holds the first code to the secret that waits, counted as a guess: whoever has a
 * session alone must not try all codes there are for a secret that its owner
 * was shown. Answers where it is not good.
 */
static enum pt_err
confirm_look(const struct otp_ask *ask, struct otp_enrolment *enrolment, struct recovery_codes *codes, bool *good)
{
	struct guess guess;
	enum pt_err err = account_guess(ask->request, ask->response, &ask->who, &guess);

	*good = false;
	if (err != PT_OK || !guess.allowed)
		return err;
	err = second_factor_first(ask->request, &ask->who.user, &ask->otp, ask->code, enrolment, codes, good);
	guess_end(ask->request, &guess, err != PT_OK ? GUESS_NOT_MADE : *good ? GUESS_RIGHT : GUESS_WRONG);
	return err != PT_OK || *good ? err : confirm_refuse(ask);
}

static enum pt_err
confirm_run(struct otp_ask *ask)
{
	const struct store_otp_sessions sessions = { ask->who.session.number, ask->end_others };
	struct store_caller caller = request_caller(ask->request);
	struct otp_enrolment enrolment = { .step = 0 };
	struct recovery_codes codes;
	bool good;
	enum pt_err err;

	if (!otp_is_pending(&ask->otp, caller.now.wall_ms))
		return otp_refuse(ask, &not_pending);
	err = confirm_look(ask, &enrolment, &codes, &good);
	if (err != PT_OK || !good)
		return err;
	err = store_otp_confirm(ask->request->app->store, &caller, ask->who.user.number, &enrolment, &sessions, &good);
	if (err == PT_OK && good) {
		otp_report(ask, EVENT_OTP_ENABLED);
		codes_answer(ask, &codes);
	} else if (err == PT_OK) {
		err = otp_refuse(ask, &not_pending);
	}
	secret_wipe(&codes, sizeof(codes));
	return err;
}

enum pt_err
otp_confirm_post(const struct request *request, struct web_response *response)
{
	return otp_run(request, response, confirm_run);
}

/* ---- DELETE /otp ---- */

static enum pt_err
remove_run(struct otp_ask *ask)
{
	const struct store_otp_sessions sessions = { ask->who.session.number, ask->end_others };
	struct store_caller caller;
	bool good;
	enum pt_err err;

	if (!ask->otp.on)
		return otp_refuse(ask, &not_on);
	if (second_factor_required(ask->request, &ask->who.user))
		return otp_refuse(ask, &must_stay);
	err = otp_prove(ask, &good);
	if (err != PT_OK || !good)
		return err;
	caller = request_caller(ask->request);
	err = store_otp_remove(ask->request->app->store, &caller, ask->who.user.number, &ask->proof, &sessions, &good);
	if (err != PT_OK)
		return err;
	if (!good)
		return otp_fail(ask, &wrong_code, REASON_OTP_SPENT);
	otp_report(ask, EVENT_OTP_DISABLED);
	account_done(ask->request, ask->response, ACCOUNT_OTP_REMOVED);
	return PT_OK;
}

enum pt_err
otp_delete(const struct request *request, struct web_response *response)
{
	return otp_run(request, response, remove_run);
}

/* ---- POST /otp/recovery ---- */

static enum pt_err
recovery_run(struct otp_ask *ask)
{
	struct store_otp_recovery recovery;
	struct recovery_codes codes;
	struct store_caller caller;
	bool good;
	enum pt_err err;

	if (!ask->otp.on)
		return otp_refuse(ask, &not_on);
	err = otp_prove(ask, &good);
	if (err != PT_OK || !good)
		return err;
	err = recovery_codes_make(&codes, recovery.hashes);
	caller = request_caller(ask->request);
	if (err == PT_OK)
		err = store_otp_set_recovery(ask->request->app->store, &caller, ask->who.user.number, &recovery, &ask->proof,
		    &good);
	if (err == PT_OK && good) {
		otp_report(ask, EVENT_RECOVERY_CODES_MADE);
		codes_answer(ask, &codes);
	} else if (err == PT_OK) {
		err = otp_fail(ask, &wrong_code, REASON_OTP_SPENT);
	}
	secret_wipe(&codes, sizeof(codes));
	return err;
}

enum pt_err
otp_recovery_post(const struct request *request, struct web_response *response)
{
	return otp_run(request, response, recovery_run);
}
