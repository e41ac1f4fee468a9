/*
 * POST /refresh: exchanges a refresh token for the next one, according to the quiet rule. See
 * DESIGN.md, A refused refresh sets no cookie.
 */
#include "web/endpoint/refresh.h"

#include <string.h>

#include "base/secret.h"
#include "web/endpoint/endpoints.h"
#include "web/http/report.h"

/*
 * Sets no cookie: a late refusal must not erase the cookie of a login that another tab has just
 * made.
 */
static const struct refusal *
refresh_refuse(const struct request *request, struct outcome *out,
    const struct store_judgement *judgement)
{
	enum reason reason = judgement->reason;
	const struct reason_info *info = reason_info(reason);
	const bool had_cookie = reason != REASON_NO_COOKIE;
	const bool reused = reason == REASON_REUSED || reason == REASON_TOO_FAR_AHEAD;
	enum log_level level = had_cookie ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;

	report_event(request, &(struct report){
		.kind = reused ? EVENT_TOKEN_REUSED : EVENT_REFRESH_REFUSED,
		.level = reused ? LOG_LEVEL_WARNING : level,
		.user = judgement->user.sub[0] ? &judgement->user : NULL,
		.session = judgement->session.sid[0] ? &judgement->session : NULL,
		.reason = reason,
		.row = judgement->decision.rule,
	});
	return outcome_refuse(out, (struct refusal){
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
	struct outcome *out = refresh->out;
	const bool with_token = judgement->decision.answer == ROTATE_TOKEN;
	const bool behind = judgement->decision.rule == 1;
	struct refresh_token next = session_token_next(&refresh->presented,
	    judgement->decision.serial, request->chance.nonce);
	enum pt_err err = PT_OK;

	out->who.user = judgement->user;
	out->who.session = judgement->session;
	out->grant = (struct grant){
		.user = &out->who.user,
		.session = &out->who.session,
		.access_ms = with_token ? settings->access_ttl_ms :
		    rotate_alone_life_ms(&settings->periods),
		.now_ms = refresh->caller.now.wall_ms,
	};
	out->kind = OUTCOME_SIGNED_IN;
	if (with_token)
		err = grant_set_cookies(request, out->response, &out->grant, &next,
		    refresh->device);
	report_event(request, &(struct report){
		.kind = behind ? EVENT_STORE_BEHIND : EVENT_REFRESH,
		/* an ordinary refresh is only counted */
		.level = behind ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG,
		.user = &judgement->user,
		.session = &judgement->session,
		.row = judgement->decision.rule,
	});
	secret_wipe(&next, sizeof(next));
	return err;
}

/*
 * Chooses the token to refresh. A single token is judged when it is refreshed. Of several, each is
 * judged first, so that their order does not matter. If even the best is refused, that is the
 * answer, unless judging it was what ended the session.
 */
static const struct refusal *
refresh_choose(const struct request *request, struct outcome *out,
    const struct session_cookies *cookies, size_t *best)
{
	struct store_judgement judgement;

	*best = 0;
	if (cookies->count == 1)
		return NULL;
	enum pt_err err = session_cookies_judge(request, cookies, best, &judgement);

	if (err != PT_OK)
		return refusal_failed(err);
	if (cookies->count > 0 && (judgement.verdict == STORE_GOOD || judgement.decision.rule == 0))
		return NULL;
	return refresh_refuse(request, out, &judgement);
}

const struct refusal *
refresh_begin(const struct request *request, struct outcome *out, struct refresh *refresh,
    bool *waits)
{
	struct session_cookies cookies;
	size_t best = 0;
	const struct refusal *refusal = refusal_failed(session_cookies_read(request, &cookies));
	/*
	 * A page that everybody may read asks as well, and a refusal would stand in red in each
	 * visitor's console: a page that sends "Prefer: quiet" (RFC 7240) gets 204 if nobody is
	 * signed in.
	 */
	const bool stranger = refusal == NULL && !cookies.any &&
	    slice_eq(request_param(request, "HTTP_PREFER"), SLICE("quiet"));

	if (stranger)
		out->kind = OUTCOME_DONE;
	else if (refusal == NULL)
		refusal = refresh_choose(request, out, &cookies, &best);
	*waits = refusal == NULL && !stranger;
	if (*waits) {
		*refresh = (struct refresh){ .request = request, .out = out,
		    .presented = cookies.tokens[best] };
		memcpy(refresh->device, cookies.device, sizeof(refresh->device));
		refresh->caller = request_caller(request);
		/*
		 * A client that has gone is handed nothing: the store asks before it moves the
		 * rotation.
		 */
		refresh->caller.peer_waits = request->raw->peer_waits;
		refresh->caller.peer_ctx = request->raw->peer_ctx;
	}
	session_cookies_wipe(&cookies);
	return refusal;
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

/* The store judges and rotates in one transaction; only a good verdict is answered with tokens. */
const struct refusal *
refresh_end(struct refresh *refresh, enum pt_err err)
{
	const struct refusal *refusal;

	if (err == PT_OK && refresh->judgement.verdict != STORE_GOOD)
		refusal = refresh_refuse(refresh->request, refresh->out, &refresh->judgement);
	else
		refusal = refusal_failed(err == PT_OK ? refresh_grant(refresh) : err);
	secret_wipe(&refresh->presented, sizeof(refresh->presented));
	return refusal;
}

const struct refusal *
refresh_post(const struct request *request, struct outcome *out)
{
	struct refresh refresh;
	bool waits;
	const struct refusal *refusal = refresh_begin(request, out, &refresh, &waits);

	if (!waits)
		return refusal;
	return refresh_end(&refresh,
	    store_refresh(request->app->store, &refresh.caller, &refresh.presented.presented,
	    &refresh.judgement));
}
