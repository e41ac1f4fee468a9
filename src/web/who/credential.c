#include "web/who/credential.h"

#include <string.h>

#include "base/log.h"
#include "web/who/gate_cookie.h"
#include "web/who/session_cookie.h"
#include "web/who/verified.h"

/* The token of an Authorization header with the Bearer scheme; false for any other header. */
static bool
credential_bearer(const struct request *request, struct slice *token)
{
	struct slice scheme;

	if (!slice_cut(slice_trim(request_param(request, "HTTP_AUTHORIZATION")), ' ', &scheme,
	    token))
		return false;
	*token = slice_trim(*token);
	return slice_eq_nocase(scheme, SLICE("Bearer"));
}

/*
 * A token names the session it was issued to; only the store knows whether that session still
 * stands.
 */
static enum pt_err
credential_find_session(const struct request *request, struct slice sid, struct instant now,
    struct credential *out)
{
	bool found;
	enum pt_err err = store_session_by_sid(request->app->store, now, sid,
	    &out->session, &out->user, &out->reason, &found);

	if (err != PT_OK)
		return err;
	if (!found)
		out->reason = REASON_UNKNOWN_SESSION;
	out->good = out->reason == REASON_NONE;
	return PT_OK;
}

/* The result of checking a token. */
struct credential_trial {
	enum access_verdict verdict;
	char sid[RANDOM_ID_SIZE];	/* if the verdict is good */
};

/* Every refusal is logged, so that each of them can be explained. */
static void
credential_log_refusal(const struct request *request, const struct credential_trial *trial,
    enum reason reason)
{
	if (trial->verdict != ACCESS_GOOD)
		LOG_SPARELY(LOG_LEVEL_INFO, "access_token_refused",
		    access_verdict_name(trial->verdict), LOG_STR("request_id", request->request_id),
		    LOG_STR("address", request->address),
		    LOG_STR("verdict", access_verdict_name(trial->verdict)));
	else
		LOG_SPARELY(LOG_LEVEL_INFO, "access_token_refused", reason_info(reason)->name,
		    LOG_STR("request_id", request->request_id),
		    LOG_STR("address", request->address), LOG_STR("sid", trial->sid),
		    LOG_STR("reason", reason_info(reason)->name));
}

/*
 * Whether the session of a verified token still stands and belongs to the token's subject; if it
 * has ended, out->reason says why.
 */
static enum pt_err
credential_stand(const struct request *request, struct slice sid, struct slice sub,
    struct instant now, struct credential *out)
{
	enum pt_err err = credential_find_session(request, sid, now, out);

	if (err != PT_OK)
		return err;
	if (out->good && !slice_eq(slice_of(out->user.sub), sub)) {
		out->good = false;
		out->reason = REASON_BAD_TOKEN;
	}
	return PT_OK;
}

/* Verifies that a token was issued by this site for itself. */
static enum pt_err
credential_check(const struct request *request, struct slice text, int64_t now_s,
    struct access_token *token, struct credential_trial *trial)
{
	const struct settings *settings = request->app->settings;
	enum pt_err err = access_token_verify(request->keys, text, slice_of(settings->issuer),
	    slice_of(settings->audience), now_s, token, &trial->verdict);

	/*
	 * All our ids have the same length: one that does not fit is not ours and finds no session.
	 */
	if (err == PT_OK && trial->verdict == ACCESS_GOOD)
		slice_copy(token->claims.session_id, trial->sid, sizeof(trial->sid));
	return err;
}

/* Verifies a token that is not remembered yet and remembers it if it is good. */
static enum pt_err
credential_verify(const struct request *request, struct slice text,
    const uint8_t digest[DIGEST_SIZE], int64_t now_s,
    struct verified_token *out, struct credential_trial *trial)
{
	struct access_token token = { 0 };
	enum pt_err err = credential_check(request, text, now_s, &token, trial);

	if (err == PT_OK && trial->verdict == ACCESS_GOOD) {
		memcpy(out->sid, trial->sid, sizeof(out->sid));
		slice_copy(token.claims.subject, out->sub, sizeof(out->sub));
		slice_copy(slice_of(token.key_id), out->kid, sizeof(out->kid));
		out->expires_at = token.claims.expires_at;
		verified_put(request->app->verified, digest, out);
	}
	access_token_free(&token);
	return err;
}

/* Checks the token; the caller logs a refusal. */
static enum pt_err
credential_try_bearer(const struct request *request, struct slice text, struct credential *out,
    struct credential_trial *trial)
{
	struct instant now = clock_now();
	const int64_t now_s = now.wall_ms / 1000;
	struct verified_token token = { 0 };
	uint8_t digest[DIGEST_SIZE];
	enum pt_err err = digest_sha256(text.ptr, text.len, digest);

	*trial = (struct credential_trial){ .verdict = ACCESS_UNSEEN };
	out->bearer = true;
	out->reason = REASON_BAD_TOKEN;
	/* A remembered token whose key was revoked since is verified again, and fails. */
	if (err == PT_OK && verified_find(request->app->verified, digest, now_s, &token) &&
	    keyring_find(request->keys, slice_of(token.kid), now_s)) {
		trial->verdict = ACCESS_GOOD;
		memcpy(trial->sid, token.sid, sizeof(trial->sid));
		out->remembered = true;
	}
	else if (err == PT_OK)
		err = credential_verify(request, text, digest, now_s, &token, trial);
	if (err == PT_OK && trial->verdict == ACCESS_GOOD)
		err = credential_stand(request, slice_of(token.sid), slice_of(token.sub), now, out);
	return err;
}

enum pt_err
credential_read_access(const struct request *request, struct slice text, struct access_token *token,
    struct credential *out)
{
	struct instant now = clock_now();
	struct credential_trial trial = { .verdict = ACCESS_UNSEEN };
	enum pt_err err;

	memset(token, 0, sizeof(*token));
	memset(out, 0, sizeof(*out));
	out->reason = REASON_BAD_TOKEN;
	err = credential_check(request, text, now.wall_ms / 1000, token, &trial);
	if (err == PT_OK && trial.verdict == ACCESS_GOOD)
		err = credential_stand(request, token->claims.session_id, token->claims.subject,
		    now, out);
	if (err == PT_OK && !out->good)
		credential_log_refusal(request, &trial, out->reason);
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
	struct credential_trial trial;
	struct slice token;

	memset(out, 0, sizeof(*out));
	if (!credential_bearer(request, &token))
		return credential_read_cookie(request, out);
	enum pt_err err = credential_try_bearer(request, token, out, &trial);

	if (err == PT_OK && !out->good)
		credential_log_refusal(request, &trial, out->reason);
	return err;
}

/*
 * Uses the first of several gate cookies whose session stands; if none does, the first one gives
 * the reason.
 */
static enum pt_err
credential_read_gate_cookie(const struct request *request, struct credential *out)
{
	struct gate_cookie_walk walk = { .rest = request->cookies };
	struct instant now = clock_now();
	struct credential one;
	struct gate_token token;
	bool found;
	enum pt_err err;

	out->reason = REASON_NO_COOKIE;
	for (;;) {
		err = gate_cookie_next(request, &walk, now.wall_ms, &token, &found);
		if (err != PT_OK || !found)
			return err;
		memset(&one, 0, sizeof(one));
		err = credential_find_session(request, slice_of(token.sid), now, &one);
		if (err != PT_OK)
			return err;
		if (one.good || out->reason == REASON_NO_COOKIE)
			*out = one;
		if (out->good)
			return PT_OK;
	}
}

enum pt_err
credential_read_gate(const struct request *request, bool bearer_only, struct credential *out)
{
	struct credential_trial trial;
	struct credential cookie = { .reason = REASON_NO_COOKIE };
	struct slice token;
	enum pt_err err = PT_OK;
	bool bearer = credential_bearer(request, &token);

	memset(out, 0, sizeof(*out));
	/*
	 * The web server takes only yes or no for an answer: a request that is not trusted comes
	 * from nobody.
	 */
	out->reason = REASON_NO_COOKIE;
	if (request->repeated)
		return PT_OK;
	if (bearer)
		err = credential_try_bearer(request, token, out, &trial);
	if (err == PT_OK && !out->good && !bearer_only)
		err = credential_read_gate_cookie(request, &cookie);
	if (err != PT_OK || out->good)
		return err;
	if (cookie.good || !bearer)
		*out = cookie;
	else
		credential_log_refusal(request, &trial, out->reason);
	return PT_OK;
}

const struct refusal *
credential_demand(const struct request *request, struct credential *out)
{
	enum pt_err err = credential_read(request, out);

	if (err != PT_OK || out->good)
		return refusal_failed(err);
	out->refusal = (struct refusal){
		.status = 401,
		.error = out->bearer ? "invalid_token" : "unauthorized",
		.text = reason_info(out->reason)->text,
		.reason = out->reason,
		.token_sent = out->bearer,
	};
	return &out->refusal;
}
