#include "web/endpoint/guard.h"

#include <stdatomic.h>

#include "base/log.h"
#include "base/tally.h"
#include "core/username.h"
#include "web/endpoint/endpoints.h"
#include "web/endpoint/reading.h"
#include "web/http/answer.h"
#include "web/http/cookie.h"
#include "web/http/cross_site.h"
#include "web/http/form.h"
#include "web/pages/page.h"
#include "web/who/credential.h"

/* Why nobody is let through. The zero is the plainest no. */
enum guard_refusal {
	GUARD_SIGNED_OUT = 0, GUARD_STEP_UP, GUARD_NOT_ALLOWED, GUARD_CROSS_SITE, GUARD_AMBIGUOUS,
	GUARD_PREFLIGHT,	/* not let through, but answered all the same */
	GUARD_PASS
};

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
	[GUARD_AMBIGUOUS] = { "ambiguous", { .status = 400, .error = "invalid_request",
	    .text = "This address can be read as that of another place." } },
	[GUARD_PREFLIGHT] = { "preflight", { .status = 403, .error = "cross_origin",
	    .text = "Another origin's page may not ask for that." } },
};

/* What a request has to show, and what it showed. */
struct guard {
	const struct request *request;
	enum guard_mode mode;
	struct slice groups;	/* any of these; empty: anybody */
	int64_t max_age_s;	/* of the login; -1: any age */
	struct slice method;	/* of the request that is guarded */
	bool unsafe;
	bool navigation;
	struct slice address;	/* of that request, as the browser sent it */
	const struct guard_place *place;	/* that the server says it is about; NULL: it says none that is known */
	bool for_programs;	/* at a place that no cookie opens, a page that asks to sign in would ask for ever */
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
	if (slice_eq(mode, SLICE("forward")))
		return GUARD_FORWARD;
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

/* The first of these parameters that is there. */
static struct slice
guard_first(const struct request *request, const char *const names[], size_t count)
{
	struct slice value = { NULL, 0 };

	for (size_t i = 0; i < count && value.ptr == NULL; i++)
		value = request_param(request, names[i]);
	return value;
}

/*
 * What is asked for. Where the server asks by a request of its own
 * (forward_auth: always GET), method and address come beside it; the request is unsafe if either is.
 * A client's own headers of these names mean nothing but in forward, whose gateway sets them.
 */
static void
guard_read_target(struct guard *guard)
{
	static const char *const methods[] = { "PINTLE_METHOD", "HTTP_X_FORWARDED_METHOD", "HTTP_X_ORIGINAL_METHOD" };
	static const char *const addresses[] = { "PINTLE_URI", "HTTP_X_FORWARDED_URI", "HTTP_X_ORIGINAL_URL",
		"HTTP_X_ORIGINAL_URI" };
	const struct request *request = guard->request;
	const bool forward = guard->mode == GUARD_FORWARD;
	struct slice fetch_mode = request_param(request, "HTTP_SEC_FETCH_MODE");

	guard->method = guard_first(request, methods, forward ? sizeof(methods) / sizeof(methods[0]) : 1);
	/* Gateways that ask for themselves leave Upgrade out; what comes with it tells of a WebSocket all the same. */
	guard->unsafe = request->unsafe || (guard->method.ptr && !method_is_safe(guard->method)) ||
	    request_param(request, "HTTP_SEC_WEBSOCKET_VERSION").len > 0;
	if (guard->method.ptr == NULL)
		guard->method = request_param(request, "REQUEST_METHOD");
	guard->address = guard_first(request, addresses, forward ? sizeof(addresses) / sizeof(addresses[0]) : 1);
	if (guard->address.ptr == NULL && !forward)
		guard->address = request_param(request, "REQUEST_URI");
	guard->navigation = fetch_mode.len ? slice_eq(fetch_mode, SLICE("navigate")) :
	    accepts_html(request_param(request, "HTTP_ACCEPT"));
}

/* ---- the place */

/* A place that the server knows and we do not has no exceptions; what is demanded there the server says itself. */
static void
guard_tell_unknown(const struct guard *guard, struct slice name)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;

	if (!atomic_flag_test_and_set(&told))
		LOG(LOG_LEVEL_WARNING, "unknown_place", LOG_STR("request_id", guard->request->request_id),
		    LOG_TEXT("place", name), LOG_STR("advice", "the web server was told of a place that the configuration of this "
		    "worker has not; start the worker again, or print the server's configuration again"));
}

/* The place that the address falls into as servers read it. */
static enum pt_err
guard_locate(struct guard *guard, const struct guards *places)
{
	struct buf path = BUF_EMPTY;

	reading_put(reading_path(guard->address), &path);
	guard->place = places_at(places, buf_slice(&path), false);

	enum pt_err err = buf_status(&path);

	buf_free(&path);
	return err;
}

/*
 * Where the address falls into another place as servers read it too, no client bends it: the server has not been
 * told of that place, or has been told nothing of a change.
 */
static enum pt_err
guard_tell_stray(const struct guard *guard, const struct guards *places, const struct guard_place *told)
{
	struct guard plain = *guard;
	enum pt_err err = guard_locate(&plain, places);

	if (err != PT_OK)
		return err;
	if (told && plain.place && plain.place != told)
		LOG_SPARELY(LOG_LEVEL_WARNING, "place_differs", told->path, LOG_STR("request_id", guard->request->request_id),
		    LOG_TEXT("path", reading_path(guard->address)), LOG_STR("server", told->path), LOG_STR("place", plain.place->path),
		    LOG_STR("advice", "print the web server's configuration again, and include what it has of that place"));
	else
		LOG_SPARELY(LOG_LEVEL_INFO, "ambiguous_address", NULL, LOG_STR("request_id", guard->request->request_id),
		    LOG_STR("address", guard->request->address), LOG_TEXT("path", reading_path(guard->address)));
	return PT_OK;
}

/*
 * Which place it is about. In forward an address that does not come is a broken configuration: nobody passes. Where
 * the address falls into another place than the one that the server says, or may be read so, *strays is set.
 */
static enum pt_err
guard_read_place(struct guard *guard, bool *strays)
{
	const struct guards *places = guard->request->app->settings->places;
	struct slice name = request_param(guard->request, "PINTLE_PLACE");
	enum pt_err err = PT_OK;

	*strays = false;
	if (guard->mode == GUARD_FORWARD && guard->address.len == 0) {
		LOG_SPARELY(LOG_LEVEL_ERROR, "no_address", NULL, LOG_STR("request_id", guard->request->request_id),
		    LOG_STR("advice", "the gateway must send X-Forwarded-Method and X-Forwarded-Uri"));
		return PT_ERR_INVALID;
	}
	if (places == NULL || places->count == 0 || guard->address.len == 0)
		return PT_OK;
	if (name.ptr)
		guard->place = places_named(places, name);
	if (name.ptr && guard->place == NULL)
		guard_tell_unknown(guard, name);

	const struct guard_place *told = guard->place;

	if (told == NULL)
		err = guard_locate(guard, places);
	guard->for_programs = guard->place && guard->place->bearer_only == PLACE_YES;
	if (err == PT_OK)
		err = reading_strays(places, reading_path(guard->address), guard->place, strays);
	if (err == PT_OK && *strays)
		err = guard_tell_stray(guard, places, told);
	/* What a server says nothing of makes no exceptions to what it demands. */
	if (told == NULL && guard->mode != GUARD_FORWARD)
		guard->place = NULL;
	return err;
}

/* What the place demands, where the server does not say it. */
static void
guard_add_demands(struct guard *guard)
{
	if (guard->place && guard->groups.ptr == NULL && guard->place->groups)
		guard->groups = slice_of(guard->place->groups);
	if (guard->place && guard->max_age_s < 0 && guard->place->max_age_ms)
		guard->max_age_s = guard->place->max_age_ms / 1000;
}

/* Fetch standard, 3.2.2: it brings no credentials, and a browser takes no refusal for an answer. */
static bool
guard_is_preflight(const struct guard *guard)
{
	return slice_eq(guard->method, SLICE("OPTIONS")) && guard->request->origin.len > 0 &&
	    request_param(guard->request, "HTTP_ACCESS_CONTROL_REQUEST_METHOD").len > 0;
}

/* Who asks, and whether that is enough. */
static enum pt_err
guard_judge(struct guard *guard)
{
	const bool bearer_only = guard->place && guard->place->bearer_only == PLACE_YES;
	int64_t now_ms = clock_now().wall_ms;
	enum pt_err err = credential_read_gate(guard->request, bearer_only, &guard->who);

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

	if (err != PT_OK)
		return err;
	/* Who is let in without having shown that he may is nobody. */
	if (guard->refusal != GUARD_PASS && guard->place &&
	    place_is_open_to(guard->place, guard->method, slice_of(guard->request->address))) {
		guard->who = (struct credential){ .reason = REASON_NO_COOKIE };
		guard->refusal = GUARD_PASS;
	}
	guard_count(guard);
	return PT_OK;
}

/* The same in a mode, where the address and the place are looked at before who asks is. */
static enum pt_err
guard_decide_place(struct guard *guard)
{
	bool strays = false;
	enum pt_err err = guard_read_place(guard, &strays);

	if (err != PT_OK)
		return err;
	guard_add_demands(guard);
	if (strays)
		guard->refusal = GUARD_AMBIGUOUS;
	else if (guard->mode == GUARD_FORWARD && guard->place == NULL &&
	    slice_eq(request_param(guard->request, "PINTLE_OUTSIDE"), SLICE("pass")))
		guard->refusal = GUARD_PASS;
	else if (!guard_is_preflight(guard))
		return guard_decide(guard);
	else
		guard->refusal = guard->place && guard->place->pass_preflight == PLACE_YES ? GUARD_PASS : GUARD_PREFLIGHT;
	return PT_OK;
}

/* ---- yes */

/* A use by the gate cookie keeps the session from its idle end. That it cannot be written keeps nobody out. */
static enum pt_err
guard_touch(const struct guard *guard)
{
	struct store_caller caller = request_caller(guard->request);

	if (guard->who.bearer || !guard->who.good ||
	    !standing_touch_is_due(&guard->who.session, caller.now, &guard->request->app->settings->lifetimes))
		return PT_OK;
	enum pt_err err = store_session_touch(guard->request->app->store, &caller, guard->who.session.number);

	if (err == PT_OK || err == PT_ERR_FATAL)
		return err;
	LOG_SPARELY(LOG_LEVEL_WARNING, "touch_failed", pt_err_text(err), LOG_STR("request_id", guard->request->request_id),
	    LOG_STR("sid", guard->who.session.sid), LOG_STR("cause", pt_err_text(err)));
	return PT_OK;
}

/*
 * What the gateway is to put in the place of two headers of the request: cookies without ours, and Authorization where
 * it is not what opened the gate. Traefik removes what is not said; Envoy removes what the third header names.
 */
static void
guard_forward_rest(const struct guard *guard, struct web_response *response)
{
	const struct slice authorization = request_param(guard->request, "HTTP_AUTHORIZATION");
	const bool opened = guard->who.good && guard->who.bearer;
	const bool keeps = authorization.len && !opened && !(guard->place && guard->place->keep_authorization == PLACE_NO);
	const char *names[SETTINGS_COOKIES];
	const size_t count = settings_cookie_names(guard->request->app->settings, names);
	struct buf cookies = BUF_EMPTY, removed = BUF_EMPTY;

	cookie_put_others(guard->request->cookies, names, count, &cookies);
	if (cookies.len || cookies.failed)
		answer_header_buf(response, "Cookie", &cookies);
	else
		buf_puts(&removed, "cookie");
	if (keeps)
		answer_header(response, "Authorization", authorization);
	else
		buf_printf(&removed, "%sauthorization", removed.len ? "," : "");
	if (removed.len || removed.failed)
		answer_header_buf(response, "X-Envoy-Auth-Headers-To-Remove", &removed);
	buf_free(&cookies);
	buf_free(&removed);
}

/*
 * To an authorizer's server the names become variables of what stands behind; else they are headers that it may copy.
 * All of them are there even where an open place let in nobody: what the client claims has to be overwritten.
 */
static void
guard_pass(const struct guard *guard, struct web_response *response)
{
	const struct credential *who = &guard->who;
	const struct slice user = slice_of(who->good ? who->user.name : "");
	const struct slice groups = slice_of(who->good ? who->user.groups : "");
	const struct slice sid = slice_of(who->good ? who->session.sid : "");
	const struct slice by = slice_of(!who->good ? "" : who->bearer ? "bearer" : "cookie");

	if (guard->request->raw->role != WEB_AUTHORIZER) {
		answer_empty(response, guard->mode == GUARD_FORWARD ? 200 : 204);
		if (guard->mode == GUARD_FORWARD)
			guard_forward_rest(guard, response);
		answer_header(response, "X-Auth-User", user);
		answer_header(response, "X-Auth-Groups", groups);
		answer_header(response, "X-Auth-Session", sid);
		answer_header(response, "X-Auth-By", by);
		return;
	}
	answer_empty(response, 200);
	answer_header(response, "Variable-REMOTE_USER", user);
	answer_header(response, "Variable-AUTH_USER", user);
	answer_header(response, "Variable-AUTH_GROUPS", groups);
	answer_header(response, "Variable-AUTH_SESSION", sid);
	answer_header(response, "Variable-AUTH_BY", by);
	/* By it the server's own demand tells that yes was said, and for which place, where nobody has a name. */
	if (request_param(guard->request, "PINTLE_PLACE").ptr)
		answer_header(response, "Variable-AUTH_PLACE", request_param(guard->request, "PINTLE_PLACE"));
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
	if (guard->refusal == GUARD_CROSS_SITE || guard->refusal == GUARD_AMBIGUOUS) {
		page_turned_away(guard->request, response,
		    &(struct refusal){ .status = refusal->status, .text = refusal->text },
		    guard->refusal == GUARD_AMBIGUOUS ? SLICE("/") : guard->address);
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

/*
 * Says no: to a person by a page, to a program by JSON, to a preflight by what it wants to know; verify's own body is
 * thrown away by its server, which knows 401 and 403 alone. The 204 that answers a preflight must not be the one
 * that means yes.
 */
static void
guard_refuse(const struct guard *guard, struct web_response *response)
{
	const bool says_204 = guard->mode == GUARD_BOTH && guard->request->raw->role != WEB_AUTHORIZER;

	/* To a gateway that takes every 2xx for a yes the answer to a preflight would be one. */
	if (guard->mode != GUARD_VERIFY && guard->refusal == GUARD_PREFLIGHT &&
	    !slice_eq(request_param(guard->request, "PINTLE_PREFLIGHT"), SLICE("refuse")))
		cross_site_preflight(guard->request, response, says_204 ? 200 : 204);
	else if (guard->mode != GUARD_VERIFY && guard->navigation && !guard->for_programs)
		guard_refuse_page(guard, response);
	else
		guard_refuse_json(guard, response);
	if (guard->mode == GUARD_VERIFY && response->status == 400)
		response->status = 403;
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
	bool strays = false;
	enum pt_err err = guard_read_place(guard, &strays);

	if (err == PT_OK && (strays || slice_eq(said, slice_of(refusals[GUARD_AMBIGUOUS].name)))) {
		guard->refusal = GUARD_AMBIGUOUS;
		return PT_OK;
	}
	if (err == PT_OK && guard_is_preflight(guard)) {
		guard->refusal = GUARD_PREFLIGHT;
		return PT_OK;
	}
	if (err == PT_OK)
		err = credential_read_gate(guard->request, false, &guard->who);
	guard->refusal = guard->who.good ? GUARD_NOT_ALLOWED : GUARD_SIGNED_OUT;
	if (err != PT_OK || !guard->who.good)
		return err;
	for (enum guard_refusal i = GUARD_SIGNED_OUT; i < GUARD_AMBIGUOUS; i++)
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
		err = guard_decide_place(&guard);
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
