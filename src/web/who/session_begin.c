#include "web/who/session_begin.h"

/* Makes the token's secrets and the hashes that the store keeps. */
static enum pt_err
session_begin_secrets(const struct session_begin *wanted, struct refresh_token *token,
    struct store_login *login)
{
	enum pt_err err = random_bytes(token->secret, sizeof(token->secret));

	if (err == PT_OK)
		err = random_bytes(&token->nonce, sizeof(token->nonce));
	if (err == PT_OK)
		err = digest_sha256(token->secret, sizeof(token->secret), login->secret_hash);
	if (err == PT_OK)
		err = digest_sha256(wanted->device, SESSION_DEVICE_SIZE, login->device_hash);
	login->nonce = token->nonce;
	return err;
}

/*
 * The refresh tokens sent along tell which session the browser keeps if this login's answer is
 * lost.
 */
static enum pt_err
session_begin_store(const struct request *request, const struct store_caller *caller,
    struct store_login *login, struct login_decision *decision, struct session_begun *out)
{
	struct store_presented carried[SESSION_COOKIE_MAX];
	struct session_cookies cookies;
	enum pt_err err = session_cookies_read(request, &cookies);

	for (size_t i = 0; i < cookies.count; i++)
		carried[i] = cookies.tokens[i].presented;
	login->carried = carried;
	login->carried_count = cookies.count;
	session_cookies_wipe(&cookies);
	if (err == PT_OK)
		err = store_login(request->app->store, caller, login, &out->session, &out->user,
		    decision);
	return err;
}

enum pt_err
session_begin(const struct request *request, const struct session_begin *wanted,
    struct login_decision *decision, struct session_begun *out)
{
	const struct second_factor *factor = wanted->factor;
	struct store_caller caller = request_caller(request);
	struct store_login login = {
		.user_number = wanted->user->number,
		.expected_hash = wanted->methods & LOGIN_BY_PASSWORD ?
		    wanted->user->password_hash : NULL,
		.remember = wanted->remember,
		.methods = wanted->methods,
		.device = wanted->device_name,
		.proof = factor && factor->code == LOGIN_CODE_GOOD ? &factor->proof : NULL,
		.enrolment = factor && factor->code == LOGIN_CODE_FIRST ? &factor->enrolment : NULL,
	};
	enum pt_err err = session_begin_secrets(wanted, &out->token, &login);

	if (err == PT_OK)
		err = session_begin_store(request, &caller, &login, decision, out);
	out->token.session_number = out->session.number;
	out->now_ms = caller.now.wall_ms;
	return err;
}
