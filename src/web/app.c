#include "web/app.h"

#include <stdlib.h>

enum pt_err
web_app_new(const struct settings *settings, struct store *store, const struct keyring *keys,
    struct password_slots *slots, struct web_app **out)
{
	struct web_app *app = calloc(1, sizeof(*app));

	*out = NULL;
	if (app == NULL)
		return PT_ERR_NOMEM;
	app->settings = settings;
	app->store = store;
	app->keys = keys;
	app->slots = slots;
	*out = app;
	return PT_OK;
}

void
web_app_free(struct web_app *app)
{
	free(app);
}
