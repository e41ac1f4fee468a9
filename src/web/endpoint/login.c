/*
 * POST /login: begins a session for a user name and a password. Whatever is wrong with them, the
 * answer and the time that it takes are the same.
 *
 * See DESIGN.md, Nothing is written for an uncounted stranger; DESIGN.md, The code comes after the
 * password.
 */
#include "web/endpoint/endpoints.h"

#include <string.h>

#include "base/secret.h"
#include "base/tally.h"
#include "core/password_policy.h"
#include "core/username.h"
#include "web/endpoint/sign_on.h"
#include "web/http/report.h"
#include "web/who/clock_check.h"
#include "web/who/guess.h"
#include "web/who/hashing.h"
#include "web/who/session_begin.h"
#include "web/who/step_ticket.h"

/* One attempt to log in, from what was typed to the result. The user is out->who.user. */
struct login {
	const struct request *request;
	struct outcome *out;
	struct slice password;
	struct slice code;		/* of the second factor */
	/* instead of name and password, which were right a moment ago */
	struct slice ticket;
	/* what was typed, folded; empty if it is not a possible name */
	char name[USER_NAME_SIZE];
	struct login_facts facts;
	bool weaker;			/* the user's hash should be remade at today's cost */
	struct second_factor factor;
	struct login_decision decision;
	/* decided to be good here, but no longer when the store looked */
	bool overtaken;
	struct session_begun begun;
};

static const struct refusal bad_credentials = {
	.status = 401, .error = "invalid_credentials", .text = "Wrong user name or password.",
};
static const struct refusal bad_ticket = {
	.status = 401, .error = "invalid_credentials",
	.text = "That took too long, or something has changed. Sign in again.",
};
static const struct refusal must_enrol = {
	.status = 403, .error = "otp_enrolment_required", .asks = true,
	.text = "Two-step sign-in is required for your account and is not set up yet.",
};
static const struct refusal malformed =
    REFUSAL_MALFORMED("Give a user name and a password, as JSON or as a form.");

const struct refusal *
login_get(const struct request *request, struct outcome *out)
{
	(void)request;
	out->kind = OUTCOME_PAGE;
	return NULL;
}

/* Refuses what is malformed. */
static const struct refusal *
login_find_fault(const struct login *login)
{
	static const struct refusal no_name = REFUSAL_MALFORMED("The user name is missing.");
	static const struct refusal no_password = REFUSAL_MALFORMED("The password is missing.");
	static const struct refusal long_password =
	    REFUSAL_MALFORMED("The password is longer than any password can be.");
	static const struct refusal bad_device =
	    REFUSAL_MALFORMED("The device name is too long or contains a control character.");
	const struct slice device = login->out->device_name;
	const bool first = login->ticket.len == 0;

	if (first && login->out->username.len == 0)
		return &no_name;
	if (first && login->password.len == 0)
		return &no_password;
	if (login->password.len > PASSWORD_MAX_BYTES)
		return &long_password;
	return device.len >= DEVICE_NAME_SIZE || slice_has_control(device) ? &bad_device : NULL;
}

/* Looks the user up. Nobody has an impossible name. */
static enum pt_err
login_find_user(struct login *login)
{
	const struct web_app *app = login->request->app;
	enum pt_err err = username_fold(app->settings->usernames, login->out->username,
	    login->name);

	login->facts.known = false;
	if (err != PT_OK || login->name[0] == '\0')
		return err;
	return store_user_by_name(app->store, slice_of(login->name), &login->out->who.user,
	    &login->facts.known);
}

static struct guess_at
login_at(const struct login *login)
{
	const bool known = login->facts.known;

	return (struct guess_at){
		.name = slice_of(known ? login->out->who.user.name : login->name),
		.typed = login->out->username,
		.user = known ? &login->out->who.user : NULL,
	};
}

/* ---- proving who it is ---- */

/* Whether this attempt may be made. It is counted once, however often it is tried. */
static enum pt_err
login_count(struct login *login)
{
	const struct guess_at at = login_at(login);
	enum pt_err err = guess_begin(login->request, &at, &login->out->guess);

	login->facts.limited = !login->out->guess.allowed;
	return err;
}

/* By the ticket of the first step. A bad ticket counts for the address, like a wrong guess. */
static enum pt_err
login_prove_by_ticket(struct login *login)
{
	struct outcome *out = login->out;
	bool good;
	enum pt_err err = step_ticket_read(login->request, login->ticket, out->device,
	    &out->who.user, &good);

	login->facts.known = login->facts.right = err == PT_OK && good;
	if (login->facts.known)
		out->username = slice_of(out->who.user.name);
	return err == PT_OK ? login_count(login) : err;
}

static enum pt_err
login_prove_by_password(struct login *login)
{
	const struct user *user = &login->out->who.user;
	enum pt_err err = login_find_user(login);

	if (err == PT_OK)
		err = login_count(login);
	login->facts.disabled = login->facts.known && user->disabled;
	if (err != PT_OK || login->facts.limited)
		return err;
	return hashing_check(login->request, login->password, login->facts.known ? user : NULL,
	    &login->facts.right, &login->weaker);
}

/*
 * A code is examined only after the password was right: an answer about it would help somebody who
 * does not know the password.
 */
static enum pt_err
login_gather(struct login *login)
{
	struct login_facts *facts = &login->facts;
	struct second_factor *factor = &login->factor;
	enum pt_err err;

	*facts = (struct login_facts){ .methods = LOGIN_BY_PASSWORD };
	err = login->ticket.len ? login_prove_by_ticket(login) : login_prove_by_password(login);
	if (err != PT_OK || !facts->right || facts->limited)
		return err;
	err = second_factor_look(login->request, &login->out->who.user, login->code, factor);
	facts->otp_on = factor->otp.on;
	facts->otp_required = factor->required;
	facts->code = factor->code;
	return err;
}

/* ---- yes ---- */

/* Begins the session, if the store comes to the same decision. */
static enum pt_err
login_open_session(struct login *login)
{
	struct outcome *out = login->out;
	const struct session_begin wanted = {
		.user = &out->who.user, .methods = login->facts.methods, .remember = out->remember,
		.device_name = out->device_name, .device = out->device, .factor = &login->factor,
	};
	enum pt_err err = session_begin(login->request, &wanted, &login->decision, &login->begun);

	login->overtaken = err == PT_OK && login->decision.result != LOGIN_GOOD;
	return err;
}

static enum pt_err
login_attempt(struct login *login)
{
	enum pt_err err = login_gather(login);

	login->overtaken = false;
	if (err != PT_OK)
		return err;
	login->decision = login_decide(&login->facts);
	return login->decision.result == LOGIN_GOOD ? login_open_session(login) : PT_OK;
}

/*
 * Remakes a hash whose cost is out of date. The login is done already, so a failure is only logged.
 */
static void
login_rehash(const struct login *login)
{
	const struct request *request = login->request;
	const struct user *user = &login->begun.user;
	char hash[PASSWORD_HASH_SIZE];
	enum pt_err err = hashing_make(request, login->password, hash);

	if (err == PT_OK)
		err = store_user_rehash(request->app->store, user->number, user->password_hash,
		    hash);
	if (err != PT_OK)
		LOG(LOG_LEVEL_WARNING, "rehash_failed", LOG_STR("request_id", request->request_id),
		    LOG_STR("user", user->sub), LOG_STR("cause", pt_err_text(err)));
	secret_wipe(hash, sizeof(hash));
}

static const struct refusal *
login_succeed(struct login *login)
{
	const struct request *request = login->request;
	struct outcome *out = login->out;

	report_event(request, &(struct report){
		.kind = EVENT_LOGIN,
		.level = LOG_LEVEL_INFO,
		.user = &login->begun.user,
		.session = &login->begun.session,
	});
	if (login->weaker)
		login_rehash(login);
	out->who = (struct credential){
		.good = true,
		.user = login->begun.user,
		.session = login->begun.session,
	};
	out->grant = (struct grant){
		.user = &out->who.user,
		.session = &out->who.session,
		.access_ms = request->app->settings->access_ttl_ms,
		.now_ms = login->begun.now_ms,
	};
	out->has_codes = login->factor.code == LOGIN_CODE_FIRST;
	if (out->has_codes)
		out->codes = login->factor.codes;
	out->kind = OUTCOME_SIGNED_IN;
	return refusal_failed(grant_set_cookies(request, out->response, &out->grant,
	    &login->begun.token, out->device));
}

/* ---- no ---- */

static const struct refusal *
login_refuse(const struct login *login)
{
	const struct refusal *refusal = login->ticket.len ? &bad_ticket : &bad_credentials;
	const struct guess_at at = login_at(login);

	/*
	 * An invalid or expired ticket belongs to nobody: there is nothing about it to keep in a
	 * log.
	 */
	if (login->ticket.len && !login->facts.known)
		return refusal;
	enum pt_err err = guess_tell_wrong(login->request, &at, login->decision.reason);

	return err == PT_OK ? refusal : refusal_failed(err);
}

/*
 * Hands out a secret to set up: a new one, or the same again to somebody who comes back with its
 * ticket.
 */
static const struct refusal *
login_enrol(struct login *login, const struct refusal *refusal)
{
	const struct request *request = login->request;
	struct outcome *out = login->out;
	const struct user *user = &out->who.user;
	enum store_change result = CHANGE_NONE;
	bool good = false;
	enum pt_err err = PT_OK;

	if (login->ticket.len)
		err = second_factor_pending(request, user, &out->otp, out->secret, &good);
	if (err == PT_OK && !good)
		err = second_factor_begin(request, user, NULL, out->secret, &out->otp, &result);
	if (err != PT_OK)
		return refusal_failed(err);
	good = good || result == CHANGE_DONE;
	out->has_secret = good;
	out->second_step = good;
	return good ? refusal : login_refuse(login);
}

/* The password is right, but more is needed: a person is shown the page for it. */
static const struct refusal *
login_ask_more(struct login *login, const struct refusal *refusal)
{
	struct outcome *out = login->out;

	if (!out->for_person)
		return refusal;
	out->otp = login->factor.otp;
	out->second_step = true;
	return out->otp.on ? refusal : login_enrol(login, refusal);
}

/*
 * A right password without its second factor is worth recording, since the password may be in the
 * wrong hands.
 */
static const struct refusal *
login_ask(struct login *login, const struct refusal *refusal)
{
	struct store_caller caller = request_caller(login->request);
	const struct user *user = &login->out->who.user;

	report_event(login->request, &(struct report){
		.kind = EVENT_OTP_ASKED,
		.level = LOG_LEVEL_INFO,
		.user = user,
	});
	enum pt_err err = store_login_asked(login->request->app->store, &caller, user->number);

	return err == PT_OK ? login_ask_more(login, refusal) : refusal_failed(err);
}

static const struct refusal *
login_refuse_code(struct login *login)
{
	const struct second_factor_refusals *refusals = &second_factor_at_login;
	const struct guess_at at = login_at(login);
	enum pt_err err = guess_tell_wrong(login->request, &at, login->decision.reason);

	if (err != PT_OK)
		return refusal_failed(err);
	return login_ask_more(login,
	    login->factor.unreadable ? &refusals->unreadable : &refusals->wrong);
}

/* Turns the decision into an answer. */
static const struct refusal *
login_answer(struct login *login)
{
	const struct guess_at at = login_at(login);

	switch (login->decision.result) {
	case LOGIN_REFUSED:
		return login_refuse(login);
	case LOGIN_LIMITED:
		return guess_refuse(login->request, &at, &login->out->guess);
	case LOGIN_CODE_REFUSED:
		return login_refuse_code(login);
	case LOGIN_CODE_ASKED:
		return login_ask(login, &second_factor_at_login.missing);
	case LOGIN_MUST_ENROL:
		return login_ask(login, &must_enrol);
	case LOGIN_GOOD:
		return login_succeed(login);
	}
	return login_refuse(login);
}

static const struct refusal *
login_try(struct login *login)
{
	const struct refusal *fault = login_find_fault(login);
	enum pt_err err;

	if (fault)
		return fault;
	err = login_attempt(login);
	/*
	 * Something changed in between. A parallel login may have remade the hash, and the password
	 * is still right; or it may have spent the code, which is seen this time.
	 */
	if (err == PT_OK && login->overtaken)
		err = login_attempt(login);
	guess_end(login->request, &login->out->guess,
	    err == PT_OK && login->decision.guessed_wrong);
	return err == PT_OK ? login_answer(login) : refusal_failed(err);
}

/* ---- the web server's own sign-on ---- */

static const struct refusal *
login_try_sign_on(struct login *login)
{
	struct outcome *out = login->out;
	enum pt_err err = login_find_user(login);

	if (err == PT_OK && !login->facts.known)
		err = sign_on_add_user(login->request, login->name, &out->who.user,
		    &login->facts.known);
	login->facts.methods = LOGIN_BY_WEB_SERVER;
	login->facts.disabled = login->facts.known && out->who.user.disabled;
	login->facts.right = true;
	login->facts.code = LOGIN_CODE_MISSING;
	login->decision = login_decide(&login->facts);
	if (err == PT_OK && login->decision.result == LOGIN_GOOD)
		err = login_open_session(login);
	return err == PT_OK ? login_answer(login) : refusal_failed(err);
}

const struct refusal *
login_post(const struct request *request, struct outcome *out)
{
	struct login login = { .request = request, .out = out };
	const struct body_field fields[] = {
		{ .name = "username", .text = &out->username },
		{ .name = "password", .text = &login.password },
		{ .name = "otp", .text = &login.code },
		{ .name = "ticket", .text = &login.ticket },
		{ .name = "device", .text = &out->device_name },
		{ .name = "remember", .flag = &out->remember },
		{ .name = "return", .text = &out->return_to },
	};
	const struct slice named = sign_on_user(request);
	const struct refusal *refusal = NULL;

	/* The sign-on names the user, so the request needs no body. */
	if (named.len == 0 || request->raw->body.len > 0)
		refusal = body_demand(request, fields, sizeof(fields) / sizeof(fields[0]),
		    &out->body, &malformed);
	if (refusal == NULL)
		refusal = clock_check_demand(request);
	if (refusal == NULL)
		refusal = refusal_failed(session_device_name(request, out->device));
	if (refusal == NULL && named.len && out->username.len == 0 && login.ticket.len == 0) {
		out->username = named;
		refusal = login_try_sign_on(&login);
	} else if (refusal == NULL) {
		refusal = login_try(&login);
	}
	if (refusal && refusal->failure == PT_ERR_BUSY)
		tally_add(TALLY_LOGIN_BUSY, 1);
	secret_wipe(&login, sizeof(login));
	return refusal;
}
