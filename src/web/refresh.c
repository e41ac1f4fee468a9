/* POST /refresh: a refresh token for the next one, as the quiet rule has it. */
#include "web/endpoints.h"

#include "base/secret.h"
#include "web/answer.h"
#include "web/grant.h"
#include "web/report.h"
#include "web/session_cookie.h"

/*
 * Asked inside the write transaction. A request that has waited for long, or
 * whose client has gone, may not move the rotation: nothing may be in flight
 * for longer than half the quiet period (rotation.md).
 */
static bool
refresh_wanted(void *ctx)
{
	const struct request *request = ctx;
	const struct web_request *raw = request->raw;

	return request_in_time(ctx) && (raw->peer_waits == NULL || raw->peer_waits(raw->peer_ctx));
}

/* No cookie is set: a late refusal must not erase the cookie of a login just made in another tab. */
static void
refresh_refuse(const struct request *request, struct web_response *response, const struct store_judgement *judgement)
{
	enum reason reason = judgement->reason;
	const struct reason_info *info = reason_info(reason);
	bool had_cookie = reason != REASON_NO_COOKIE;
	bool reused = reason == REASON_REUSED || reason == REASON_TOO_FAR_AHEAD;

	report_event(request, &(struct report){
		.kind = reused ? EVENT_TOKEN_REUSED : EVENT_REFRESH_REFUSED,
		.level = reused ? LOG_LEVEL_WARNING : had_cookie ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG,
		.user = judgement->user.sub[0] ? &judgement->user : NULL,
		.session = judgement->session.sid[0] ? &judgement->session : NULL,
		.reason = reason,
		.row = judgement->decision.row,
	});
	answer_refuse(response, &(struct refusal){
		.status = had_cookie ? 403 : 401,
		.error = info->error,
		.text = info->text,
		.reason = reason,
	});
}

static enum pt_err
refresh_grant(const struct request *request, struct web_response *response, const struct session_cookies *cookies,
    const struct refresh_token *presented, const struct store_judgement *judgement, int64_t now_ms)
{
	const struct settings *settings = request->app->settings;
	bool with_token = judgement->decision.answer == ROTATE_TOKEN;
	bool behind = judgement->decision.row == 1;
	struct refresh_token next = *presented;
	struct grant grant = {
		.user = &judgement->user,
		.session = &judgement->session,
		.refresh = with_token ? &next : NULL,
		.device = cookies->device,
		.access_ms = with_token ? settings->access_ttl_ms : rotate_alone_life_ms(&settings->periods),
		.now_ms = now_ms,
	};
	enum pt_err err;

	next.serial = judgement->decision.serial;
	err = random_bytes(&next.nonce, sizeof(next.nonce));
	if (err == PT_OK)
		err = grant_answer(request, response, &grant);
	report_event(request, &(struct report){
		.kind = behind ? EVENT_STORE_BEHIND : EVENT_REFRESH,
		.level = behind ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
		.user = &judgement->user,
		.session = &judgement->session,
		.row = judgement->decision.row,
	});
	secret_wipe(&next, sizeof(next));
	return err;
}

/* The store judges and rotates in one transaction; only what it found good is answered with tokens. */
static enum pt_err
refresh_apply(const struct request *request, struct web_response *response, const struct session_cookies *cookies,
    size_t which)
{
	const struct session_token *presented = &cookies->tokens[which];
	struct store_judgement judgement = { 0 };
	struct store_caller caller = request_caller(request);
	enum pt_err err;

	caller.wanted = refresh_wanted;
	caller.wanted_ctx = (void *)request;
	err = store_refresh(request->app->store, &caller, &presented->presented, &judgement);
	if (err != PT_OK)
		return err;
	if (judgement.verdict == STORE_GOOD)
		return refresh_grant(request, response, cookies, &presented->token, &judgement, caller.now.wall_ms);
	refresh_refuse(request, response, &judgement);
	return PT_OK;
}

/*
 * One token is judged when it is refreshed. Of several each is judged first,
 * so that the order in which they came decides nothing. The best one's refusal is the refresh's too, unless
 * the look was what ended the session.
 */
static enum pt_err
refresh_answer(const struct request *request, struct web_response *response, const struct session_cookies *cookies)
{
	struct store_judgement judgement;
	size_t best = 0;
	enum pt_err err;

	if (cookies->count == 1)
		return refresh_apply(request, response, cookies, 0);
	err = session_cookies_judge(request, cookies, &best, &judgement);
	if (err != PT_OK)
		return err;
	if (cookies->count > 0 && (judgement.verdict == STORE_GOOD || judgement.decision.row == 0))
		return refresh_apply(request, response, cookies, best);
	refresh_refuse(request, response, &judgement);
	return PT_OK;
}

enum pt_err
refresh_post(const struct request *request, struct web_response *response)
{
	struct session_cookies cookies;
	enum pt_err err = session_cookies_read(request, &cookies);

	if (err == PT_OK)
		err = refresh_answer(request, response, &cookies);
	session_cookies_wipe(&cookies);
	return err;
}
