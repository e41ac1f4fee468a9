#include "store/user.h"

#include <string.h>

#include "crypto/random.h"
#include "store/audit.h"
#include "store/device.h"
#include "store/each.h"
#include "store/end.h"
#include "store/rows/device_row.h"
#include "store/rows/link_row.h"
#include "store/rows/otp_row.h"
#include "store/rows/user_row.h"
#include "store/session_standing.h"

/* ---- reading ---- */

enum pt_err
store_user_by_number(struct store *store, uint64_t number, struct user *out, bool *found)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	*found = user_row_get(&txn, number, out);
	return txn_read_end(&txn);
}

enum pt_err
store_user_by_name(struct store *store, struct slice name, struct user *out, bool *found)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	*found = user_row_by_name(&txn, name, out);
	return txn_read_end(&txn);
}

enum pt_err
store_user_search(struct store *store, struct slice name, struct user *out, bool *found)
{
	struct store_txn txn;
	uint64_t from = 0;
	enum pt_err err = store_user_by_name(store, name, out, found);

	if (err == PT_OK ? *found : err != PT_ERR_CORRUPT)
		return err;
	/* A transaction for each user: a long look must hold no snapshot. */
	do {
		txn_read_begin(store, &txn);
		*found = user_row_from(&txn, &from, out);
		err = txn_read_end(&txn);
	} while (err == PT_OK && *found && !slice_eq(slice_of(out->name), name));
	return err;
}

static enum row_look
next_user(struct store_txn *txn, void *walk, void *user)
{
	return user_row_next(txn, walk, user);
}

enum pt_err
store_user_each(struct store *store, bool (*visit)(const struct user *user, void *ctx), void *ctx)
{
	struct name_walk walk = { .len = 0 };
	struct each each = { .store = store, .next = next_user, .walk = &walk };
	struct user user;

	while (each_next(&each, &user) && visit(&user, ctx))
		;
	return each.err;
}

/* ---- adding ---- */

struct addition {
	const struct store_caller *caller;
	struct user *user;
	bool added;
};

void
user_add(struct store_txn *txn, const struct store_caller *caller, struct user *user)
{
	if (user->sub[0] == '\0')
		txn_fail(txn, random_id(user->sub));
	user_row_add(txn, user);
	audit_add_user(txn, caller, EVENT_USER_ADDED, user);
}

static void
run_add_user(struct store_txn *txn, void *ctx)
{
	struct addition *addition = ctx;

	addition->added = !user_row_name_is_taken(txn, slice_of(addition->user->name));
	if (!addition->added)
		return;
	addition->user->sub[0] = '\0';
	user_add(txn, addition->caller, addition->user);
}

enum pt_err
store_user_add(struct store *store, const struct store_caller *caller, struct user *user,
    bool *added)
{
	struct addition addition = { caller, user, false };
	enum pt_err err = user->name[0] == '\0' ?
	    PT_ERR_INVALID : room_check(store, ROOM_FOR_GROWTH);

	*added = false;
	if (err != PT_OK)
		return err;
	user->created_at = caller->now.wall_ms;
	user->password_set_at = user->password_hash[0] ? user->created_at : 0;
	user->last_login_at = 0;
	err = commit_change(store, run_add_user, &addition);
	*added = err == PT_OK && addition.added;
	return err;
}

/* ---- changing ---- */

struct user_change {
	const struct store_caller *caller;
	uint64_t number;
	const char *expected_hash;	/* NULL: whatever it is */
	const char *new_hash;
	uint64_t keep_session;
	bool disabled;
	struct slice groups;
	enum store_change result;
};

/* Reads the user to be changed; whether it is there and as expected. */
static bool
user_change_begin(struct store_txn *txn, struct user_change *change, struct user *user)
{
	if (!user_row_get(txn, change->number, user))
		change->result = CHANGE_USER_GONE;
	else if (change->expected_hash && strcmp(user->password_hash, change->expected_hash) != 0)
		change->result = CHANGE_OTHER_HASH;
	else
		change->result = CHANGE_DONE;
	return change->result == CHANGE_DONE;
}

static enum pt_err
user_change_commit(struct store *store, void (*run)(struct store_txn *txn, void *ctx),
    struct user_change *change, bool *found)
{
	enum pt_err err = commit_change(store, run, change);

	*found = err == PT_OK && change->result == CHANGE_DONE;
	return err;
}

void
user_set_password(struct store_txn *txn, const struct store_caller *caller, struct user *user,
    const char *hash, uint64_t keep_session)
{
	if (!slice_copy(slice_of(hash), user->password_hash, sizeof(user->password_hash)))
		txn_fail(txn, PT_ERR_INVALID);
	user->password_set_at = caller->now.wall_ms;
	user_row_put(txn, user);
	link_row_del(txn, user->number);	/* it was to set another */
	if (caller->device_hash)
		device_use(txn, user->number, caller->device_hash, caller->now.wall_ms);
	audit_add_user(txn, caller, EVENT_PASSWORD_CHANGED, user);
	session_end_all(txn, caller, user->number, keep_session, REASON_PASSWORD_CHANGED);
}

static void
run_set_password(struct store_txn *txn, void *ctx)
{
	struct user_change *change = ctx;
	struct user user;

	if (user_change_begin(txn, change, &user))
		user_set_password(txn, change->caller, &user, change->new_hash,
		    change->keep_session);
}

enum pt_err
store_user_set_password(struct store *store, const struct store_caller *caller,
    uint64_t user_number,
    const char *expected_hash, const char *new_hash, uint64_t keep_session,
    enum store_change *result)
{
	struct user_change change = {
		.caller = caller, .number = user_number, .expected_hash = expected_hash,
		.new_hash = new_hash,
		.keep_session = keep_session,
	};
	enum pt_err err = commit_change(store, run_set_password, &change);

	*result = err == PT_OK ? change.result : CHANGE_NONE;
	return err;
}

static void
run_rehash(struct store_txn *txn, void *ctx)
{
	struct user_change *change = ctx;
	struct user user;

	if (!user_change_begin(txn, change, &user))
		return;
	if (!slice_copy(slice_of(change->new_hash), user.password_hash, sizeof(user.password_hash)))
		txn_fail(txn, PT_ERR_INVALID);
	user_row_put(txn, &user);
}

enum pt_err
store_user_rehash(struct store *store, uint64_t user_number, const char *expected_hash,
    const char *new_hash)
{
	struct user_change change = {
		.number = user_number, .expected_hash = expected_hash, .new_hash = new_hash,
	};

	return commit_change(store, run_rehash, &change);
}

void
user_set_disabled(struct store_txn *txn, const struct store_caller *caller, struct user *user,
    bool disabled)
{
	user->disabled = disabled;
	user_row_put(txn, user);
	audit_add_user(txn, caller, disabled ? EVENT_USER_DISABLED : EVENT_USER_ENABLED, user);
	if (disabled)
		session_end_all(txn, caller, user->number, 0, REASON_USER_DISABLED);
}

static void
run_set_disabled(struct store_txn *txn, void *ctx)
{
	struct user_change *change = ctx;
	struct user user;

	if (user_change_begin(txn, change, &user) && user.disabled != change->disabled)
		user_set_disabled(txn, change->caller, &user, change->disabled);
}

enum pt_err
store_user_set_disabled(struct store *store, const struct store_caller *caller,
    uint64_t user_number, bool disabled, bool *found)
{
	struct user_change change = { .caller = caller, .number = user_number,
	    .disabled = disabled };

	return user_change_commit(store, run_set_disabled, &change, found);
}

/*
 * Ends those sessions of the user that do not stand any more: a group may require a second factor
 * that they lack.
 */
static void
user_end_unfit(struct store_txn *txn, const struct store_caller *caller, uint64_t user_number)
{
	struct session_walk walk = session_walk_user(user_number);
	struct session_row row;
	struct user user;

	while (session_row_next(txn, &walk, &row)) {
		if (row.session.ended == REASON_NONE &&
		    session_standing(txn, &row.session, caller->now, &user) == REASON_OTP_REQUIRED)
			session_end(txn, caller, &row, REASON_OTP_REQUIRED, 0);
	}
}

void
user_set_groups(struct store_txn *txn, const struct store_caller *caller, struct user *user,
    struct slice groups)
{
	if (!slice_copy(groups, user->groups, sizeof(user->groups)))
		txn_fail(txn, PT_ERR_INVALID);
	user_row_put(txn, user);
	audit_add_user(txn, caller, EVENT_USER_CHANGED, user);
	user_end_unfit(txn, caller, user->number);
}

static void
run_set_groups(struct store_txn *txn, void *ctx)
{
	struct user_change *change = ctx;
	struct user user;

	if (user_change_begin(txn, change, &user))
		user_set_groups(txn, change->caller, &user, change->groups);
}

enum pt_err
store_user_set_groups(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice groups, bool *found)
{
	struct user_change change = { .caller = caller, .number = user_number, .groups = groups };

	return user_change_commit(store, run_set_groups, &change, found);
}

/* ---- deleting ---- */

static void
run_delete(struct store_txn *txn, void *ctx)
{
	struct user_change *change = ctx;
	struct session_walk walk = session_walk_user(change->number);
	struct session_row row;
	struct user user;

	if (!user_change_begin(txn, change, &user))
		return;
	/* Ended first: the log says what became of each. */
	session_end_all(txn, change->caller, user.number, 0, REASON_USER_DELETED);
	while (session_row_next(txn, &walk, &row))
		session_row_remove(txn, &row);
	audit_add_user(txn, change->caller, EVENT_USER_DELETED, &user);
	otp_row_del(txn, user.number);
	link_row_del(txn, user.number);
	device_row_forget_all(txn, user.number);
	user_row_remove(txn, &user, change->caller->now.wall_ms);
}

enum pt_err
store_user_delete(struct store *store, const struct store_caller *caller, uint64_t user_number,
    bool *found)
{
	struct user_change change = { .caller = caller, .number = user_number };

	return user_change_commit(store, run_delete, &change, found);
}
