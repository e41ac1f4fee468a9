/* Users who move in: many in one transaction, each as new or in the place of one who is there. */
#include "store/internal.h"

#include <string.h>

struct import {
	const struct store_caller *caller;
	struct store_newcomer *list;
	size_t count;
	bool replace;
};

/* Whether a sub is some user's, or was. */
static enum pt_err
sub_is_taken(const struct store_txn *txn, const char *sub, bool *taken)
{
	struct key key = key_text(slice_of(sub));
	struct slice value;
	enum pt_err err = table_get(txn, TABLE_SUBS, &key, &value, taken);

	return err != PT_OK || *taken ? err : table_get(txn, TABLE_TOMBSTONES, &key, &value, taken);
}

static bool
wants_change(const struct store_newcomer *newcomer, const struct user *user)
{
	const struct user *wanted = &newcomer->user;

	return (newcomer->has_hash && strcmp(wanted->password_hash, user->password_hash) != 0) ||
	    (newcomer->has_groups && strcmp(wanted->groups, user->groups) != 0) ||
	    (newcomer->has_disabled && wanted->disabled != user->disabled);
}

/* What is to be done; *user is the one who is there, if any. */
static enum pt_err
import_decide(const struct store_txn *txn, struct store_newcomer *newcomer, bool replace, struct user *user)
{
	const char *sub = newcomer->user.sub;
	bool found, taken = false;
	enum pt_err err = user_by_name(txn, slice_of(newcomer->user.name), user, &found);

	newcomer->arrival = ARRIVAL_NONE;
	if (err == PT_OK && !found && sub[0])
		err = sub_is_taken(txn, sub, &taken);
	if (err != PT_OK)
		return err;
	if (!found)
		newcomer->arrival = taken ? ARRIVAL_ID_TAKEN : ARRIVAL_ADDED;
	else if (!replace)
		newcomer->arrival = ARRIVAL_THERE;
	else if (sub[0] && strcmp(sub, user->sub) != 0)
		newcomer->arrival = ARRIVAL_ID_TAKEN;
	else
		newcomer->arrival = wants_change(newcomer, user) ? ARRIVAL_REPLACED : ARRIVAL_UNCHANGED;
	return PT_OK;
}

static enum pt_err
import_add(struct store_txn *txn, const struct import *import, const struct store_newcomer *newcomer)
{
	const int64_t now_ms = import->caller->now.wall_ms;
	struct user user = newcomer->user;

	if (user.created_at == 0)
		user.created_at = now_ms;
	if (user.password_set_at == 0 && user.password_hash[0])
		user.password_set_at = now_ms;
	return user_add(txn, import->caller, &user);
}

static enum pt_err
import_replace(struct store_txn *txn, const struct import *import, const struct store_newcomer *newcomer,
    struct user *user)
{
	const struct user *wanted = &newcomer->user;
	enum pt_err err = PT_OK;

	if (newcomer->has_groups && strcmp(wanted->groups, user->groups) != 0)
		err = user_set_groups(txn, import->caller, user, slice_of(wanted->groups));
	if (err == PT_OK && newcomer->has_hash && strcmp(wanted->password_hash, user->password_hash) != 0)
		err = user_set_password(txn, import->caller, user, wanted->password_hash, 0);
	if (err == PT_OK && newcomer->has_disabled && wanted->disabled != user->disabled)
		err = user_set_disabled(txn, import->caller, user, wanted->disabled);
	return err;
}

static enum pt_err
import_one(struct store_txn *txn, const struct import *import, struct store_newcomer *newcomer)
{
	struct user user;
	enum pt_err err = import_decide(txn, newcomer, import->replace, &user);

	if (err == PT_OK && newcomer->arrival == ARRIVAL_ADDED)
		err = import_add(txn, import, newcomer);
	if (err == PT_OK && newcomer->arrival == ARRIVAL_REPLACED)
		err = import_replace(txn, import, newcomer, &user);
	return err;
}

static enum pt_err
run_import(struct store_txn *txn, void *ctx)
{
	const struct import *import = ctx;
	enum pt_err err = PT_OK;

	for (size_t i = 0; err == PT_OK && i < import->count; i++)
		err = import_one(txn, import, &import->list[i]);
	return err;
}

enum pt_err
store_user_import(struct store *store, const struct store_caller *caller, struct store_newcomer *list, size_t count,
    bool replace)
{
	struct import import = { caller, list, count, replace };
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	return err != PT_OK ? err : commit_run(store, run_import, &import);
}

enum pt_err
store_user_import_try(struct store *store, struct store_newcomer *list, size_t count, bool replace)
{
	struct store_txn txn;
	struct user user;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	for (size_t i = 0; err == PT_OK && i < count; i++)
		err = import_decide(&txn, &list[i], replace, &user);
	txn_read_end(&txn);
	return err;
}
