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

/* Who is there: the user, and the second factor where the newcomer brings one. */
struct present {
	struct user user;
	struct otp otp;
};

static bool
wants_otp(const struct store_newcomer *newcomer, const struct present *present)
{
	struct otp otp = present->otp;

	return newcomer->has_otp && otp_move_in(&otp, &newcomer->otp);
}

static bool
wants_change(const struct store_newcomer *newcomer, const struct present *present)
{
	const struct user *wanted = &newcomer->user, *user = &present->user;

	return wants_otp(newcomer, present) ||
	    (newcomer->has_hash && strcmp(wanted->password_hash, user->password_hash) != 0) ||
	    (newcomer->has_groups && strcmp(wanted->groups, user->groups) != 0) ||
	    (newcomer->has_disabled && wanted->disabled != user->disabled);
}

/* Who of that name is there, and whether the newcomer's sub is another's. */
static enum pt_err
import_look(const struct store_txn *txn, const struct store_newcomer *newcomer, struct present *present, bool *found,
    bool *taken)
{
	const char *sub = newcomer->user.sub;
	bool has_otp;
	enum pt_err err = user_by_name(txn, slice_of(newcomer->user.name), &present->user, found);

	*taken = false;
	if (err == PT_OK && *found && newcomer->has_otp)
		err = otp_get(txn, present->user.number, &present->otp, &has_otp);
	if (err == PT_OK && !*found && sub[0])
		err = sub_is_taken(txn, sub, taken);
	return err;
}

/* What is to be done; *present is who is there, if anybody. */
static enum pt_err
import_decide(const struct store_txn *txn, struct store_newcomer *newcomer, bool replace, struct present *present)
{
	const char *sub = newcomer->user.sub;
	bool found, taken;

	newcomer->arrival = ARRIVAL_NONE;
	if (newcomer->has_otp && sub[0] == '\0')
		return PT_ERR_INVALID;
	enum pt_err err = import_look(txn, newcomer, present, &found, &taken);

	/* That is one of many, and the others are in order. */
	if (err == PT_ERR_CORRUPT) {
		newcomer->arrival = ARRIVAL_BROKEN;
		return PT_OK;
	}
	if (err != PT_OK)
		return err;
	if (!found)
		newcomer->arrival = taken ? ARRIVAL_ID_TAKEN : ARRIVAL_ADDED;
	else if (!replace)
		newcomer->arrival = ARRIVAL_THERE;
	else if (sub[0] && strcmp(sub, present->user.sub) != 0)
		newcomer->arrival = ARRIVAL_ID_TAKEN;
	else
		newcomer->arrival = wants_change(newcomer, present) ? ARRIVAL_REPLACED : ARRIVAL_UNCHANGED;
	return PT_OK;
}

static enum pt_err
import_otp(struct store_txn *txn, const struct import *import, const struct store_newcomer *newcomer,
    struct present *present)
{
	const int64_t now_ms = import->caller->now.wall_ms;
	struct otp *otp = &present->otp;
	enum pt_err err;

	otp->user_number = present->user.number;
	if (!newcomer->has_otp || !otp_move_in(otp, &newcomer->otp))
		return PT_OK;
	if (otp->enrolled_at == 0)
		otp->enrolled_at = now_ms;
	if (otp->recovery_at == 0)
		otp->recovery_at = now_ms;
	err = otp_put(txn, otp);
	return err != PT_OK ? err : audit_add_user(txn, import->caller, EVENT_OTP_ENABLED, &present->user);
}

static enum pt_err
import_add(struct store_txn *txn, const struct import *import, const struct store_newcomer *newcomer)
{
	const int64_t now_ms = import->caller->now.wall_ms;
	struct present present = { .user = newcomer->user };
	struct user *user = &present.user;
	enum pt_err err;

	if (user->created_at == 0)
		user->created_at = now_ms;
	if (user->password_set_at == 0 && user->password_hash[0])
		user->password_set_at = now_ms;
	err = user_add(txn, import->caller, user);
	return err != PT_OK ? err : import_otp(txn, import, newcomer, &present);
}

static enum pt_err
import_replace(struct store_txn *txn, const struct import *import, const struct store_newcomer *newcomer,
    struct present *present)
{
	const struct user *wanted = &newcomer->user;
	struct user *user = &present->user;
	/* First: a group may want it. */
	enum pt_err err = import_otp(txn, import, newcomer, present);

	if (err == PT_OK && newcomer->has_groups && strcmp(wanted->groups, user->groups) != 0)
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
	struct present present = { .otp.on = false };
	enum pt_err err = import_decide(txn, newcomer, import->replace, &present);

	if (err == PT_OK && newcomer->arrival == ARRIVAL_ADDED)
		err = import_add(txn, import, newcomer);
	if (err == PT_OK && newcomer->arrival == ARRIVAL_REPLACED)
		err = import_replace(txn, import, newcomer, &present);
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
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	for (size_t i = 0; err == PT_OK && i < count; i++) {
		struct present present = { .otp.on = false };

		err = import_decide(&txn, &list[i], replace, &present);
	}
	txn_read_end(&txn);
	return err;
}
