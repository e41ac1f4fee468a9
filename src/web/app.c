#include "web/http/app.h"

#include <stdlib.h>

#include "web/endpoint/status_cache.h"
#include "web/web.h"
#include "web/who/password_rules.h"
#include "web/who/verified.h"

enum pt_err
web_app_new(const struct settings *settings, struct store *store, struct keyring_watch *keys,
    struct password_slots *slots, struct limits *limits, struct web_app **out)
{
	struct web_app *app = calloc(1, sizeof(*app));

	*out = NULL;
	if (app == NULL)
		return PT_ERR_NOMEM;
	app->settings = settings;
	app->store = store;
	app->keys = keys;
	app->slots = slots;
	app->limits = limits;
	enum pt_err err = password_rules_open(settings, &app->bad_passwords);

	if (err == PT_OK)
		err = verified_new(settings->verified_tokens, &app->verified);
	if (err == PT_OK)
		err = status_cache_new(&app->status_cache);
	buf_printf(&app->status_uri, "%s/status-list", settings->issuer);
	if (err == PT_OK)
		err = buf_status(&app->status_uri);
	if (err != PT_OK) {
		web_app_free(app);
		return err;
	}
	*out = app;
	return PT_OK;
}

void
web_app_free(struct web_app *app)
{
	if (app == NULL)
		return;
	word_list_free(app->bad_passwords);
	verified_free(app->verified);
	status_cache_free(app->status_cache);
	buf_free(&app->status_uri);
	free(app);
}
