#include "web/endpoint/sign_on.h"

#include <string.h>

struct slice
sign_on_user(const struct request *request)
{
	if (request->app->settings->identity != IDENTITY_REMOTE_USER ||
	    request_param(request, "AUTH_TYPE").len == 0)
		return (struct slice){ NULL, 0 };
	return request_param(request, "REMOTE_USER");
}

enum pt_err
sign_on_add_user(const struct request *request, const char name[USER_NAME_SIZE], struct user *user,
    bool *known)
{
	const struct web_app *app = request->app;
	struct store_caller caller = request_caller(request);
	bool added;

	*known = false;
	if (!app->settings->remote_user_create || name[0] == '\0')
		return PT_OK;
	memcpy(user->name, name, sizeof(user->name));

	enum pt_err err = store_user_add(app->store, &caller, user, &added);

	/* Another request may have been faster: then the user exists too. */
	return err != PT_OK ? err : store_user_by_name(app->store, slice_of(name), user, known);
}
