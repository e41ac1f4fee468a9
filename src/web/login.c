/*
 * POST /login: a name and a password for a session. Whatever is wrong with
 * them looks alike, in the answer and in the time that it takes.
 */
#include "web/endpoints.h"

#include <string.h>

#include "base/secret.h"
#include "core/password_policy.h"
#include "core/username.h"
#include "web/body.h"
#include "web/grant.h"
#include "web/hashing.h"
#include "web/page.h"
#include "web/redirect.h"
#include "web/report.h"
#include "web/session_cookie.h"

/* One try to log in, from what was typed to what came of it. */
struct login {
	const struct request *request;
	struct web_response *response;
	bool form;			/* an HTML form: answered with pages */
	uint32_t methods;		/* how the person proves who it is (enum login_method) */
	struct slice username;		/* as typed */
	struct slice password;
	struct slice device;
	struct slice return_to;
	bool remember;
	bool known;			/* there is such a user: */
	struct user user;
	bool weaker;			/* its hash wants to be remade */
	struct session session;
	struct refresh_token token;
	uint8_t device_id[SESSION_DEVICE_SIZE];
	int64_t now_ms;
};

static const struct refusal bad_credentials = {
	.status = 401, .error = "invalid_credentials", .text = "The name or the password is not right.",
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
	if (login->username.len == 0)
		return "The name is missing.";
	if (login->password.len == 0)
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
	char name[USER_NAME_SIZE];

	if (!username_fold(login->username, name))
		return PT_OK;
	return store_user_by_name(login->request->app->store, slice_of(name), &login->user, &login->known);
}

static enum pt_err
login_fail(struct login *login)
{
	struct store_caller caller = request_caller(login->request);
	enum reason reason = login->known && login->user.disabled ? REASON_USER_DISABLED : REASON_NONE;

	report_event(login->request, &(struct report){
		.kind = EVENT_LOGIN_FAILED,
		.level = LOG_LEVEL_INFO,
		.user = login->known ? &login->user : NULL,
		.reason = reason,
	});
	login_refuse(login, &bad_credentials);
	return store_login_failed(login->request->app->store, &caller, login->username,
	    login->known ? login->user.number : 0, reason);
}

/* The device keeps its name from login to login; one that has none, or a broken one, gets one. */
static enum pt_err
login_name_device(struct login *login)
{
	struct session_cookies cookies;
	enum pt_err err = session_cookies_read(login->request, &cookies);

	if (err == PT_OK && cookies.has_device)
		memcpy(login->device_id, cookies.device, sizeof(login->device_id));
	else if (err == PT_OK)
		err = random_bytes(login->device_id, sizeof(login->device_id));
	session_cookies_wipe(&cookies);
	return err;
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
	};
	struct user user;
	enum pt_err err = login_name_device(login);

	if (err == PT_OK)
		err = random_bytes(login->token.secret, sizeof(login->token.secret));
	if (err == PT_OK)
		err = random_bytes(&login->token.nonce, sizeof(login->token.nonce));
	if (err == PT_OK)
		err = digest_sha256(login->token.secret, sizeof(login->token.secret), wanted.secret_hash);
	if (err == PT_OK)
		err = digest_sha256(login->device_id, sizeof(login->device_id), wanted.device_hash);
	if (err != PT_OK)
		return err;
	wanted.nonce = login->token.nonce;
	err = store_login(login->request->app->store, &caller, &wanted, &login->session, &user, done);
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
	session_cookie_set_device(login->request, login->response, login->device_id);
	if (!login->form)
		return grant_answer(login->request, login->response, &grant);
	err = grant_cookies(login->request, login->response, &grant);
	if (err == PT_OK)
		redirect_to(login->request, login->response, login->return_to);
	return err;
}

/* Checks the password and begins the session; *right tells of the password alone. */
static enum pt_err
login_attempt(struct login *login, bool *right, bool *good)
{
	enum pt_err err = login_find_user(login);

	*right = false;
	if (err == PT_OK)
		err = hashing_check(login->request, login->password, login->known ? &login->user : NULL,
		    right, &login->weaker);
	*good = *right;
	return err == PT_OK && *right ? login_begin_session(login, good) : err;
}

static enum pt_err
login_try(struct login *login)
{
	const char *fault = login_find_fault(login);
	bool right, good;
	enum pt_err err;

	if (fault) {
		login_refuse(login, &(struct refusal){ .status = 400, .error = "invalid_request", .text = fault });
		return PT_OK;
	}
	err = login_attempt(login, &right, &good);
	/* The hash was replaced meanwhile: perhaps remade by a login beside this one, and the password is right still. */
	if (err == PT_OK && right && !good)
		err = login_attempt(login, &right, &good);
	if (err != PT_OK)
		return err;
	return good ? login_succeed(login) : login_fail(login);
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

	if (login->known || !login->request->app->settings->remote_user_create ||
	    !username_fold(login->username, login->user.name))
		return PT_OK;
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
	if (err == PT_OK && login->known && !login->user.disabled)
		err = login_begin_session(login, &good);
	if (err != PT_OK)
		return err;
	return good ? login_succeed(login) : login_fail(login);
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
		{ .name = "username", .text = &login.username, .required = !remote },
		{ .name = "password", .text = &login.password, .required = !remote },
		{ .name = "device", .text = &login.device },
		{ .name = "remember", .flag = &login.remember },
		{ .name = "return", .text = &login.return_to },
	};
	/* The sign-on says all there is to say: the request needs no body then. */
	const bool bare = remote && request->raw->body.len == 0;
	struct body body = { 0 };
	bool good = bare;
	enum pt_err err = bare ? PT_OK : body_read(request, fields, sizeof(fields) / sizeof(fields[0]), &body, &good);

	if (err == PT_OK && good)
		err = remote && login.username.len == 0 ? login_try_remote(&login) : login_try(&login);
	else if (err == PT_OK)
		answer_malformed(response, "A name and a password are wanted, as JSON or as a form.");
	body_free(&body);
	secret_wipe(&login, sizeof(login));
	return err;
}
