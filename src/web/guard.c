#include "web/guard.h"

#include "base/log.h"
#include "base/tally.h"
#include "core/username.h"
#include "web/answer.h"
#include "web/credential.h"
#include "web/endpoints.h"
#include "web/form.h"
#include "web/page.h"

/* Why nobody is let through. The zero is the plainest no. */
enum guard_refusal { GUARD_SIGNED_OUT = 0, GUARD_STEP_UP, GUARD_NOT_ALLOWED, GUARD_CROSS_SITE, GUARD_PASS };

/* What X-Auth-Reason says, what the client is told, and how. */
static const struct {
	const char *name;
	struct refusal refusal;
} refusals[] = {
	[GUARD_SIGNED_OUT] = { "signed_out", { .status = 401, .error = "unauthorized", .text = "Sign in to see this." } },
	[GUARD_STEP_UP] = { "step_up", { .status = 401, .error = "insufficient_user_authentication",
	    .text = "This wants a fresh sign-in." } },
	[GUARD_NOT_ALLOWED] = { "not_allowed", { .status = 403, .error = "insufficient_scope",
	    .text = "You are signed in, but this is not open to you." } },
	[GUARD_CROSS_SITE] = { "cross_origin", { .status = 403, .error = "cross_origin",
	    .text = "Another site's page may not ask for that." } },
};

/* What a request has to show, and what it showed. */
struct guard {
	const struct request *request;
	enum guard_mode mode;
	struct slice groups;	/* any of these; empty: anybody */
	int64_t max_age_s;	/* of the login; -1: any age */
	bool unsafe;		/* of the request that is guarded */
	bool navigation;
	struct slice address;	/* of that request, as the browser sent it */
	struct credential who;
	enum guard_refusal refusal;
};

enum guard_mode
guard_mode_of(const struct request *request)
{
	struct slice mode = request_param(request, "PINTLE_MODE");

	if (mode.ptr == NULL)
		return request->raw->role == WEB_AUTHORIZER ? GUARD_BOTH : GUARD_NONE;
	if (slice_eq(mode, SLICE("verify")))
		return GUARD_VERIFY;
	if (slice_eq(mode, SLICE("deny")))
		return GUARD_DENY;
	return slice_eq(mode, SLICE("guard")) ? GUARD_BOTH : GUARD_UNKNOWN;
}

/* Reads a demand. One that is there but empty or broken is a broken configuration: nobody passes. */
static enum pt_err
guard_read_demands(struct guard *guard, struct slice groups, struct slice max_age)
{
	uint64_t seconds;

	guard->groups = groups;
	guard->max_age_s = -1;
	if (groups.ptr && (groups.len == 0 || !groups_valid(groups)))
		return PT_ERR_INVALID;
	if (max_age.ptr == NULL)
		return PT_OK;
	if (!slice_to_u64(max_age, &seconds) || seconds > INT32_MAX)
		return PT_ERR_INVALID;
	guard->max_age_s = (int64_t)seconds;
	return PT_OK;
}

static bool
method_is_safe(struct slice method)
{
	return slice_eq(method, SLICE("GET")) || slice_eq(method, SLICE("HEAD")) || slice_eq(method, SLICE("OPTIONS"));
}

/* Whether Accept names HTML: for browsers that send no Sec-Fetch-Mode. */
static bool
accepts_html(struct slice accept)
{
	struct slice type;

	while (accept.len) {
		slice_cut(accept, ',', &type, &accept);
		slice_cut(type, ';', &type, &(struct slice){ 0 });
		if (slice_eq_nocase(slice_trim(type), SLICE("text/html")))
			return true;
	}
	return false;
}

/*
 * What is asked for. Where the server asks by a request of its own
 * (forward_auth: always GET), method and address come beside it; the request is unsafe if either is.
 */
static void
guard_read_target(struct guard *guard)
{
	const struct request *request = guard->request;
	struct slice method = request_param(request, "PINTLE_METHOD");
	struct slice address = request_param(request, "PINTLE_URI");
	struct slice fetch_mode = request_param(request, "HTTP_SEC_FETCH_MODE");

	guard->unsafe = request->unsafe || (method.ptr && !method_is_safe(method));
	guard->address = address.ptr ? address : request_param(request, "REQUEST_URI");
	guard->navigation = fetch_mode.len ? slice_eq(fetch_mode, SLICE("navigate")) :
	    accepts_html(request_param(request, "HTTP_ACCEPT"));
}

/* Who asks, and whether that is enough. */
static enum pt_err
guard_judge(struct guard *guard)
{
	int64_t now_ms = clock_now().wall_ms;
	enum pt_err err = credential_read_gate(guard->request, &guard->who);

	guard->refusal = GUARD_SIGNED_OUT;
	if (err != PT_OK || !guard->who.good)
		return err;
	if (!guard->who.bearer && guard->unsafe && guard->request->site == ORIGIN_REFUSED)
		guard->refusal = GUARD_CROSS_SITE;
	else if (guard->groups.len && !groups_share(slice_of(guard->who.user.groups), guard->groups))
		guard->refusal = GUARD_NOT_ALLOWED;
	else if (guard->max_age_s >= 0 && now_ms - guard->who.session.auth_time > guard->max_age_s * 1000)
		guard->refusal = GUARD_STEP_UP;
	else
		guard->refusal = GUARD_PASS;
	return PT_OK;
}

/* One that brought nothing is a miss of no kind. */
static void
guard_count(const struct guard *guard)
{
	const struct credential *who = &guard->who;

	if (who->bearer)
		tally_add(who->remembered ? TALLY_VERIFY_HIT : TALLY_VERIFY_MISS, 1);
	else if (who->reason != REASON_NO_COOKIE)
		tally_add(TALLY_VERIFY_GATE, 1);
	tally_add(guard->refusal == GUARD_PASS ? TALLY_VERIFY_PASSED : TALLY_VERIFY_REFUSED, 1);
}

static enum pt_err
guard_decide(struct guard *guard)
{
	enum pt_err err = guard_judge(guard);

	if (err == PT_OK)
		guard_count(guard);
	return err;
}

/* ---- yes */

/* A use by the gate cookie keeps the session from its idle end. That it cannot be written keeps nobody out. */
static enum pt_err
guard_touch(const struct guard *guard)
{
	struct store_caller caller = request_caller(guard->request);

	if (guard->who.bearer || caller.now.wall_ms - guard->who.session.last_seen_at < STORE_TOUCH_EVERY_MS)
		return PT_OK;
	enum pt_err err = store_session_touch(guard->request->app->store, &caller, guard->who.session.number);

	if (err == PT_OK || err == PT_ERR_FATAL)
		return err;
	LOG(LOG_LEVEL_WARNING, "touch_failed", LOG_STR("request_id", guard->request->request_id),
	    LOG_STR("sid", guard->who.session.sid), LOG_STR("cause", pt_err_text(err)));
	return PT_OK;
}

/* To an authorizer's server the names become variables of what stands behind; else they are headers that it may copy. */
static void
guard_pass(const struct guard *guard, struct web_response *response)
{
	const struct slice user = slice_of(guard->who.user.name);
	const struct slice groups = slice_of(guard->who.user.groups);
	const struct slice sid = slice_of(guard->who.session.sid);

	if (guard->request->raw->role != WEB_AUTHORIZER) {
		answer_empty(response, 204);
		answer_header(response, "X-Auth-User", user);
		answer_header(response, "X-Auth-Groups", groups);
		answer_header(response, "X-Auth-Session", sid);
		return;
	}
	answer_empty(response, 200);
	answer_header(response, "Variable-REMOTE_USER", user);
	answer_header(response, "Variable-AUTH_USER", user);
	answer_header(response, "Variable-AUTH_GROUPS", groups);
	answer_header(response, "Variable-AUTH_SESSION", sid);
}

/* ---- no */

/* RFC 6750, 3; RFC 9470, 3 where a fresh login is wanted. */
static void
guard_challenge(const struct guard *guard, struct web_response *response)
{
	struct buf challenge = BUF_EMPTY;

	switch (guard->refusal) {
	case GUARD_STEP_UP:
		buf_printf(&challenge, "Bearer error=\"insufficient_user_authentication\", "
		    "error_description=\"A fresh sign-in is wanted\", max_age=\"%lld\"", (long long)guard->max_age_s);
		break;
	case GUARD_NOT_ALLOWED:
		buf_puts(&challenge, "Bearer error=\"insufficient_scope\"");
		break;
	case GUARD_SIGNED_OUT:
		buf_puts(&challenge, guard->who.bearer ? "Bearer error=\"invalid_token\"" : "Bearer");
		break;
	case GUARD_CROSS_SITE:
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
 * A person who navigates is shown a page at the address that was asked for; no
 * return address exists that could be forged. To the request that was unsafe
 * the page says that it was not delivered.
 */
static void
guard_refuse_page(const struct guard *guard, struct web_response *response)
{
	const struct refusal *refusal = &refusals[guard->refusal].refusal;
	bool signed_out = guard->refusal == GUARD_SIGNED_OUT;
	struct refusal shown = { .status = refusal->status };

	if (guard->refusal == GUARD_NOT_ALLOWED) {
		page_denied(guard->request, response, &guard->who.user, guard->address);
		return;
	}
	if (guard->refusal == GUARD_CROSS_SITE) {
		page_failure(guard->request, response, &(struct refusal){ .status = 403, .text = refusal->text });
		return;
	}
	/* Why one was signed out is worth saying; that one is not signed in goes without saying. */
	shown.text = !signed_out ? refusal->text :
	    guard->who.reason == REASON_NO_COOKIE ? "" : reason_info(guard->who.reason)->text;
	page_login(guard->request, response, &(struct page_login){
		.refusal = &shown,
		.username = signed_out ? SLICE("") : slice_of(guard->who.user.name),
		.return_to = guard->address,
		.in_place = true,
		.silent = signed_out,
		.unsafe = guard->unsafe,
	});
}

/* Says no: to a person by a page, to a program by JSON; verify's own body is thrown away by its server. */
static void
guard_refuse(const struct guard *guard, struct web_response *response)
{
	if (guard->mode != GUARD_VERIFY && guard->navigation)
		guard_refuse_page(guard, response);
	else
		guard_refuse_json(guard, response);
	/* The server passes verify's own challenge on: a second one would contradict it. */
	if (guard->mode != GUARD_DENY)
		guard_challenge(guard, response);
	answer_header(response, "X-Auth-Reason", slice_of(refusals[guard->refusal].name));
}

/*
 * Deny is asked after verify said no, without its demands: what verify said
 * comes as PINTLE_REASON, where the server's configuration passes it on. Never
 * less than a refusal comes of it.
 */
static enum pt_err
guard_deny_reason(struct guard *guard)
{
	struct slice said = request_param(guard->request, "PINTLE_REASON");
	enum pt_err err = credential_read_gate(guard->request, &guard->who);

	guard->refusal = guard->who.good ? GUARD_NOT_ALLOWED : GUARD_SIGNED_OUT;
	if (err != PT_OK || !guard->who.good)
		return err;
	for (enum guard_refusal i = GUARD_SIGNED_OUT; i < GUARD_PASS; i++)
		if (slice_eq(said, slice_of(refusals[i].name)))
			guard->refusal = i;
	return PT_OK;
}

enum pt_err
guard_answer(const struct request *request, enum guard_mode mode, struct web_response *response)
{
	struct guard guard = { .request = request, .mode = mode };
	enum pt_err err;

	guard_read_target(&guard);
	if (mode == GUARD_DENY)
		err = guard_deny_reason(&guard);
	else
		err = guard_read_demands(&guard, request_param(request, "PINTLE_GROUP"),
		    request_param(request, "PINTLE_MAX_AGE"));
	if (err == PT_OK && mode != GUARD_DENY)
		err = guard_decide(&guard);
	if (err == PT_OK && guard.refusal == GUARD_PASS)
		err = guard_touch(&guard);
	if (err != PT_OK)
		return err;
	if (guard.refusal == GUARD_PASS)
		guard_pass(&guard, response);
	else
		guard_refuse(&guard, response);
	return PT_OK;
}

/* GET /verify, by its own address: the one place where demands may come in the query, since the caller is who wants to know. */
enum pt_err
verify_get(const struct request *request, struct web_response *response)
{
	struct guard guard = { .request = request, .mode = GUARD_VERIFY };
	struct slice groups = { NULL, 0 }, max_age = { NULL, 0 };
	struct form query;
	bool good;
	enum pt_err err = form_parse(request->query, &query, &good);

	if (err != PT_OK)
		return err;
	if (good)
		good = form_get(&query, "group", &groups) != FORM_REPEATED &&
		    form_get(&query, "max_age", &max_age) != FORM_REPEATED &&
		    guard_read_demands(&guard, groups, max_age) == PT_OK;
	guard_read_target(&guard);
	if (good)
		err = guard_decide(&guard);
	if (err == PT_OK && good && guard.refusal == GUARD_PASS)
		err = guard_touch(&guard);
	if (err == PT_OK && !good)
		answer_malformed(response, "The query wants group=NAME[,NAME] and max_age=SECONDS, each once at most.");
	else if (err == PT_OK && guard.refusal == GUARD_PASS)
		guard_pass(&guard, response);
	else if (err == PT_OK)
		guard_refuse(&guard, response);
	form_free(&query);
	return err;
}
