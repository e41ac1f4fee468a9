#include "web/who/service_login.h"

#include <string.h>

#include "base/base64url.h"
#include "base/log.h"
#include "base/secret.h"

#define CREDENTIALS_MAX 512	/* bytes of name, colon and secret; longer ones cannot be ours */

/*
 * Decodes the name and secret of an Authorization header with the Basic scheme into memory; false
 * for any other header.
 */
static bool
service_login_read(const struct request *request, char memory[CREDENTIALS_MAX], struct slice *name,
    struct slice *secret)
{
	struct slice scheme, text;
	size_t len;

	if (!slice_cut(slice_trim(request_param(request, "HTTP_AUTHORIZATION")), ' ', &scheme,
	    &text) || !slice_eq_nocase(scheme, SLICE("Basic")))
		return false;
	return base64_decode(slice_trim(text), memory, CREDENTIALS_MAX, &len) &&
	    slice_cut((struct slice){ memory, len }, ':', name, secret);
}

/*
 * *service comes in zeroed. The lookup, hash and comparison are made for an unknown name too: the
 * time taken must not show which names there are.
 */
static enum pt_err
service_login_check(const struct request *request, struct slice name, struct slice secret,
    struct service *service, bool *good)
{
	uint8_t hash[DIGEST_SIZE];
	bool found;
	enum pt_err err;

	err = store_service_by_name(request->app->store, name, service, &found);
	if (err == PT_OK)
		err = digest_sha256(secret.ptr, secret.len, hash);
	if (err != PT_OK)
		return err;
	*good = secret_eq(service->secret_hash, hash, sizeof(hash));
	*good = found && *good;
	return PT_OK;
}

static const struct refusal bad_service = {
	.status = 401,
	.error = "invalid_client",
	.text = "A service must send its name and its secret.",
	.challenge = "Basic realm=\"pintle\", charset=\"UTF-8\"",
};
static const struct refusal malformed = REFUSAL_MALFORMED("A form with the token is expected.");

static const struct refusal *
service_login_demand(const struct request *request, struct service *service)
{
	char memory[CREDENTIALS_MAX];
	struct slice name, secret;
	bool good = false;
	enum pt_err err = PT_OK;

	if (service_login_read(request, memory, &name, &secret))
		err = service_login_check(request, name, secret, service, &good);
	secret_wipe(memory, sizeof(memory));
	if (err != PT_OK || good)
		return refusal_failed(err);
	LOG_SPARELY(LOG_LEVEL_WARNING, "service_refused", NULL,
	    LOG_STR("request_id", request->request_id), LOG_STR("address", request->address));
	return &bad_service;
}

const struct refusal *
service_login_token(const struct request *request, struct service *service, struct body *body,
    struct slice *token)
{
	const struct body_field field = { .name = "token", .text = token, .required = true };
	const struct refusal *refusal;

	memset(service, 0, sizeof(*service));
	*token = (struct slice){ NULL, 0 };
	refusal = service_login_demand(request, service);
	if (refusal)
		return refusal;
	return body_type(request) == BODY_FORM ?
	    body_demand(request, &field, 1, body, &malformed) : &malformed;
}
