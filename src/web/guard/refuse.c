/* The answer no. */
#include "web/guard/question.h"

#include "web/http/answer.h"
#include "web/http/cross_site.h"
#include "web/pages/login_page.h"
#include "web/pages/page.h"

/* For each verdict, the word in X-Auth-Reason and what the client is told. */
static const struct {
	const char *name;
	struct refusal refusal;
} refusals[] = {
	[GUARD_SIGNED_OUT] = { "signed_out",
	    { .status = 401, .error = "unauthorized", .text = "Sign in to see this." } },
	[GUARD_STEP_UP] = { "step_up", { .status = 401, .error = "insufficient_user_authentication",
	    .text = "Please sign in again to see this." } },
	[GUARD_NOT_ALLOWED] = { "not_allowed", { .status = 403, .error = "insufficient_scope",
	    .text = "You are signed in, but you have no access to this." } },
	[GUARD_CROSS_SITE] = { "cross_origin", { .status = 403, .error = "cross_origin",
	    .text = "A page of another site is not allowed to request this." } },
	[GUARD_AMBIGUOUS] = { "ambiguous", { .status = 400, .error = "invalid_request",
	    .text = "This address could also be read as another one." } },
	[GUARD_PREFLIGHT] = { "preflight", { .status = 403, .error = "cross_origin",
	    .text = "A page of another origin is not allowed to request this." } },
};

const char *
guard_refusal_name(enum guard_refusal refusal)
{
	return refusal == GUARD_PASS ? "" : refusals[refusal].name;
}

/* The challenge (RFC 6750, 3; RFC 9470, 3 if a fresh login is required). */
static void
guard_challenge(const struct guard *guard, struct web_response *response)
{
	struct buf challenge = BUF_EMPTY;

	switch (guard->refusal) {
	case GUARD_STEP_UP:
		buf_printf(&challenge, "Bearer error=\"insufficient_user_authentication\", "
		    "error_description=\"A fresh sign-in is required\", max_age=\"%lld\"",
		    (long long)guard->max_age_s);
		break;
	case GUARD_NOT_ALLOWED:
		buf_puts(&challenge, "Bearer error=\"insufficient_scope\"");
		break;
	case GUARD_SIGNED_OUT:
		buf_puts(&challenge,
		    guard->who.bearer ? "Bearer error=\"invalid_token\"" : "Bearer");
		break;
	case GUARD_CROSS_SITE:
	case GUARD_AMBIGUOUS:
	case GUARD_PREFLIGHT:
	case GUARD_PASS:
		return;
	}
	answer_header_buf(response, "WWW-Authenticate", &challenge);
	buf_free(&challenge);
}

static void
guard_refuse_json(const struct guard *guard, struct web_response *response)
{
	const struct refusal *refusal = &refusals[guard->refusal].refusal;
	struct json_writer w = answer_json(response, refusal->status);

	json_open(&w, NULL);
	json_put_cstr(&w, "error", refusal->error);
	json_put_cstr(&w, "error_description", refusal->text);
	if (guard->refusal == GUARD_SIGNED_OUT && guard->who.reason != REASON_NONE)
		json_put_cstr(&w, "reason", reason_info(guard->who.reason)->name);
	json_close(&w);
}

/*
 * A person who navigates is shown a page at the requested address, so there is no return address
 * that could be forged. After an unsafe request the page says that the form was not sent.
 */
static void
guard_refuse_page(const struct guard *guard, struct web_response *response)
{
	const struct refusal *refusal = &refusals[guard->refusal].refusal;
	bool signed_out = guard->refusal == GUARD_SIGNED_OUT;
	struct refusal shown = { .status = refusal->status };

	if (guard->refusal == GUARD_NOT_ALLOWED) {
		login_page_denied(guard->request, response, &guard->who.user, guard->address);
		return;
	}
	if (guard->refusal == GUARD_CROSS_SITE || guard->refusal == GUARD_AMBIGUOUS) {
		page_turned_away(guard->request, response,
		    &(struct refusal){ .status = refusal->status, .text = refusal->text },
		    guard->refusal == GUARD_AMBIGUOUS ? SLICE("/") : guard->address);
		return;
	}
	/* The reason for a sign-out is worth saying; not being signed in needs no words. */
	shown.text = refusal->text;
	if (signed_out)
		shown.text = guard->who.reason == REASON_NO_COOKIE ?
		    "" : reason_info(guard->who.reason)->text;
	login_page_form(guard->request, response, &(struct login_form){
		.refusal = &shown,
		.username = signed_out ? SLICE("") : slice_of(guard->who.user.name),
		.return_to = guard->address,
		.in_place = true,
		.silent = signed_out,
		.unsafe = guard->unsafe,
	});
}

/*
 * Says no: to a person with a page, to a program with JSON, to a preflight with the headers it
 * needs. The server throws away verify's body and knows only 401 and 403. The 204 that answers a
 * preflight must not be mistaken for the 204 that means yes.
 */
void
guard_refuse(const struct guard *guard, struct web_response *response)
{
	const bool says_204 = guard->mode == GUARD_BOTH &&
	    guard->request->raw->role != WEB_AUTHORIZER;

	/*
	 * A gateway that takes every 2xx for yes would take the answer to a preflight for yes too.
	 */
	if (guard->mode != GUARD_VERIFY && guard->refusal == GUARD_PREFLIGHT &&
	    !slice_eq(request_param(guard->request, "PINTLE_PREFLIGHT"), SLICE("refuse")))
		cross_site_preflight(guard->request, response, says_204 ? 200 : 204);
	else if (guard->mode != GUARD_VERIFY && guard->navigation && !guard->for_programs)
		guard_refuse_page(guard, response);
	else
		guard_refuse_json(guard, response);
	if (guard->mode == GUARD_VERIFY && response->status == 400)
		response->status = 403;
	/* The server passes on verify's challenge: a second one would contradict it. */
	if (guard->mode != GUARD_DENY)
		guard_challenge(guard, response);
	answer_header(response, "X-Auth-Reason", slice_of(guard_refusal_name(guard->refusal)));
}
