/* The answer yes. */
#include "web/guard/question.h"

#include "base/log.h"
#include "web/http/answer.h"
#include "web/http/cookie.h"

/*
 * Use of the gate cookie keeps the session from ending idle. If that cannot be written, nobody is
 * kept out.
 */
static enum pt_err
guard_touch(const struct guard *guard)
{
	struct store_caller caller = request_caller(guard->request);

	if (guard->who.bearer || !guard->who.good ||
	    !standing_touch_is_due(&guard->who.session, caller.now,
	    &guard->request->app->settings->lifetimes))
		return PT_OK;
	enum pt_err err = store_session_touch(guard->request->app->store, &caller,
	    guard->who.session.number);

	if (err == PT_OK || err == PT_ERR_FATAL)
		return err;
	LOG_SPARELY(LOG_LEVEL_WARNING, "touch_failed", pt_err_text(err),
	    LOG_STR("request_id", guard->request->request_id),
	    LOG_STR("sid", guard->who.session.sid), LOG_STR("cause", pt_err_text(err)));
	return PT_OK;
}

/*
 * The values with which the gateway replaces two headers of the request: cookies without ours, and
 * Authorization unless that opened the gate. Traefik removes a header that is missing here; Envoy
 * removes those that the third header names.
 */
static void
guard_forward_rest(const struct guard *guard, struct web_response *response)
{
	const struct slice authorization = request_param(guard->request, "HTTP_AUTHORIZATION");
	const bool opened = guard->who.good && guard->who.bearer;
	const bool keeps = authorization.len && !opened &&
	    !(guard->place && guard->place->keep_authorization == PLACE_NO);
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
 * Says who was let in: as variables for the application if the server asked as authorizer,
 * otherwise as headers that it can copy. All of them are there even if an open place let in nobody
 * in particular: they have to overwrite what the client claims.
 */
static void
guard_put_names(const struct guard *guard, struct web_response *response)
{
	const struct credential *who = &guard->who;
	const struct slice user = slice_of(who->good ? who->user.name : "");
	const struct slice groups = slice_of(who->good ? who->user.groups : "");
	const struct slice sid = slice_of(who->good ? who->session.sid : "");
	const char *opened_by = who->bearer ? "bearer" : "cookie";
	const struct slice by = slice_of(who->good ? opened_by : "");

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
	/*
	 * This lets the server's own rule see that the answer was yes, and for which place, when
	 * there is no user name.
	 */
	if (request_param(guard->request, "PINTLE_PLACE").ptr)
		answer_header(response, "Variable-AUTH_PLACE",
		    request_param(guard->request, "PINTLE_PLACE"));
}

enum pt_err
guard_pass(const struct guard *guard, struct web_response *response)
{
	enum pt_err err = guard_touch(guard);

	if (err == PT_OK)
		guard_put_names(guard, response);
	return err;
}
