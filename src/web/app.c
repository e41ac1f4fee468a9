#include "web/app.h"

#include <stdlib.h>

#include "base/base64url.h"

/* The tag is a digest of what is served, so it changes exactly when that does. */
static enum pt_err
app_tag_jwks(struct web_app *app)
{
	uint8_t digest[DIGEST_SIZE];
	char text[BASE64URL_LEN(DIGEST_SIZE) + 1];
	enum pt_err err = digest_sha256(app->jwks.ptr, app->jwks.len, digest);

	if (err != PT_OK)
		return err;
	base64url_encode(digest, sizeof(digest), text);
	app->jwks_etag[0] = '"';
	slice_copy(slice_of(text), app->jwks_etag + 1, sizeof(app->jwks_etag) - 1);
	app->jwks_etag[APP_ETAG_SIZE - 2] = '"';
	app->jwks_etag[APP_ETAG_SIZE - 1] = '\0';
	return PT_OK;
}

enum pt_err
web_app_new(const struct settings *settings, struct store *store, const struct keyring *keys,
    struct password_slots *slots, struct web_app **out)
{
	struct web_app *app = calloc(1, sizeof(*app));
	enum pt_err err;

	*out = NULL;
	if (app == NULL)
		return PT_ERR_NOMEM;
	app->settings = settings;
	app->store = store;
	app->keys = keys;
	app->slots = slots;
	err = keyring_jwks(keys, &app->jwks);
	if (err != PT_OK)
		goto fail;
	err = buf_status(&app->jwks);
	if (err != PT_OK)
		goto fail;
	err = app_tag_jwks(app);
	if (err != PT_OK)
		goto fail;
	*out = app;
	return PT_OK;

fail:
	web_app_free(app);
	return err;
}

void
web_app_free(struct web_app *app)
{
	if (app == NULL)
		return;
	buf_free(&app->jwks);
	free(app);
}
