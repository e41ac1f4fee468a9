/* POST /password: a new password for the current one; every other session ends with it. */
#include "web/endpoint/endpoints.h"

#include "base/secret.h"
#include "web/endpoint/account.h"
#include "web/http/answer.h"
#include "web/http/body.h"
#include "web/http/redirect.h"
#include "web/http/report.h"
#include "web/who/credential.h"
#include "web/who/guess.h"
#include "web/who/hashing.h"
#include "web/who/password_rules.h"

struct change {
	struct slice current;
	struct slice new;
};

/* Whether new may be set; answers where it may not. */
static enum pt_err
change_allowed(const struct request *request, struct web_response *response, const struct credential *who,
    struct slice new, bool *good)
{
	const struct web_app *app = request->app;
	enum password_verdict verdict;
	enum pt_err err = password_rules_judge(app->settings, app->bad_passwords, slice_of(who->user.name), new, &verdict);

	*good = err == PT_OK && verdict == PASSWORD_GOOD;
	if (err != PT_OK || *good)
		return err;
	return account_refuse(request, response, who, &(struct refusal){
		.status = 400,
		.error = "invalid_password",
		.text = password_verdict_text(verdict),
	});
}

/* A wrong guess by somebody who holds a session is a failed login like any other. */
static enum pt_err
change_refuse(const struct request *request, struct web_response *response, const struct credential *who)
{
	struct store_caller caller = request_caller(request);

	report_event(request, &(struct report){
		.kind = EVENT_LOGIN_FAILED,
		.level = LOG_LEVEL_INFO,
		.user = &who->user,
		.session = &who->session,
	});
	enum pt_err err = store_login_failed(request->app->store, &caller, who->user.number, SLICE(""), REASON_NONE);

	return err != PT_OK ? err : account_refuse(request, response, who, &(struct refusal){
		.status = 403,
		.error = "invalid_credentials",
		.text = "The current password is not right.",
	});
}

/* Sets the new hash if the one that current was checked against still stands. */
static enum pt_err
change_apply(const struct request *request, const struct credential *who, struct slice new, bool *done)
{
	char hash[PASSWORD_HASH_SIZE];
	struct store_caller caller;
	enum pt_err err = hashing_make(request, new, hash);

	caller = request_caller(request);
	caller.device_hash = who->session.device_hash;
	if (err == PT_OK)
		err = store_user_set_password(request->app->store, &caller, who->user.number, who->user.password_hash,
		    hash, who->session.number, done);
	secret_wipe(hash, sizeof(hash));
	return err;
}

/* Whether current is the password; *limited if it was not looked at, which is answered then. */
static enum pt_err
change_prove(const struct request *request, struct web_response *response, const struct credential *who,
    struct slice current, bool *limited, bool *good)
{
	struct guess guess;
	bool weaker;
	enum pt_err err;

	*good = *limited = false;
	err = account_guess(request, response, who, &guess);
	if (err != PT_OK)
		return err;
	*limited = !guess.allowed;
	/* What is longer than any password is not hashed, and stays counted: its refusal is written down. */
	if (*limited || current.len == 0 || current.len > PASSWORD_MAX_BYTES)
		return PT_OK;
	err = hashing_check(request, current, &who->user, good, &weaker);
	guess_end(request, &guess, err != PT_OK ? GUESS_NOT_MADE : *good ? GUESS_RIGHT : GUESS_WRONG);
	return err;
}

static enum pt_err
change_decide(const struct request *request, struct web_response *response, const struct credential *who,
    const struct change *change)
{
	bool good = false, limited;
	enum pt_err err = change_allowed(request, response, who, change->new, &good);

	if (err != PT_OK || !good)
		return err;
	err = change_prove(request, response, who, change->current, &limited, &good);
	if (err == PT_OK && good)
		err = change_apply(request, who, change->new, &good);
	if (err != PT_OK || limited)
		return err;
	if (!good)
		return change_refuse(request, response, who);
	report_event(request, &(struct report){
		.kind = EVENT_PASSWORD_CHANGED,
		.level = LOG_LEVEL_INFO,
		.user = &who->user,
		.session = &who->session,
	});
	account_done(request, response, ACCOUNT_PASSWORD_CHANGED);
	return PT_OK;
}

enum pt_err
change_password_post(const struct request *request, struct web_response *response)
{
	struct change change = { { NULL, 0 }, { NULL, 0 } };
	const struct body_field fields[] = {
		{ .name = "current", .text = &change.current, .required = true },
		{ .name = "new", .text = &change.new, .required = true },
	};
	struct credential who;
	struct body body;
	bool good;
	enum pt_err err = account_demand(request, response, &who);

	if (err != PT_OK || !who.good)
		return err;
	err = body_read(request, fields, sizeof(fields) / sizeof(fields[0]), &body, &good);
	if (err == PT_OK && good)
		err = change_decide(request, response, &who, &change);
	else if (err == PT_OK)
		answer_malformed(response, "The current and the new password are wanted.");
	body_free(&body);
	return err;
}

enum pt_err
change_password_find(const struct request *request, struct web_response *response)
{
	struct buf path = BUF_EMPTY;

	buf_printf(&path, "%s/account", request->app->settings->mount);
	redirect_to(request, response, buf_slice(&path));

	enum pt_err err = buf_status(&path);

	buf_free(&path);
	return err;
}
