/* POST /link: sets a password by a one-time link. GET /link shows the page for it, and spends nothing: mail scanners follow links. */
#include "web/endpoint/endpoints.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "token/link_token.h"
#include "web/http/body.h"
#include "web/http/form.h"
#include "web/http/redirect.h"
#include "web/http/report.h"
#include "web/pages/page.h"
#include "web/pages/pages.h"
#include "web/who/guess.h"
#include "web/who/hashing.h"
#include "web/who/password_rules.h"
#include "web/who/session_cookie.h"

/* One try to set a password by a link. */
struct link_try {
	const struct request *request;
	struct web_response *response;
	struct slice token;	/* as sent */
	struct slice new;
	struct store_link link;
	uint8_t device[SESSION_DEVICE_SIZE];	/* the browser's name, known to the account once the link is spent */
	struct user user;	/* whose link it is, where it is good */
	enum reason reason;	/* why it is not; REASON_NONE: it is */
};

/* To strangers all links that are not good look alike; the log alone is told which it was. */
static const struct refusal bad_link = {
	.status = 403, .error = "invalid_link",
	.text = "This link has been used, is too old, or is not whole: ask for a new one.",
};

/* The page with its form; token is what was sent before, and done that it was good. */
static void
link_show(const struct request *request, struct web_response *response, const struct refusal *refusal,
    struct slice token, bool done)
{
	const bool bad_token = refusal == &bad_link;
	const bool bad_new = refusal && strcmp(refusal->error, "invalid_password") == 0;
	char min[12];

	snprintf(min, sizeof(min), "%u", request->app->settings->password_min);
	const struct template_field fields[] = {
		{ "message", refusal ? slice_of(refusal->text) : SLICE("") },
		{ "bad_token", page_flag(bad_token) },
		{ "bad_new", page_flag(bad_new) },
		{ "fault", page_flag(bad_new) },
		{ "token", token },
		{ "done", page_flag(done) },
		{ "min", slice_of(min) },
	};

	page_show(request, response, &(struct page){
		.status = refusal ? refusal->status : 200,
		.title = "Set your password",
		.html = page_link_html,
		.fields = fields,
		.field_count = sizeof(fields) / sizeof(fields[0]),
	});
	if (refusal)
		answer_refuse_head(response, refusal);
}

enum pt_err
link_page(const struct request *request, struct web_response *response)
{
	/* The token is never in the query, which servers log: only whether this is the page after. */
	link_show(request, response, NULL, SLICE(""), slice_eq(request->query, SLICE("done")));
	return PT_OK;
}

/* A link that was good, and a password that was not, may be tried again: the form keeps the token. */
static void
link_answer(const struct link_try *try, const struct refusal *refusal)
{
	if (body_type(try->request) == BODY_FORM)
		link_show(try->request, try->response, refusal,
		    try->reason == REASON_NONE ? try->token : SLICE(""), false);
	else
		answer_refuse(try->response, refusal);
}

static enum pt_err
link_refuse(const struct link_try *try)
{
	struct store_caller caller = request_caller(try->request);
	bool known = try->user.number != 0;

	report_event(try->request, &(struct report){
		.kind = EVENT_LINK_REFUSED,
		.level = LOG_LEVEL_INFO,
		.user = known ? &try->user : NULL,
		.reason = try->reason,
	});
	link_answer(try, &bad_link);
	return store_link_refused(try->request->app->store, &caller, known ? try->user.number : 0, try->reason);
}

static enum pt_err
link_succeed(const struct link_try *try)
{
	static const enum event_kind told[] = { EVENT_LINK_USED, EVENT_PASSWORD_CHANGED };
	struct buf path = BUF_EMPTY;

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		report_event(try->request, &(struct report){
			.kind = told[i],
			.level = LOG_LEVEL_INFO,
			.user = &try->user,
		});
	session_cookie_set_device(try->request, try->response, try->device);
	if (body_type(try->request) != BODY_FORM) {
		answer_empty(try->response, 204);
		return PT_OK;
	}
	buf_printf(&path, "%s/link?done", try->request->app->settings->mount);
	redirect_to(try->request, try->response, buf_slice(&path));
	enum pt_err err = buf_status(&path);

	buf_free(&path);
	return err;
}

/* Whether the link is good as of now; no more is known of one that is no token of ours. */
static enum pt_err
link_look(struct link_try *try)
{
	struct link_token token;
	enum pt_err err = PT_OK;

	try->reason = REASON_LINK_UNKNOWN;
	if (link_token_parse(slice_trim(try->token), &token)) {
		try->link.user_number = token.user_number;
		err = digest_sha256(token.secret, sizeof(token.secret), try->link.secret_hash);
		if (err == PT_OK)
			err = store_link_look(try->request->app->store, clock_now(), &try->link, &try->user, &try->reason);
	}
	secret_wipe(&token, sizeof(token));
	return err;
}

/* Hashes, and then spends the link if it is still there: of two at once one sets its password. */
static enum pt_err
link_spend(struct link_try *try)
{
	char hash[PASSWORD_HASH_SIZE];
	uint8_t device_hash[DIGEST_SIZE];
	struct store_caller caller;
	enum pt_err err = session_device_name(try->request, try->device);

	if (err == PT_OK)
		err = digest_sha256(try->device, sizeof(try->device), device_hash);
	if (err == PT_OK)
		err = hashing_make(try->request, try->new, hash);
	caller = request_caller(try->request);
	caller.device_hash = device_hash;
	if (err == PT_OK)
		err = store_link_spend(try->request->app->store, &caller, &try->link, hash, &try->user, &try->reason);
	secret_wipe(hash, sizeof(hash));
	secret_wipe(try->user.password_hash, sizeof(try->user.password_hash));
	return err;
}

/* A link that is good: of the password it depends. Where another was faster try->reason says so afterwards, unanswered. */
static enum pt_err
link_decide(struct link_try *try)
{
	const struct web_app *app = try->request->app;
	enum password_verdict verdict;
	enum pt_err err = password_rules_judge(app->settings, app->bad_passwords, slice_of(try->user.name), try->new, &verdict);

	if (err != PT_OK)
		return err;
	if (verdict != PASSWORD_GOOD) {
		link_answer(try, &(struct refusal){
			.status = 400, .error = "invalid_password", .text = password_verdict_text(verdict),
		});
		return PT_OK;
	}
	err = link_spend(try);
	return err == PT_OK && try->reason == REASON_NONE ? link_succeed(try) : err;
}

/* Who holds no link guesses: counted for the address, as guesses at passwords are, before anything is written. */
static enum pt_err
link_turn_away(struct link_try *try)
{
	const struct guess_at at = { .user = NULL };
	struct refusal refusal;
	struct guess guess;
	enum pt_err err = guess_begin(try->request, &at, &guess);

	if (err != PT_OK)
		return err;
	if (!guess.allowed) {
		err = guess_refuse(try->request, &at, &guess, &refusal);
		try->reason = REASON_NONE;	/* of which nothing is known: it may be tried again */
		if (err == PT_OK)
			link_answer(try, &refusal);
		return err;
	}
	return link_refuse(try);
}

/*
 * A link that is good is 256 bits that nobody guesses: its holder waits with no
 * stranger, whoever else guesses at the account or from the same address.
 */
static enum pt_err
link_try_it(struct link_try *try)
{
	enum pt_err err = link_look(try);

	if (err == PT_OK && try->reason == REASON_NONE)
		err = link_decide(try);
	return err == PT_OK && try->reason != REASON_NONE ? link_turn_away(try) : err;
}

enum pt_err
link_post(const struct request *request, struct web_response *response)
{
	struct link_try try = { .request = request, .response = response };
	const struct body_field fields[] = {
		{ .name = "token", .text = &try.token, .required = true },
		{ .name = "new", .text = &try.new, .required = true },
	};
	struct body body;
	bool good;
	enum pt_err err = body_read(request, fields, sizeof(fields) / sizeof(fields[0]), &body, &good);

	if (err == PT_OK && good)
		err = link_try_it(&try);
	else if (err == PT_OK)
		answer_malformed(response, "The token of the link and the new password are wanted.");
	body_free(&body);
	secret_wipe(&try, sizeof(try));
	return err;
}
