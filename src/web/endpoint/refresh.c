/* POST /refresh: a refresh token for the next one, as the quiet rule has it. */
#include "web/endpoint/refresh.h"

#include <string.h>

#include "base/secret.h"
#include "web/endpoint/endpoints.h"
#include "web/endpoint/grant.h"
#include "web/http/answer.h"
#include "web/http/report.h"
#include "web/who/session_cookie.h"

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
refresh_grant(const struct refresh *refresh)
{
	const struct request *request = refresh->request;
	const struct settings *settings = request->app->settings;
	const struct store_judgement *judgement = &refresh->judgement;
	bool with_token = judgement->decision.answer == ROTATE_TOKEN;
	bool behind = judgement->decision.row == 1;
	struct refresh_token next = refresh->presented.token;
	struct grant grant = {
		.user = &judgement->user,
		.session = &judgement->session,
		.refresh = with_token ? &next : NULL,
		.device = refresh->device,
		.access_ms = with_token ? settings->access_ttl_ms : rotate_alone_life_ms(&settings->periods),
		.now_ms = refresh->caller.now.wall_ms,
	};

	next.serial = judgement->decision.serial;
	next.nonce = request->chance.nonce;
	enum pt_err err = grant_answer(request, refresh->response, &grant);

	report_event(request, &(struct report){
		.kind = behind ? EVENT_STORE_BEHIND : EVENT_REFRESH,
		.level = behind ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG,	/* what is as it should be is counted, not told of */
		.user = &judgement->user,
		.session = &judgement->session,
		.row = judgement->decision.row,
	});
	secret_wipe(&next, sizeof(next));
	return err;
}

/*
 * Which of the tokens is refreshed: it is judged when it is. Of several each is judged first,
 * so that the order in which they came decides nothing. The best one's refusal is the refresh's too, unless
 * the look was what ended the session.
 */
static enum pt_err
refresh_choose(const struct request *request, struct web_response *response, const struct session_cookies *cookies,
    size_t *best, bool *waits)
{
	struct store_judgement judgement;

	*best = 0;
	*waits = cookies->count == 1;
	if (*waits)
		return PT_OK;
	enum pt_err err = session_cookies_judge(request, cookies, best, &judgement);

	if (err != PT_OK)
		return err;
	*waits = cookies->count > 0 && (judgement.verdict == STORE_GOOD || judgement.decision.row == 0);
	if (!*waits)
		refresh_refuse(request, response, &judgement);
	return PT_OK;
}

enum pt_err
refresh_begin(const struct request *request, struct web_response *response, struct refresh *out, bool *waits)
{
	struct session_cookies cookies;
	size_t best;
	enum pt_err err = session_cookies_read(request, &cookies);

	*waits = false;
	if (err == PT_OK)
		err = refresh_choose(request, response, &cookies, &best, waits);
	if (err == PT_OK && *waits) {
		*out = (struct refresh){ .request = request, .response = response, .presented = cookies.tokens[best] };
		memcpy(out->device, cookies.device, sizeof(out->device));
		out->caller = request_caller(request);
		out->caller.wanted = refresh_wanted;
		out->caller.wanted_ctx = (void *)(uintptr_t)request;
	}
	session_cookies_wipe(&cookies);
	return err;
}

struct store_refreshing
refresh_question(struct refresh *refresh)
{
	return (struct store_refreshing){
		.caller = &refresh->caller,
		.presented = &refresh->presented.presented,
		.out = &refresh->judgement,
	};
}

/* The store judges and rotates in one transaction; only what it found good is answered with tokens. */
enum pt_err
refresh_end(struct refresh *refresh, enum pt_err err)
{
	if (err == PT_OK && refresh->judgement.verdict == STORE_GOOD)
		err = refresh_grant(refresh);
	else if (err == PT_OK)
		refresh_refuse(refresh->request, refresh->response, &refresh->judgement);
	secret_wipe(&refresh->presented, sizeof(refresh->presented));
	return err;
}

enum pt_err
refresh_post(const struct request *request, struct web_response *response)
{
	struct refresh refresh;
	bool waits;
	enum pt_err err = refresh_begin(request, response, &refresh, &waits);

	if (err != PT_OK || !waits)
		return err;
	err = store_refresh(request->app->store, &refresh.caller, &refresh.presented.presented, &refresh.judgement);
	return refresh_end(&refresh, err);
}
