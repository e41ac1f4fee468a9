/*
 * POST /login: a name and a password for a session. Whatever is wrong with
 * them looks alike, in the answer and in the time that it takes.
 */
#include "web/endpoint/endpoints.h"

#include <string.h>

#include "base/secret.h"
#include "base/tally.h"
#include "core/password_policy.h"
#include "core/username.h"
#include "web/endpoint/grant.h"
#include "web/http/body.h"
#include "web/http/redirect.h"
#include "web/http/report.h"
#include "web/pages/page.h"
#include "web/pages/second_step.h"
#include "web/who/guess.h"
#include "web/who/hashing.h"
#include "web/who/name_tag.h"
#include "web/who/session_cookie.h"


/* One try to log in, from what was typed to what came of it. */
struct login {
	const struct request *request;
	struct web_response *response;
	bool form;			/* an HTML form: answered with pages */
	uint32_t methods;		/* how the person proves who it is (enum login_method) */
	struct slice username;		/* as typed */
	struct slice password;
	struct slice code;		/* of the second factor */
	struct slice ticket;		/* in the place of name and password: they were right a moment ago */
	struct slice device;
	struct slice return_to;
	bool remember;
	char name[USER_NAME_SIZE];	/* the same, folded; empty if it is no name */
	bool known;			/* there is such a user: */
	struct user user;
	struct guess guess;
	struct second_factor factor;
	bool weaker;			/* its hash wants to be remade */
	struct session session;
	struct refresh_token token;
	uint8_t device_id[SESSION_DEVICE_SIZE];
	int64_t now_ms;
};

static const struct refusal bad_credentials = {
	.status = 401, .error = "invalid_credentials", .text = "The name or the password is not right.",
};

static const struct refusal bad_ticket = {
	.status = 401, .error = "invalid_credentials", .text = "That took too long, or something changed meanwhile: sign in again.",
};
static const struct refusal must_enrol = {
	.status = 403, .error = "otp_enrolment_required", .text = "This account must be used with a second factor, and has none yet.",
};

enum pt_err
login_page(const struct request *request, struct web_response *response)
{
	page_login(request, response, &(struct page_login){ 0 });
	return PT_OK;
}

/* A login that failed shows the page again, or says so in JSON. */
static void
login_refuse(struct login *login, const struct refusal *refusal)
{
	if (!login->form) {
		answer_refuse(login->response, refusal);
		return;
	}
	page_login(login->request, login->response, &(struct page_login){
		.refusal = refusal,
		.username = login->username,
		.return_to = login->return_to,
	});
}

/* What is wrong with the form of what was sent; NULL if nothing is. */
static const char *
login_find_fault(const struct login *login)
{
	const bool first = login->ticket.len == 0;

	if (first && login->username.len == 0)
		return "The name is missing.";
	if (first && login->password.len == 0)
		return "The password is missing.";
	if (login->password.len > PASSWORD_MAX_BYTES)
		return "The password is longer than any password here can be.";
	if (login->device.len >= DEVICE_NAME_SIZE || slice_has_control(login->device))
		return "The device's name is too long, or has a control character.";
	return NULL;
}

/* Looks the user up. A name that nobody can have is one that nobody has. */
static enum pt_err
login_find_user(struct login *login)
{
	const struct web_app *app = login->request->app;
	enum pt_err err = username_fold(app->settings->usernames, login->username, login->name);

	if (err != PT_OK || login->name[0] == '\0')
		return err;
	return store_user_by_name(app->store, slice_of(login->name), &login->user, &login->known);
}

/* Tells of a login that failed; the answer is the caller's. */
static enum pt_err
login_tell_failure(struct login *login, enum reason reason)
{
	const struct web_app *app = login->request->app;
	struct store_caller caller = request_caller(login->request);
	char tag[NAME_TAG_SIZE];
	/* Made of a user's name too: whether there is such a user must not be told by the time. */
	enum pt_err err = name_tag_of(login->request->keys, slice_of(login->name), tag);

	report_event(login->request, &(struct report){
		.kind = EVENT_LOGIN_FAILED,
		.level = LOG_LEVEL_INFO,
		.user = login->known ? &login->user : NULL,
		.reason = reason,
	});
	return err != PT_OK ? err : store_login_failed(app->store, &caller, login->known ? login->user.number : 0,
	    slice_of(tag), reason);
}

static enum pt_err
login_fail(struct login *login)
{
	login_refuse(login, login->ticket.len ? &bad_ticket : &bad_credentials);
	/* A ticket that is none, or is over, is nobody's: of it there is nothing that a log should keep. */
	if (login->ticket.len && !login->known)
		return PT_OK;
	return login_tell_failure(login, login->known && login->user.disabled ? REASON_USER_DISABLED : REASON_NONE);
}

/* Makes the token's secrets, and the hashes that the store keeps of them. */
static enum pt_err
login_make_secrets(struct login *login, struct store_login *wanted)
{
	enum pt_err err = random_bytes(login->token.secret, sizeof(login->token.secret));

	if (err == PT_OK)
		err = random_bytes(&login->token.nonce, sizeof(login->token.nonce));
	if (err == PT_OK)
		err = digest_sha256(login->token.secret, sizeof(login->token.secret), wanted->secret_hash);
	if (err == PT_OK)
		err = digest_sha256(login->device_id, sizeof(login->device_id), wanted->device_hash);
	wanted->nonce = login->token.nonce;
	return err;
}

/* The refresh tokens that came along tell which session the browser holds, should this login be lost. */
static enum pt_err
login_store(struct login *login, const struct store_caller *caller, struct store_login *wanted, struct user *user,
    bool *done)
{
	struct store_presented carried[SESSION_COOKIE_MAX];
	struct session_cookies cookies;
	enum pt_err err = session_cookies_read(login->request, &cookies);

	for (size_t i = 0; i < cookies.count; i++)
		carried[i] = cookies.tokens[i].presented;
	wanted->carried = carried;
	wanted->carried_count = cookies.count;
	session_cookies_wipe(&cookies);
	return err != PT_OK ? err : store_login(login->request->app->store, caller, wanted, &login->session, user, done);
}

/* A new session with a new secret, whatever the browser brought (D03: nothing of it is taken over). */
static enum pt_err
login_begin_session(struct login *login, bool *done)
{
	struct store_caller caller = request_caller(login->request);
	struct store_login wanted = {
		.user_number = login->user.number,
		.expected_hash = login->methods & LOGIN_BY_PASSWORD ? login->user.password_hash : NULL,
		.remember = login->remember,
		.methods = login->methods,
		.device = login->device,
		.proof = login->factor.proof.kind != OTP_PROOF_NONE ? &login->factor.proof : NULL,
		.enrolment = login->factor.enrols ? &login->factor.enrolment : NULL,
		.clock = clock_now,
	};
	struct user user;
	enum pt_err err = login_make_secrets(login, &wanted);

	if (err == PT_OK)
		err = login_store(login, &caller, &wanted, &user, done);
	if (err != PT_OK || !*done)
		return err;
	login->user = user;
	login->token.session_number = login->session.number;
	login->now_ms = caller.now.wall_ms;
	return PT_OK;
}

/* Remakes a hash of yesterday's cost. The login is made already: a failure is only said. */
static void
login_rehash(const struct login *login)
{
	const struct request *request = login->request;
	char hash[PASSWORD_HASH_SIZE];
	enum pt_err err = hashing_make(request, login->password, hash);

	if (err == PT_OK)
		err = store_user_rehash(request->app->store, login->user.number, login->user.password_hash, hash);
	if (err != PT_OK)
		LOG(LOG_LEVEL_WARNING, "rehash_failed", LOG_STR("request_id", request->request_id),
		    LOG_STR("user", login->user.sub), LOG_STR("cause", pt_err_text(err)));
	secret_wipe(hash, sizeof(hash));
}

static enum pt_err
login_succeed(struct login *login)
{
	const struct grant grant = {
		.user = &login->user,
		.session = &login->session,
		.refresh = &login->token,
		.device = login->device_id,
		.access_ms = login->request->app->settings->access_ttl_ms,
		.now_ms = login->now_ms,
	};
	enum pt_err err;

	report_event(login->request, &(struct report){
		.kind = EVENT_LOGIN,
		.level = LOG_LEVEL_INFO,
		.user = &login->user,
		.session = &login->session,
	});
	if (login->weaker)
		login_rehash(login);
	if (!login->form)
		return grant_answer(login->request, login->response, &grant);
	err = grant_cookies(login->request, login->response, &grant);
	if (err == PT_OK && login->factor.enrols)
		second_step_codes(login->request, login->response, &login->factor.codes, login->return_to);
	else if (err == PT_OK)
		redirect_to(login->request, login->response, login->return_to);
	return err;
}

static struct guess_at
login_at(const struct login *login)
{
	return (struct guess_at){
		.name = slice_of(login->known ? login->user.name : login->name),
		.typed = login->username,
		.user = login->known ? &login->user : NULL,
	};
}

/* Whether this try may be made; counted at the first time of asking. */
static enum pt_err
login_count(struct login *login, bool *allowed)
{
	const struct guess_at at = login_at(login);
	enum pt_err err = login->guess.count == 0 ? guess_begin(login->request, &at, &login->guess) : PT_OK;

	*allowed = err == PT_OK && login->guess.allowed;
	return err;
}

/* Whether name and password are right, or were when the ticket was made: to be seen only if the try may be made. */
static enum pt_err
login_prove(struct login *login, bool *right)
{
	bool allowed = false;
	enum pt_err err;

	*right = false;
	if (login->ticket.len) {
		err = second_step_read(login->request, login->ticket, login->device_id, &login->user, right);
		login->known = *right;
		if (*right)
			login->username = slice_of(login->user.name);
		/* One that is not good counts for the address, as a wrong guess does. */
		if (err == PT_OK)
			err = login_count(login, &allowed);
		*right = *right && allowed;
		return err;
	}
	err = login_find_user(login);
	if (err == PT_OK)
		err = login_count(login, &allowed);
	return err != PT_OK || !allowed ? err :
	    hashing_check(login->request, login->password, login->known ? &login->user : NULL, right, &login->weaker);
}

/* Proves who it is and begins the session; *right tells of the password alone, without which no code is looked at. */
static enum pt_err
login_attempt(struct login *login, bool *right, bool *good)
{
	enum pt_err err = login_prove(login, right);

	*good = false;
	if (err == PT_OK && *right)
		err = second_factor_decide(login->request, &login->user, login->code, &login->factor);
	if (err != PT_OK || !*right || login->factor.step != SECOND_FACTOR_PASSED)
		return err;
	if (login->code.len && (login->factor.enrols || login->factor.proof.kind != OTP_PROOF_NONE))
		login->methods |= LOGIN_BY_OTP;
	return login_begin_session(login, good);
}

/* Hands out a secret to enrol: a new one, or, to who comes back with its ticket, the same again. */
static enum pt_err
login_enrol(struct login *login, struct second_step *step)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	bool good = false;
	enum pt_err err = PT_OK;

	if (login->ticket.len)
		err = second_factor_pending(login->request, &login->user, &login->factor.otp, secret, &good);
	if (err == PT_OK && !good)
		err = second_factor_begin(login->request, &login->user, NULL, secret, &login->factor.otp, &good);
	if (err == PT_OK && good)
		err = second_step_enrol(login->request, login->response, step, secret);
	else if (err == PT_OK)
		err = login_fail(login);
	secret_wipe(secret, sizeof(secret));
	return err;
}

/* The password was right, and more is wanted: a code, a right one, or a second factor at all. */
static enum pt_err
login_ask_more(struct login *login, const struct refusal *refusal)
{
	struct refusal shown = *refusal;
	struct second_step step = {
		.user = &login->user, .otp = &login->factor.otp, .device = login->device_id, .refusal = &shown,
		.return_to = login->return_to, .device_name = login->device, .remember = login->remember,
	};

	if (!login->form) {
		answer_refuse(login->response, refusal);
		return PT_OK;
	}
	/* What is wanted the page says anyway. */
	if (login->factor.step != SECOND_FACTOR_REFUSED)
		shown.text = "";
	if (login->factor.otp.on)
		return second_step_ask(login->request, login->response, &step);
	return login_enrol(login, &step);
}

/* A right password without its second factor: worth knowing, since it may be in wrong hands. */
static enum pt_err
login_tell_asked(struct login *login)
{
	struct store_caller caller = request_caller(login->request);

	report_event(login->request, &(struct report){
		.kind = EVENT_OTP_ASKED,
		.level = LOG_LEVEL_INFO,
		.user = &login->user,
	});
	return store_login_asked(login->request->app->store, &caller, login->user.number);
}

static enum pt_err
login_second_factor_missing(struct login *login)
{
	const struct refusal *refusal = NULL;
	enum pt_err err = PT_OK;

	switch (login->factor.step) {
	case SECOND_FACTOR_PASSED:
		return login_fail(login);
	case SECOND_FACTOR_REFUSED:
		refusal = login->factor.unreadable ? &second_factor_unreadable : &second_factor_wrong;
		err = login_tell_failure(login, login->factor.reason);
		break;
	case SECOND_FACTOR_ASKED:
		refusal = &second_factor_missing;
		err = login_tell_asked(login);
		break;
	case SECOND_FACTOR_ENROL:
		refusal = &must_enrol;
		err = login_tell_asked(login);
		break;
	}
	return err == PT_OK ? login_ask_more(login, refusal) : err;
}

static enum pt_err
login_limit(struct login *login)
{
	const struct guess_at at = login_at(login);
	struct refusal refusal;
	enum pt_err err = guess_refuse(login->request, &at, &login->guess, &refusal);

	if (err == PT_OK)
		login_refuse(login, &refusal);
	return err;
}

/* A right password that comes without a code was no wrong guess; one with a wrong code was. */
static enum guess_outcome
login_outcome(const struct login *login, enum pt_err err, bool right, bool good)
{
	if (err != PT_OK)
		return GUESS_NOT_MADE;
	return good || (right && login->factor.step != SECOND_FACTOR_REFUSED && login->code.len == 0) ? GUESS_RIGHT :
	    GUESS_WRONG;
}

static enum pt_err
login_try(struct login *login)
{
	const char *fault = login_find_fault(login);
	bool right = false, good = false;
	enum pt_err err;

	if (fault) {
		login_refuse(login, &(struct refusal){ .status = 400, .error = "invalid_request", .text = fault });
		return PT_OK;
	}
	err = session_device_name(login->request, login->device_id);
	if (err == PT_OK)
		err = login_attempt(login, &right, &good);
	/*
	 * The hash was replaced meanwhile: perhaps remade by a login beside this one, and the password is right still.
	 * Or the code was spent by one: then that is seen now.
	 */
	if (err == PT_OK && right && !good && login->factor.step == SECOND_FACTOR_PASSED)
		err = login_attempt(login, &right, &good);
	guess_end(login->request, &login->guess, login_outcome(login, err, right, good));
	if (err != PT_OK)
		return err;
	if (login->guess.count > 0 && !login->guess.allowed)
		return login_limit(login);
	if (good)
		return login_succeed(login);
	return right ? login_second_factor_missing(login) : login_fail(login);
}

/*
 * Whom the web server's own sign-on names. Believed only where the site says
 * so, and only with the kind of sign-on: without AUTH_TYPE, REMOTE_USER is what
 * the client claims (web servers pass it on unchecked).
 */
static struct slice
login_remote_user(const struct request *request)
{
	if (request->app->settings->identity != IDENTITY_REMOTE_USER || request_param(request, "AUTH_TYPE").len == 0)
		return (struct slice){ NULL, 0 };
	return request_param(request, "REMOTE_USER");
}

/* Adds the user whom the web server named for the first time. */
static enum pt_err
login_add_user(struct login *login)
{
	struct store_caller caller = request_caller(login->request);
	bool added;

	if (login->known || !login->request->app->settings->remote_user_create || login->name[0] == '\0')
		return PT_OK;
	memcpy(login->user.name, login->name, sizeof(login->user.name));

	enum pt_err err = store_user_add(login->request->app->store, &caller, &login->user, &added);

	/* Another request may have been faster: then the user is there too. */
	return err != PT_OK ? err : login_find_user(login);
}

static enum pt_err
login_try_remote(struct login *login)
{
	bool good = false;
	enum pt_err err;

	login->username = login_remote_user(login->request);
	login->methods = LOGIN_BY_WEB_SERVER;
	err = login_find_user(login);
	if (err == PT_OK)
		err = login_add_user(login);
	if (err == PT_OK)
		err = session_device_name(login->request, login->device_id);
	if (err == PT_OK && login->known && !login->user.disabled)
		err = login_begin_session(login, &good);
	if (err != PT_OK)
		return err;
	return good ? login_succeed(login) : login_fail(login);
}

/* Says why nobody can sign in. */
static void
login_say_behind(const struct request *request, int64_t now_s, int64_t signs_from)
{
	char until[CLOCK_TEXT_SIZE];

	clock_format(signs_from * 1000, until);
	LOG_SPARELY(LOG_LEVEL_ERROR, "clock_behind", NULL, LOG_STR("request_id", request->request_id),
	    LOG_NUM("seconds", signs_from - now_s), LOG_STR("key_signs_from", until),
	    LOG_STR("advice", "set the clock of this machine: nobody can sign in until then; if it is right, "
	    "pintle key rotate --now makes a key that signs from now on"));
}

/*
 * Whether the clock is behind the keys, and so is wrong: what began now would be over as soon as it is set right.
 * Those who are signed in go on.
 */
static bool
login_is_untimely(struct login *login)
{
	const int64_t now_s = login->request->raw->accepted.wall_ms / 1000;
	int64_t signs_from;

	if (!keyring_is_behind(login->request->keys, now_s, &signs_from))
		return false;
	login_say_behind(login->request, now_s, signs_from);
	login_refuse(login, &(struct refusal){
		.status = 503,
		.error = "temporarily_unavailable",
		.text = "The clock of this machine is wrong: nobody can sign in until it is set right.",
		.retry_after = 60,
	});
	return true;
}

enum pt_err
login_post(const struct request *request, struct web_response *response)
{
	struct login login = {
		.request = request,
		.response = response,
		.form = body_type(request) == BODY_FORM,
		.methods = LOGIN_BY_PASSWORD,
	};
	const bool remote = login_remote_user(request).len > 0;
	const struct body_field fields[] = {
		{ .name = "username", .text = &login.username },
		{ .name = "password", .text = &login.password },
		{ .name = "otp", .text = &login.code },
		{ .name = "ticket", .text = &login.ticket },
		{ .name = "device", .text = &login.device },
		{ .name = "remember", .flag = &login.remember },
		{ .name = "return", .text = &login.return_to },
	};
	/* The sign-on says all there is to say: the request needs no body then. */
	const bool bare = remote && request->raw->body.len == 0;
	struct body body = { 0 };
	bool good = bare;
	enum pt_err err = bare ? PT_OK : body_read(request, fields, sizeof(fields) / sizeof(fields[0]), &body, &good);

	if (err == PT_OK && !good)
		answer_malformed(response, "A name and a password are wanted, as JSON or as a form.");
	else if (err == PT_OK && !login_is_untimely(&login))
		err = remote && login.username.len == 0 && login.ticket.len == 0 ? login_try_remote(&login) : login_try(&login);
	if (err == PT_ERR_BUSY)
		tally_add(TALLY_LOGIN_BUSY, 1);
	body_free(&body);
	secret_wipe(&login, sizeof(login));
	return err;
}
