#include "web/who/hashing.h"

#include "base/log.h"
#include "base/waiting.h"

/*
 * How many slots the check takes. If it needs more memory than all slots provide, it is not made:
 * *hash becomes NULL, which looks the same as an unknown name.
 */
static enum pt_err
hashing_weigh(const struct request *request, const struct user *user, const char **hash,
    unsigned *weight)
{
	struct password_need need;

	*weight = 1;
	*hash = user ? user->password_hash : NULL;
	if (*hash == NULL || (*hash)[0] == '\0')
		return PT_OK;
	if (password_look(slice_of(*hash), &need) != PASSWORD_FORM_GOOD)
		return PT_ERR_CORRUPT;
	*weight = password_weight(&need, &request->app->settings->password_cost);
	if (*weight <= password_slots_count(request->app->slots))
		return PT_OK;
	LOG_SPARELY(LOG_LEVEL_ERROR, "hash_over_ceiling", user->sub,
	    LOG_STR("request_id", request->request_id),
	    LOG_STR("user", user->sub), LOG_STR("kind", need.kind),
	    LOG_NUM("memory_kib", (int64_t)need.memory_kib),
	    LOG_STR("advice", "hashing_slots times hashing_memory is less than this hash needs: "
	    "raise one of them, or set a new password"));
	*weight = 1;
	*hash = NULL;
	return PT_OK;
}

static void
hashing_waits(void *ctx, bool waits)
{
	(void)ctx;
	waiting_tell(waits);
}

enum pt_err
hashing_check(const struct request *request, struct slice password, const struct user *user,
    bool *good, bool *weaker)
{
	const struct web_app *app = request->app;
	const struct password_waiter waiter = { hashing_waits, NULL };
	const char *hash;
	unsigned weight;
	int slot = -1;
	enum pt_err err = hashing_weigh(request, user, &hash, &weight);

	*good = false;
	*weaker = false;
	if (err == PT_OK)
		err = password_slots_enter_many(app->slots, weight, &waiter, &slot);
	if (err != PT_OK)
		return err;
	err = password_verify(password, hash, &app->settings->password_cost, good, weaker);
	password_slots_leave(app->slots, slot);
	/*
	 * Decided only after the work is done: the time taken must not show that a user is
	 * disabled.
	 */
	if (err != PT_OK || user == NULL || user->disabled)
		*good = false;
	return err;
}

enum pt_err
hashing_make(const struct request *request, struct slice password, char out[PASSWORD_HASH_SIZE])
{
	const struct web_app *app = request->app;
	const struct password_waiter waiter = { hashing_waits, NULL };
	int slot;
	enum pt_err err = password_slots_enter_many(app->slots, 1, &waiter, &slot);

	if (err != PT_OK)
		return err;
	err = password_hash(password, &app->settings->password_cost, out);
	password_slots_leave(app->slots, slot);
	return err;
}
