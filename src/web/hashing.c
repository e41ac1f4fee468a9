#include "web/hashing.h"

enum pt_err
hashing_check(const struct request *request, struct slice password, const struct user *user, bool *good, bool *weaker)
{
	const struct web_app *app = request->app;
	int slot;
	enum pt_err err = password_slots_enter(app->slots, &slot);

	*good = false;
	*weaker = false;
	if (err != PT_OK)
		return err;
	err = password_verify(password, user ? user->password_hash : NULL, &app->settings->password_cost, good, weaker);
	password_slots_leave(app->slots, slot);
	/* Only now, when the work is done: a disabled user must not be told by the time. */
	if (err != PT_OK || user == NULL || user->disabled)
		*good = false;
	return err;
}

enum pt_err
hashing_make(const struct request *request, struct slice password, char out[PASSWORD_HASH_SIZE])
{
	const struct web_app *app = request->app;
	int slot;
	enum pt_err err = password_slots_enter(app->slots, &slot);

	if (err != PT_OK)
		return err;
	err = password_hash(password, &app->settings->password_cost, out);
	password_slots_leave(app->slots, slot);
	return err;
}
