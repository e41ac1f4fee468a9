/*
 * POST /introspect: whether an access token stands now, and what it says (RFC 7662), for services.
 */
#include "web/endpoint/endpoints.h"

#include "base/tally.h"
#include "web/pages/view.h"
#include "web/who/service_login.h"

/*
 * Groups and name are those of now, as with verify: a group that an administrator took away is
 * gone.
 */
static void
introspect_put(struct json_writer *w, const struct access_claims *claims, const struct user *user)
{
	json_put_bool(w, "active", true);
	json_put_string(w, "iss", claims->issuer);
	json_put_string(w, "aud", claims->audience);
	json_put_string(w, "sub", claims->subject);
	json_put_string(w, "sid", claims->session_id);
	json_put_string(w, "client_id", claims->client_id);
	json_put_string(w, "jti", claims->token_id);
	json_put_integer(w, "iat", claims->issued_at);
	json_put_integer(w, "exp", claims->expires_at);
	json_put_integer(w, "auth_time", claims->auth_time);
	view_names(w, "amr", claims->amr);
	view_names(w, "groups", slice_of(user->groups));
	if (claims->status_list.len)
		access_status_put(w, claims);
	json_put_cstr(w, "username", user->name);
	json_put_cstr(w, "token_type", "Bearer");
}

/*
 * Nothing is said about a token that does not stand, not even why (RFC 7662, 2.2). A refresh token
 * is not an access token.
 */
static enum pt_err
introspect_write(const struct request *request, struct outcome *out, struct slice text)
{
	struct access_token token;
	struct credential *who = &out->who;
	enum pt_err err = credential_read_access(request, text, &token, who);

	if (err == PT_OK) {
		tally_add(who->good ? TALLY_INTROSPECT_ACTIVE : TALLY_INTROSPECT_INACTIVE, 1);
		struct json_writer w = answer_json(out->response, 200);

		json_open(&w, NULL);
		if (who->good)
			introspect_put(&w, &token.claims, &who->user);
		else
			json_put_bool(&w, "active", false);
		json_close(&w);
	}
	access_token_free(&token);
	return err;
}

const struct refusal *
introspect_post(const struct request *request, struct outcome *out)
{
	struct service service;
	struct slice token;
	const struct refusal *refusal = service_login_token(request, &service, &out->body, &token);

	out->kind = OUTCOME_WRITTEN;
	return refusal ? refusal : refusal_failed(introspect_write(request, out, token));
}
