/* POST /revoke, for services: ends the session of an access token or a refresh token (RFC 7009). */
#include "web/endpoint/endpoints.h"

#include "base/secret.h"
#include "web/http/report.h"
#include "web/who/service_login.h"

struct revocation {
	const struct request *request;
	const struct service *service;
	struct store_caller caller;
};

static void
revoke_report(const struct revocation *revocation, const struct user *user,
    const struct session *session)
{
	report_event(revocation->request, &(struct report){
		.kind = EVENT_SESSION_ENDED,
		.level = LOG_LEVEL_INFO,
		.user = user,
		.session = session,
		.service = revocation->service,
		.reason = REASON_SERVICE,
	});
}

static enum pt_err
revoke_refresh_token(const struct revocation *revocation, const struct session_token *token)
{
	struct store_judgement judgement;
	bool ended;
	enum pt_err err = store_revoke(revocation->request->app->store, &revocation->caller,
	    &token->presented, &judgement, &ended);

	if (err == PT_OK && ended)
		revoke_report(revocation, &judgement.user, &judgement.session);
	return err;
}

/* Revoking one token of a session revokes all of them: there is no list of single tokens. */
static enum pt_err
revoke_access_token(const struct revocation *revocation, struct slice text)
{
	struct access_token token;
	struct credential who;
	bool ended = false;
	enum pt_err err = credential_read_access(revocation->request, text, &token, &who);

	if (err == PT_OK && who.good)
		err = store_session_end(revocation->request->app->store, &revocation->caller,
		    who.user.number, slice_of(who.session.sid), REASON_SERVICE, &ended);
	if (err == PT_OK && ended)
		revoke_report(revocation, &who.user, &who.session);
	access_token_free(&token);
	return err;
}

/* The token's form shows its kind; token_type_hint is not needed. */
static enum pt_err
revoke_token(const struct revocation *revocation, struct slice text)
{
	struct session_token token;
	bool good;
	enum pt_err err = session_token_read(revocation->request, text, &token, &good);

	if (err == PT_OK)
		err = good ? revoke_refresh_token(revocation, &token) :
		    revoke_access_token(revocation, text);
	secret_wipe(&token, sizeof(token));
	return err;
}

/*
 * An invalid token gets 200 too: it is as revoked as it can be (RFC 7009, 2.2). A failure does not.
 */
const struct refusal *
revoke_post(const struct request *request, struct outcome *out)
{
	struct revocation revocation = { .request = request, .caller = request_caller(request) };
	struct service service;
	struct slice token;
	const struct refusal *refusal = service_login_token(request, &service, &out->body, &token);

	if (refusal)
		return refusal;
	revocation.service = &service;
	revocation.caller.service = slice_of(service.name);
	out->kind = OUTCOME_WRITTEN;
	answer_empty(out->response, 200);
	return refusal_failed(revoke_token(&revocation, token));
}
