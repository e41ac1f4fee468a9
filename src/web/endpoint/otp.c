/*
 * /otp: the signed-in user's second factor: set up in two steps, removed, new recovery codes. Each
 * request needs the password again, and a code if a second factor is on; a wrong one counts as a
 * failed login.
 *
 * See DESIGN.md, A pending secret is shown once; DESIGN.md, Turning a second factor on counts as
 * using it.
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
struct otp_ask {
	const struct request *request;
	struct outcome *out;
	struct otp otp;		/* the user's second factor as it was found */
	struct proof proof;
	bool end_others;
};

/* Reads who asks, and what. */
static const struct refusal *
otp_ask_read(struct otp_ask *ask)
{
	const struct request *request = ask->request;
	struct outcome *out = ask->out;
	const struct body_field fields[] = {
		{ .name = "current", .text = &ask->proof.password },
		{ .name = "otp", .text = &ask->proof.code },
		{ .name = "code", .text = &ask->proof.code },
		{ .name = "end_others", .flag = &ask->end_others },
	};
	bool found;
	const struct refusal *refusal = credential_demand(request, &out->who);

	if (refusal == NULL)
		refusal = body_demand(request, fields, sizeof(fields) / sizeof(fields[0]),
		    &out->body, &malformed);
	if (refusal == NULL)
		refusal = refusal_failed(store_otp_get(request->app->store, out->who.user.number,
		    &ask->otp, &found));
	ask->proof.otp = &ask->otp;
	return refusal;
}

/* Runs one of the four. */
static const struct refusal *
otp_ask_run(const struct request *request, struct outcome *out,
    const struct refusal *(*run)(struct otp_ask *ask))
{
	struct otp_ask ask = { .request = request, .out = out, .proof = { .guess = &out->guess } };
	const struct refusal *refusal = otp_ask_read(&ask);

	return refusal ? refusal : run(&ask);
}

static const struct refusal *
otp_ask_prove(struct otp_ask *ask)
{
	return proof_demand(ask->request, &ask->out->who, &ask->proof);
}

/* The code was right when it was checked, but has been spent since. */
static const struct refusal *
otp_ask_spent(const struct otp_ask *ask)
{
	return proof_refuse(ask->request, &ask->out->who, REASON_OTP_SPENT,
	    &second_factor_in_session.wrong);
}

static void
otp_report(const struct otp_ask *ask, enum event_kind kind)
{
	report_event(ask->request, &(struct report){
		.kind = kind,
		.level = LOG_LEVEL_INFO,
		.user = &ask->out->who.user,
		.session = &ask->out->who.session,
	});
}

/* ---- POST /otp ---- */

static const struct refusal *
otp_ask_begin(struct otp_ask *ask)
{
	struct outcome *out = ask->out;
	const struct refusal *refusal = otp_ask_prove(ask);
	enum store_change result;

	if (refusal)
		return refusal;
	enum pt_err err = second_factor_begin(ask->request, &out->who.user,
	    ask->proof.has_code ? &ask->proof.shown : NULL, out->secret, &ask->otp, &result);

	if (err != PT_OK)
		return refusal_failed(err);
	if (result != CHANGE_DONE)
		return otp_ask_spent(ask);
	out->has_secret = true;
	out->kind = OUTCOME_SECRET;
	return NULL;
}

const struct refusal *
otp_post(const struct request *request, struct outcome *out)
{
	return otp_ask_run(request, out, otp_ask_begin);
}

/* ---- POST /otp/confirm ---- */

/* After a wrong first code the page shows the same secret again, since the app has it already. */
static const struct refusal *
otp_ask_confirm_wrong(struct otp_ask *ask)
{
	const struct request *request = ask->request;
	struct outcome *out = ask->out;
	const struct refusal *wrong = &second_factor_in_session.wrong;
	const struct refusal *refusal = proof_refuse(request, &out->who, REASON_OTP_WRONG, wrong);

	if (refusal != wrong || !out->for_person)
		return refusal;
	enum pt_err err = second_factor_pending(request, &out->who.user, &ask->otp, out->secret,
	    &out->has_secret);

	return err == PT_OK ? refusal : refusal_failed(err);
}

/*
 * Compares the first code with the pending secret, counted as a guess: somebody who only holds a
 * session must not be able to try every code for a secret that its owner was shown.
 */
static const struct refusal *
otp_ask_confirm_look(struct otp_ask *ask, struct otp_enrolment *enrolment)
{
	struct outcome *out = ask->out;
	bool good;
	const struct refusal *refusal = proof_count(ask->request, &out->who, &out->guess);

	if (refusal)
		return refusal;
	enum pt_err err = second_factor_first(ask->request, &out->who.user, &ask->otp,
	    ask->proof.code, enrolment, &out->codes, &good);

	guess_end(ask->request, &out->guess, err == PT_OK && !good);
	if (err != PT_OK)
		return refusal_failed(err);
	return good ? NULL : otp_ask_confirm_wrong(ask);
}

static const struct refusal *
otp_ask_confirm(struct otp_ask *ask)
{
	struct outcome *out = ask->out;
	const struct store_otp_sessions sessions = { out->who.session.number, ask->end_others };
	struct store_caller caller = request_caller(ask->request);
	struct otp_enrolment enrolment = { .step = 0 };
	enum store_change result;

	if (!otp_is_pending(&ask->otp, caller.now.wall_ms))
		return &not_pending;
	const struct refusal *refusal = otp_ask_confirm_look(ask, &enrolment);

	if (refusal)
		return refusal;
	enum pt_err err = store_otp_confirm(ask->request->app->store, &caller, out->who.user.number,
	    &enrolment, &sessions, &result);

	if (err != PT_OK)
		return refusal_failed(err);
	if (result != CHANGE_DONE)
		return &not_pending;
	otp_report(ask, EVENT_OTP_ENABLED);
	out->kind = OUTCOME_CODES;
	return NULL;
}

const struct refusal *
otp_confirm_post(const struct request *request, struct outcome *out)
{
	return otp_ask_run(request, out, otp_ask_confirm);
}

/* ---- DELETE /otp ---- */

static const struct refusal *
otp_ask_remove(struct otp_ask *ask)
{
	struct outcome *out = ask->out;
	const struct store_otp_sessions sessions = { out->who.session.number, ask->end_others };
	enum store_change result;

	if (!ask->otp.on)
		return &not_on;
	if (second_factor_required(ask->request, &out->who.user))
		return &must_stay;
	const struct refusal *refusal = otp_ask_prove(ask);

	if (refusal)
		return refusal;
	struct store_caller caller = request_caller(ask->request);
	enum pt_err err = store_otp_remove(ask->request->app->store, &caller, out->who.user.number,
	    &ask->proof.shown, &sessions, &result);

	if (err != PT_OK)
		return refusal_failed(err);
	if (result != CHANGE_DONE)
		return otp_ask_spent(ask);
	otp_report(ask, EVENT_OTP_DISABLED);
	out->kind = OUTCOME_DONE;
	out->next = ACCOUNT_PAGE_OTP_REMOVED;
	return NULL;
}

const struct refusal *
otp_delete(const struct request *request, struct outcome *out)
{
	return otp_ask_run(request, out, otp_ask_remove);
}

/* ---- POST /otp/recovery ---- */

static const struct refusal *
otp_ask_recover(struct otp_ask *ask)
{
	struct outcome *out = ask->out;
	struct store_otp_recovery recovery;
	enum store_change result;

	if (!ask->otp.on)
		return &not_on;
	const struct refusal *refusal = otp_ask_prove(ask);

	if (refusal)
		return refusal;
	enum pt_err err = second_factor_make_codes(&out->codes, recovery.hashes);
	struct store_caller caller = request_caller(ask->request);

	if (err == PT_OK)
		err = store_otp_set_recovery(ask->request->app->store, &caller,
		    out->who.user.number, &recovery, &ask->proof.shown, &result);
	if (err != PT_OK)
		return refusal_failed(err);
	if (result != CHANGE_DONE)
		return otp_ask_spent(ask);
	otp_report(ask, EVENT_RECOVERY_CODES_MADE);
	out->kind = OUTCOME_CODES;
	return NULL;
}

const struct refusal *
otp_recovery_post(const struct request *request, struct outcome *out)
{
	return otp_ask_run(request, out, otp_ask_recover);
}
