/* POST /password: a new password for the current one; every other session ends with it. */
#include "web/endpoint/endpoints.h"

#include "base/secret.h"
#include "web/http/redirect.h"
#include "web/http/report.h"
#include "web/pages/account_page.h"
#include "web/who/hashing.h"
#include "web/who/new_password.h"
#include "web/who/proof.h"

/* Sets the new hash if the one that current was checked against still stands. */
static enum pt_err
change_password_set(const struct request *request, const struct credential *who, struct slice new,
    enum store_change *result)
{
	char hash[PASSWORD_HASH_SIZE];
	struct store_caller caller;
	enum pt_err err = hashing_make(request, new, hash);

	caller = request_caller(request);
	caller.device_hash = who->session.device_hash;
	if (err == PT_OK)
		err = store_user_set_password(request->app->store, &caller, who->user.number,
		    who->user.password_hash, hash, who->session.number, result);
	secret_wipe(hash, sizeof(hash));
	return err;
}

static const struct refusal *
change_password_try(const struct request *request, struct outcome *out, struct proof *proof,
    struct slice new)
{
	enum store_change result = CHANGE_NONE;
	const struct refusal *refusal = new_password_demand(request, &out->who.user, new,
	    &out->made);

	if (refusal == NULL)
		refusal = proof_demand(request, &out->who, proof);
	if (refusal)
		return refusal;
	enum pt_err err = change_password_set(request, &out->who, new, &result);

	if (err != PT_OK)
		return refusal_failed(err);
	if (result != CHANGE_DONE)
		return proof_refuse(request, &out->who, REASON_NONE, &proof_wrong_password);
	report_event(request, &(struct report){
		.kind = EVENT_PASSWORD_CHANGED,
		.level = LOG_LEVEL_INFO,
		.user = &out->who.user,
		.session = &out->who.session,
	});
	out->kind = OUTCOME_DONE;
	out->next = ACCOUNT_PAGE_PASSWORD_CHANGED;
	return NULL;
}

const struct refusal *
change_password_post(const struct request *request, struct outcome *out)
{
	static const struct refusal malformed =
	    REFUSAL_MALFORMED("Give the current and the new password.");
	struct proof proof = { .guess = &out->guess };
	struct slice new = { NULL, 0 };
	const struct body_field fields[] = {
		{ .name = "current", .text = &proof.password, .required = true },
		{ .name = "new", .text = &new, .required = true },
	};
	const struct refusal *refusal = credential_demand(request, &out->who);

	if (refusal == NULL)
		refusal = body_demand(request, fields, sizeof(fields) / sizeof(fields[0]),
		    &out->body, &malformed);
	return refusal ? refusal : change_password_try(request, out, &proof, new);
}

const struct refusal *
change_password_find(const struct request *request, struct outcome *out)
{
	out->kind = OUTCOME_WRITTEN;
	return refusal_failed(redirect_to_page(request, out->response, "/account"));
}
