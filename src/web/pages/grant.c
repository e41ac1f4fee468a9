#include "web/pages/grant.h"

#include "base/json.h"
#include "token/access_token.h"
#include "web/http/answer.h"
#include "web/pages/view.h"
#include "web/who/gate_cookie.h"
#include "web/who/session_cookie.h"

/*
 * How many seconds the access token lives: not past the end of its session, nor past the time until
 * which the status list would report that session if it ended now. But at least one second: a token
 * that has expired at birth would only be requested again.
 */
static int64_t
grant_life(const struct grant *grant)
{
	int64_t end = standing_end(grant->session);
	int64_t left_ms = (end < grant->session->tokens_until ?
	    end : grant->session->tokens_until) - grant->now_ms;
	int64_t life_ms = grant->access_ms < left_ms ? grant->access_ms : left_ms;

	return life_ms > ROTATE_LEAST_LIFE_MS ? life_ms / 1000 : ROTATE_LEAST_LIFE_MS / 1000;
}

/*
 * When it expires, in whole seconds like iat: the part that is cut off must not be most of a short
 * life.
 */
static int64_t
grant_end(const struct grant *grant)
{
	int64_t end = grant->now_ms / 1000 + grant_life(grant);

	return end * 1000 - grant->now_ms < ROTATE_LEAST_LIFE_MS ? end + 1 : end;
}

static enum pt_err
grant_sign(const struct request *request, const struct grant *grant, struct buf *out)
{
	const struct settings *settings = request->app->settings;
	char jti[RANDOM_ID_SIZE], amr[VIEW_METHODS_SIZE];

	random_id_of(request->chance.token_id, jti);
	view_methods(grant->session->methods, amr);
	return access_token_sign(request->keys, &(struct access_claims){
		.issuer = slice_of(settings->issuer),
		.audience = slice_of(settings->audience),
		.subject = slice_of(grant->user->sub),
		.session_id = slice_of(grant->session->sid),
		.client_id = slice_of(settings->client_id),
		.token_id = slice_of(jti),
		.username = slice_of(grant->user->name),
		.groups = slice_of(grant->user->groups),
		.amr = slice_of(amr),
		.issued_at = grant->now_ms / 1000,
		.expires_at = grant_end(grant),
		.auth_time = grant->session->auth_time / 1000,
		.status_list = buf_slice(&request->app->status_uri),
		.status_index = (int64_t)grant->session->status_index,
	}, out);
}

static void
grant_write(struct web_response *response, const struct grant *grant, struct slice access_token)
{
	struct json_writer w = answer_json(response, 200);

	json_open(&w, NULL);
	json_put_string(&w, "access_token", access_token);
	json_put_cstr(&w, "token_type", "Bearer");
	json_put_integer(&w, "expires_in", grant_life(grant));
	json_put_time(&w, "server_time", grant->now_ms);
	view_user(&w, "user", grant->user);
	view_session(&w, "session", grant->session, true);
	json_close(&w);
}

enum pt_err
grant_set_cookies(const struct request *request, struct web_response *response,
    const struct grant *grant, const struct refresh_token *token, const uint8_t *device)
{
	enum pt_err err = gate_cookie_set(request, response, grant->session, grant->now_ms);

	if (err != PT_OK)
		return err;
	/*
	 * The device cookie goes with it: an answer that arrives late must not leave one login's
	 * token beside another's device.
	 */
	session_cookie_set_device(request, response, device);
	/*
	 * It comes last: a simple program that keeps only one header of a name keeps the last one.
	 */
	return session_cookie_set(request, response, token, grant->session, grant->now_ms);
}

enum pt_err
grant_answer(const struct request *request, struct web_response *response,
    const struct grant *grant)
{
	struct buf access_token = BUF_EMPTY;
	enum pt_err err = grant_sign(request, grant, &access_token);

	if (err == PT_OK)
		err = buf_status(&access_token);
	if (err == PT_OK)
		grant_write(response, grant, buf_slice(&access_token));
	buf_free(&access_token);
	return err;
}
