/*
 * GET /.well-known/openid-configuration and oauth-authorization-server: where everything is (RFC
 * 8414; OpenID Connect Discovery 1.0). Only what exists is named: there is no authorization
 * endpoint, so its members are left out, since they may not be empty (RFC 8414, 3.2).
 */
#include "web/endpoint/endpoints.h"
#include "web/http/public.h"

/* Endpoints below the mount; a test checks that each of them exists. */
static const struct {
	const char *name;
	const char *path;
	/* member that says how clients authenticate; NULL: they need not */
	const char *auth_methods;
} endpoints[] = {
	{ "jwks_uri", "/jwks.json", NULL },
	{ "introspection_endpoint", "/introspect",
	    "introspection_endpoint_auth_methods_supported" },
	{ "revocation_endpoint", "/revoke", "revocation_endpoint_auth_methods_supported" },
};

static void
metadata_put_url(struct json_writer *w, const struct settings *settings, const char *name,
    const char *path)
{
	struct buf url = BUF_EMPTY;

	buf_printf(&url, "%s%s", settings->issuer, path);
	if (buf_status(&url) != PT_OK)
		w->out->failed = true;
	json_put_string(w, name, buf_slice(&url));
	buf_free(&url);
}

static void
metadata_put_endpoint(struct json_writer *w, const struct settings *settings, size_t i)
{
	metadata_put_url(w, settings, endpoints[i].name, endpoints[i].path);
	if (endpoints[i].auth_methods == NULL)
		return;
	json_open_array(w, endpoints[i].auth_methods);
	json_put_cstr(w, NULL, "client_secret_basic");
	json_close_array(w);
}

const struct refusal *
metadata_get(const struct request *request, struct outcome *out)
{
	const struct settings *settings = request->app->settings;
	struct buf text = BUF_EMPTY;
	struct json_writer w = json_writer(&text);

	json_open(&w, NULL);
	json_put_cstr(&w, "issuer", settings->issuer);
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		metadata_put_endpoint(&w, settings, i);
	/*
	 * No standard has a name for this yet. Services that do not know it use jwks_uri, which
	 * lacks the list's key.
	 */
	if (!settings->status_list_shared)
		metadata_put_url(&w, settings, "status_list_jwks_uri", "/status-jwks.json");
	/* A person has the same sub for every client. */
	json_open_array(&w, "subject_types_supported");
	json_put_cstr(&w, NULL, "public");
	json_close_array(&w);
	json_close(&w);

	enum pt_err err = public_answer(request, out->response, "application/json",
	    settings_jwks_max_age(settings), &text);

	buf_free(&text);
	out->kind = OUTCOME_WRITTEN;
	return refusal_failed(err);
}
