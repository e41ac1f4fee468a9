#include "web/credential.h"

#include <string.h>

#include "base/log.h"
#include "token/access_token.h"
#include "web/answer.h"
#include "web/session_cookie.h"

/* The token of an Authorization header with the Bearer scheme; false for any other header. */
static bool
credential_bearer(const struct request *request, struct slice *token)
{
	struct slice scheme;

	if (!slice_cut(slice_trim(request_param(request, "HTTP_AUTHORIZATION")), ' ', &scheme, token))
		return false;
	*token = slice_trim(*token);
	return slice_eq_nocase(scheme, SLICE("Bearer"));
}

/* The token says which session it was given to; whether that stands only the store knows. */
static enum pt_err
credential_find_session(const struct request *request, const struct access_claims *claims, struct instant now,
    struct credential *out)
{
	bool found;
	enum pt_err err = store_session_by_sid(request->app->store, now, claims->session_id,
	    &out->session, &out->user, &out->reason, &found);

	if (err != PT_OK)
		return err;
	if (!found || !slice_eq(slice_of(out->user.sub), claims->subject))
		out->reason = REASON_UNKNOWN_SESSION;
	out->good = out->reason == REASON_NONE;
	return PT_OK;
}

static enum pt_err
credential_read_bearer(const struct request *request, struct slice text, struct credential *out)
{
	const struct settings *settings = request->app->settings;
	struct instant now = clock_now();
	struct access_token token = { 0 };
	enum access_verdict verdict = ACCESS_UNSEEN;
	enum pt_err err = access_token_verify(request->app->keys, text, slice_of(settings->issuer),
	    slice_of(settings->audience), now.wall_ms / 1000, &token, &verdict);

	out->reason = REASON_BAD_TOKEN;
	if (err == PT_OK && verdict == ACCESS_GOOD)
		err = credential_find_session(request, &token.claims, now, out);
	else if (err == PT_OK)
		LOG(LOG_LEVEL_INFO, "access_token_refused", LOG_STR("request_id", request->request_id),
		    LOG_STR("address", request->address), LOG_STR("verdict", access_verdict_name(verdict)));
	access_token_free(&token);
	return err;
}

static enum pt_err
credential_read_cookie(const struct request *request, struct credential *out)
{
	struct session_cookies cookies;
	struct store_judgement judgement;
	size_t best;
	enum pt_err err = session_cookies_read(request, &cookies);

	if (err == PT_OK)
		err = session_cookies_judge(request, &cookies, &best, &judgement);
	if (err == PT_OK) {
		out->good = judgement.verdict == STORE_GOOD;
		out->reason = judgement.reason;
		out->session = judgement.session;
		out->user = judgement.user;
	}
	session_cookies_wipe(&cookies);
	return err;
}

enum pt_err
credential_read(const struct request *request, struct credential *out)
{
	struct slice token;

	memset(out, 0, sizeof(*out));
	out->bearer = credential_bearer(request, &token);
	if (out->bearer)
		return credential_read_bearer(request, token, out);
	return credential_read_cookie(request, out);
}

enum pt_err
credential_demand(const struct request *request, struct web_response *response, struct credential *out)
{
	enum pt_err err = credential_read(request, out);

	if (err != PT_OK || out->good)
		return err;
	answer_refuse(response, &(struct refusal){
		.status = 401,
		.error = out->bearer ? "invalid_token" : "unauthorized",
		.text = reason_info(out->reason)->text,
		.reason = out->reason,
		.token_sent = out->bearer,
	});
	return PT_OK;
}
