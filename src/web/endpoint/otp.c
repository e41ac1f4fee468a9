/*
 * /otp: the second factor of who is signed in: set up in two steps, removed,
 * its recovery codes made anew. Each asks for the password again, and for a code
 * where one is on; a wrong one is a failed login.
 */
#include "web/endpoint/endpoints.h"

#include "core/otp.h"
#include "web/http/report.h"
#include "web/pages/account_page.h"
#include "web/who/proof.h"

static const struct refusal malformed =
    REFUSAL_MALFORMED("Give the current password and a code, as JSON or as a form.");
static const struct refusal not_pending = {
	.status = 409, .error = "invalid_request",
	.text = "No setup is waiting for its first code, or it waited too long. Start again.",
};
static const struct refusal not_on = {
	.status = 409, .error = "invalid_request", .text = "Two-step sign-in is not turned on.",
};
static const struct refusal must_stay = {
	.status = 403, .error = "otp_enrolment_required",
	.text = "Required for your account: you can replace it, not remove it.",
};

/* One such request. */
struct otp_change {
	const struct request *request;
	struct outcome *out;
	struct otp otp;		/* the user's, as it was found */
	struct proof proof;
	bool end_others;
};

/* Reads who asks, and what. */
static const struct refusal *
otp_change_read(struct otp_change *change)
{
	const struct request *request = change->request;
	struct outcome *out = change->out;
	const struct body_field fields[] = {
		{ .name = "current", .text = &change->proof.password },
		{ .name = "otp", .text = &change->proof.code },
		{ .name = "code", .text = &change->proof.code },
		{ .name = "end_others", .flag = &change->end_others },
	};
	bool found;
	const struct refusal *refusal = credential_demand(request, &out->who);

	if (refusal == NULL)
		refusal = body_demand(request, fields, sizeof(fields) / sizeof(fields[0]), &out->body, &malformed);
	if (refusal == NULL)
		refusal = refusal_failed(store_otp_get(request->app->store, out->who.user.number, &change->otp, &found));
	change->proof.otp = &change->otp;
	return refusal;
}

/* Runs one of the four. */
static const struct refusal *
otp_change_run(const struct request *request, struct outcome *out, const struct refusal *(*run)(struct otp_change *change))
{
	struct otp_change change = { .request = request, .out = out, .proof = { .guess = &out->guess } };
	const struct refusal *refusal = otp_change_read(&change);

	return refusal ? refusal : run(&change);
}

static const struct refusal *
otp_change_prove(struct otp_change *change)
{
	return proof_demand(change->request, &change->out->who, &change->proof);
}

/* The code was right when it was looked at, and has been spent since. */
static const struct refusal *
otp_change_spent(const struct otp_change *change)
{
	return proof_refuse(change->request, &change->out->who, REASON_OTP_SPENT, &second_factor_in_session.wrong);
}

static void
otp_report(const struct otp_change *change, enum event_kind kind)
{
	report_event(change->request, &(struct report){
		.kind = kind,
		.level = LOG_LEVEL_INFO,
		.user = &change->out->who.user,
		.session = &change->out->who.session,
	});
}

/* ---- POST /otp ---- */

static const struct refusal *
otp_change_begin(struct otp_change *change)
{
	struct outcome *out = change->out;
	const struct refusal *refusal = otp_change_prove(change);
	bool good;

	if (refusal)
		return refusal;
	enum pt_err err = second_factor_begin(change->request, &out->who.user,
	    change->proof.has_code ? &change->proof.shown : NULL, out->secret, &change->otp, &good);

	if (err != PT_OK)
		return refusal_failed(err);
	if (!good)
		return otp_change_spent(change);
	out->has_secret = true;
	out->kind = OUTCOME_SECRET;
	return NULL;
}

const struct refusal *
otp_post(const struct request *request, struct outcome *out)
{
	return otp_change_run(request, out, otp_change_begin);
}

/* ---- POST /otp/confirm ---- */

/* A wrong first code: a page shows the same secret again, which is in the app already. */
static const struct refusal *
otp_change_confirm_wrong(struct otp_change *change)
{
	const struct request *request = change->request;
	struct outcome *out = change->out;
	const struct refusal *wrong = &second_factor_in_session.wrong;
	const struct refusal *refusal = proof_refuse(request, &out->who, REASON_OTP_WRONG, wrong);

	if (refusal != wrong || !out->for_person)
		return refusal;
	enum pt_err err = second_factor_pending(request, &out->who.user, &change->otp, out->secret, &out->has_secret);

	return err == PT_OK ? refusal : refusal_failed(err);
}

/*
 * Holds the first code to the secret that waits, counted as a guess: whoever has a
 * session alone must not try all codes there are for a secret that its owner
 * was shown.
 */
static const struct refusal *
otp_change_confirm_look(struct otp_change *change, struct otp_enrolment *enrolment)
{
	struct outcome *out = change->out;
	bool good;
	const struct refusal *refusal = proof_count(change->request, &out->who, &out->guess);

	if (refusal)
		return refusal;
	enum pt_err err = second_factor_first(change->request, &out->who.user, &change->otp, change->proof.code, enrolment,
	    &out->codes, &good);

	guess_end(change->request, &out->guess, err == PT_OK && !good);
	if (err != PT_OK)
		return refusal_failed(err);
	return good ? NULL : otp_change_confirm_wrong(change);
}

static const struct refusal *
otp_change_confirm(struct otp_change *change)
{
	struct outcome *out = change->out;
	const struct store_otp_sessions sessions = { out->who.session.number, change->end_others };
	struct store_caller caller = request_caller(change->request);
	struct otp_enrolment enrolment = { .step = 0 };
	bool good;

	if (!otp_is_pending(&change->otp, caller.now.wall_ms))
		return &not_pending;
	const struct refusal *refusal = otp_change_confirm_look(change, &enrolment);

	if (refusal)
		return refusal;
	enum pt_err err = store_otp_confirm(change->request->app->store, &caller, out->who.user.number, &enrolment,
	    &sessions, &good);

	if (err != PT_OK)
		return refusal_failed(err);
	if (!good)
		return &not_pending;
	otp_report(change, EVENT_OTP_ENABLED);
	out->kind = OUTCOME_CODES;
	return NULL;
}

const struct refusal *
otp_confirm_post(const struct request *request, struct outcome *out)
{
	return otp_change_run(request, out, otp_change_confirm);
}

/* ---- DELETE /otp ---- */

static const struct refusal *
otp_change_remove(struct otp_change *change)
{
	struct outcome *out = change->out;
	const struct store_otp_sessions sessions = { out->who.session.number, change->end_others };
	bool good;

	if (!change->otp.on)
		return &not_on;
	if (second_factor_required(change->request, &out->who.user))
		return &must_stay;
	const struct refusal *refusal = otp_change_prove(change);

	if (refusal)
		return refusal;
	struct store_caller caller = request_caller(change->request);
	enum pt_err err = store_otp_remove(change->request->app->store, &caller, out->who.user.number,
	    &change->proof.shown, &sessions, &good);

	if (err != PT_OK)
		return refusal_failed(err);
	if (!good)
		return otp_change_spent(change);
	otp_report(change, EVENT_OTP_DISABLED);
	out->kind = OUTCOME_DONE;
	out->next = ACCOUNT_PAGE_OTP_REMOVED;
	return NULL;
}

const struct refusal *
otp_delete(const struct request *request, struct outcome *out)
{
	return otp_change_run(request, out, otp_change_remove);
}

/* ---- POST /otp/recovery ---- */

static const struct refusal *
otp_change_recover(struct otp_change *change)
{
	struct outcome *out = change->out;
	struct store_otp_recovery recovery;
	bool good;

	if (!change->otp.on)
		return &not_on;
	const struct refusal *refusal = otp_change_prove(change);

	if (refusal)
		return refusal;
	enum pt_err err = recovery_codes_make(&out->codes, recovery.hashes);
	struct store_caller caller = request_caller(change->request);

	if (err == PT_OK)
		err = store_otp_set_recovery(change->request->app->store, &caller, out->who.user.number, &recovery,
		    &change->proof.shown, &good);
	if (err != PT_OK)
		return refusal_failed(err);
	if (!good)
		return otp_change_spent(change);
	otp_report(change, EVENT_RECOVERY_CODES_MADE);
	out->kind = OUTCOME_CODES;
	return NULL;
}

const struct refusal *
otp_recovery_post(const struct request *request, struct outcome *out)
{
	return otp_change_run(request, out, otp_change_recover);
}
