/*
 * Users who move in: many in one transaction, each as new or in the place of one who is there. See
 * DESIGN.md, An import commits a hundred lines at a time.
 */
#include <string.h>

#include "store/audit.h"
#include "store/rows/otp_row.h"
#include "store/rows/user_row.h"
#include "store/user.h"

struct import {
	const struct store_caller *caller;
	struct store_newcomer *list;
	size_t count;
	bool replace;
};

/* Who is there under the newcomer's name, and the second factor where the newcomer brings one. */
struct present {
	enum row_look look;
	struct user user;
	struct otp otp;
};

static bool
wants_change(const struct store_newcomer *newcomer, const struct present *present)
{
	const struct user *wanted = &newcomer->user, *user = &present->user;
	struct otp otp = present->otp;

	return (newcomer->has_otp && otp_move_in(&otp, &newcomer->otp)) ||
	    (newcomer->has_hash && strcmp(wanted->password_hash, user->password_hash) != 0) ||
	    (newcomer->has_groups && strcmp(wanted->groups, user->groups) != 0) ||
	    (newcomer->has_disabled && wanted->disabled != user->disabled);
}

static struct present
import_look(struct store_txn *txn, const struct store_newcomer *newcomer)
{
	struct present present = { .otp.on = false };

	present.look = user_row_look_by_name(txn, slice_of(newcomer->user.name), &present.user);
	if (present.look == ROW_THERE && newcomer->has_otp &&
	    otp_row_look(txn, present.user.number, &present.otp) == ROW_BROKEN)
		present.look = ROW_BROKEN;
	return present;
}

/* What becomes of a newcomer whose name somebody has. */
static enum store_arrival
import_decide_present(const struct store_newcomer *newcomer, bool replace,
    const struct present *present)
{
	const char *sub = newcomer->user.sub;

	if (!replace)
		return ARRIVAL_THERE;
	if (sub[0] && strcmp(sub, present->user.sub) != 0)
		return ARRIVAL_ID_TAKEN;
	return wants_change(newcomer, present) ? ARRIVAL_REPLACED : ARRIVAL_UNCHANGED;
}

static enum store_arrival
import_decide(struct store_txn *txn, const struct store_newcomer *newcomer, bool replace,
    const struct present *present)
{
	const char *sub = newcomer->user.sub;

	switch (present->look) {
	case ROW_NONE:
		return sub[0] && user_row_sub_is_taken(txn, slice_of(sub)) ?
		    ARRIVAL_ID_TAKEN : ARRIVAL_ADDED;
	case ROW_THERE:
		return import_decide_present(newcomer, replace, present);
	case ROW_BROKEN:	/* one of many, and the others are in order */
		return ARRIVAL_BROKEN;
	}
	return ARRIVAL_NONE;
}

static void
import_otp(struct store_txn *txn, const struct import *import,
    const struct store_newcomer *newcomer, struct present *present)
{
	const int64_t now_ms = import->caller->now.wall_ms;
	struct otp *otp = &present->otp;

	otp->user_number = present->user.number;
	if (!newcomer->has_otp || !otp_move_in(otp, &newcomer->otp))
		return;
	if (otp->enrolled_at == 0)
		otp->enrolled_at = now_ms;
	if (otp->recovery_at == 0)
		otp->recovery_at = now_ms;
	otp_row_put(txn, otp);
	audit_add_user(txn, import->caller, EVENT_OTP_ENABLED, &present->user);
}

static void
import_add(struct store_txn *txn, const struct import *import,
    const struct store_newcomer *newcomer)
{
	const int64_t now_ms = import->caller->now.wall_ms;
	struct present present = { .user = newcomer->user };
	struct user *user = &present.user;

	if (user->created_at == 0)
		user->created_at = now_ms;
	if (user->password_set_at == 0 && user->password_hash[0])
		user->password_set_at = now_ms;
	user_add(txn, import->caller, user);
	import_otp(txn, import, newcomer, &present);
}

static void
import_replace(struct store_txn *txn, const struct import *import,
    const struct store_newcomer *newcomer, struct present *present)
{
	const struct user *wanted = &newcomer->user;
	struct user *user = &present->user;

	/* First: a group may require it. */
	import_otp(txn, import, newcomer, present);
	if (newcomer->has_groups && strcmp(wanted->groups, user->groups) != 0)
		user_set_groups(txn, import->caller, user, slice_of(wanted->groups));
	if (newcomer->has_hash && strcmp(wanted->password_hash, user->password_hash) != 0)
		user_set_password(txn, import->caller, user, wanted->password_hash, 0);
	if (newcomer->has_disabled && wanted->disabled != user->disabled)
		user_set_disabled(txn, import->caller, user, wanted->disabled);
}

static void
run_import(struct store_txn *txn, void *ctx)
{
	const struct import *import = ctx;

	for (size_t i = 0; i < import->count && !txn_failed(txn); i++) {
		struct store_newcomer *newcomer = &import->list[i];
		struct present present = import_look(txn, newcomer);

		newcomer->arrival = import_decide(txn, newcomer, import->replace, &present);
		if (newcomer->arrival == ARRIVAL_ADDED)
			import_add(txn, import, newcomer);
		if (newcomer->arrival == ARRIVAL_REPLACED)
			import_replace(txn, import, newcomer, &present);
	}
}

/*
 * Whether the list can be taken at all: a second factor is sealed for a sub, so a line with a
 * second factor must have a sub.
 */
static bool
import_is_valid(struct store_newcomer *list, size_t count)
{
	bool valid = true;

	for (size_t i = 0; i < count; i++) {
		list[i].arrival = ARRIVAL_NONE;
		valid = valid && !(list[i].has_otp && list[i].user.sub[0] == '\0');
	}
	return valid;
}

enum pt_err
store_user_import(struct store *store, const struct store_caller *caller,
    struct store_newcomer *list, size_t count, bool replace)
{
	struct import import = { caller, list, count, replace };
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	if (err == PT_OK && !import_is_valid(list, count))
		err = PT_ERR_INVALID;
	return err != PT_OK ? err : commit_change(store, run_import, &import);
}

enum pt_err
store_user_import_try(struct store *store, struct store_newcomer *list, size_t count, bool replace)
{
	struct store_txn txn;

	if (!import_is_valid(list, count))
		return PT_ERR_INVALID;
	txn_read_begin(store, &txn);
	for (size_t i = 0; i < count; i++) {
		struct present present = import_look(&txn, &list[i]);

		list[i].arrival = import_decide(&txn, &list[i], replace, &present);
	}
	return txn_read_end(&txn);
}
