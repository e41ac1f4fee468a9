/*
 * POST /link: sets a password with a one-time link. GET /link only shows the page and does not
 * spend the link, because mail scanners follow links. See DESIGN.md, A way in that nobody can
 * block.
 */
#include "web/endpoint/endpoints.h"

#include "base/secret.h"
#include "token/link_token.h"
#include "web/http/report.h"
#include "web/who/hashing.h"
#include "web/who/new_password.h"

/* One attempt to set a password with a link. If the link is good, out->who.user is its user. */
struct link_try {
	const struct request *request;
	struct outcome *out;
	struct slice token;	/* as sent */
	struct slice new;
	struct store_link link;
	enum reason reason;	/* why it is not good; REASON_NONE: it is */
};

/* All bad links look the same to strangers; only the log says what was wrong. */
static const struct refusal bad_link = {
	.status = 403, .error = "invalid_link",
	.text = "This link was already used, has expired or is incomplete. Ask for a new one.",
};
static const struct refusal malformed = REFUSAL_MALFORMED("Give the token of the link and the new "
    "password.");

const struct refusal *
link_form(const struct request *request, struct outcome *out)
{
	(void)request;
	out->kind = OUTCOME_PAGE;
	return NULL;
}

static const struct refusal *
link_refuse(const struct link_try *try)
{
	const struct user *user = &try->out->who.user;
	struct store_caller caller = request_caller(try->request);

	report_event(try->request, &(struct report){
		.kind = EVENT_LINK_REFUSED,
		.level = LOG_LEVEL_INFO,
		.user = user->number ? user : NULL,
		.reason = try->reason,
	});
	enum pt_err err = store_link_refused(try->request->app->store, &caller, user->number,
	    try->reason);

	return err == PT_OK ? &bad_link : refusal_failed(err);
}

static void
link_succeed(const struct link_try *try)
{
	static const enum event_kind told[] = { EVENT_LINK_USED, EVENT_PASSWORD_CHANGED };

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		report_event(try->request, &(struct report){
			.kind = told[i],
			.level = LOG_LEVEL_INFO,
			.user = &try->out->who.user,
		});
	session_cookie_set_device(try->request, try->out->response, try->out->device);
	try->out->kind = OUTCOME_DONE;
	try->out->next = "/link?done";
}

/* Checks whether the link is good now. Nothing more is known about a token that is not ours. */
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
			err = store_link_look(try->request->app->store, clock_now(), &try->link,
			    &try->out->who.user, &try->reason);
	}
	secret_wipe(&token, sizeof(token));
	return err;
}

/*
 * Hashes the password, and then spends the link if it is still there: if two requests try at once,
 * one of them succeeds.
 */
static enum pt_err
link_spend(struct link_try *try)
{
	struct outcome *out = try->out;
	char hash[PASSWORD_HASH_SIZE];
	uint8_t device_hash[DIGEST_SIZE];
	struct store_caller caller;
	/* This browser counts as a known device of the account once the link is spent. */
	enum pt_err err = session_device_name(try->request, out->device);

	if (err == PT_OK)
		err = digest_sha256(out->device, sizeof(out->device), device_hash);
	if (err == PT_OK)
		err = hashing_make(try->request, try->new, hash);
	caller = request_caller(try->request);
	caller.device_hash = device_hash;
	if (err == PT_OK)
		err = store_link_spend(try->request->app->store, &caller, &try->link, hash,
		    &out->who.user, &try->reason);
	secret_wipe(hash, sizeof(hash));
	return err;
}

/*
 * Without a good link it is a guess: counted for the address, as guesses at passwords are, before
 * anything is written.
 */
static const struct refusal *
link_turn_away(struct link_try *try)
{
	const struct guess_at at = { .user = NULL };
	const struct refusal *limited = guess_demand(try->request, &at, &try->out->guess);

	if (limited == NULL)
		return link_refuse(try);
	/* The link was not examined: it may be tried again. */
	try->out->token = try->token;
	return limited;
}

/*
 * Nobody guesses the 256 bits of a good link, so its holder is not slowed down by others who guess
 * at the account or from the same address.
 */
static const struct refusal *
link_set_password(struct link_try *try)
{
	struct outcome *out = try->out;
	enum pt_err err = link_look(try);

	if (err != PT_OK)
		return refusal_failed(err);
	if (try->reason != REASON_NONE)
		return link_turn_away(try);
	const struct refusal *refusal = new_password_demand(try->request, &out->who.user, try->new,
	    &out->made);

	out->token = try->token;
	if (refusal)
		return refusal;
	err = link_spend(try);
	if (err != PT_OK)
		return refusal_failed(err);
	/* Another request was faster. */
	out->token = SLICE("");
	if (try->reason != REASON_NONE)
		return link_turn_away(try);
	link_succeed(try);
	return NULL;
}

const struct refusal *
link_post(const struct request *request, struct outcome *out)
{
	struct link_try try = { .request = request, .out = out };
	const struct body_field fields[] = {
		{ .name = "token", .text = &try.token, .required = true },
		{ .name = "new", .text = &try.new, .required = true },
	};
	const struct refusal *refusal = body_demand(request, fields,
	    sizeof(fields) / sizeof(fields[0]), &out->body, &malformed);

	if (refusal == NULL)
		refusal = link_set_password(&try);
	secret_wipe(&try, sizeof(try));
	return refusal;
}
