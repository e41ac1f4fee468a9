/* Users: their records, the index of names, tombstones. */
#include "store/internal.h"

#include <string.h>

#include "crypto/random.h"

/* ---- reading ---- */

enum pt_err
store_user_by_number(struct store *store, uint64_t number, struct user *out, bool *found)
{
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	*found = false;
	if (err != PT_OK)
		return err;
	err = user_get(&txn, number, out, found);
	txn_read_end(&txn);
	return err;
}

enum pt_err
store_user_by_name(struct store *store, struct slice name, struct user *out, bool *found)
{
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	*found = false;
	if (err != PT_OK)
		return err;
	err = user_by_name(&txn, name, out, found);
	txn_read_end(&txn);
	return err;
}

/* The first user from number *from on, which moves past it; one whose record does not decode is passed over. */
static enum pt_err
next_by_number(const struct store_txn *txn, uint64_t *from, struct user *out, bool *found)
{
	const struct key none = key_none();
	uint64_t number;

	for (;;) {
		enum pt_err err = table_next(txn, TABLE_USERS, &none, *from, &number, found);

		if (err != PT_OK || !*found)
			return err;
		*from = number + 1;
		err = user_get(txn, number, out, found);
		if (err != PT_ERR_CORRUPT)
			return err;
	}
}

enum pt_err
store_user_search(struct store *store, struct slice name, struct user *out, bool *found)
{
	struct store_txn txn;
	uint64_t from = 0;
	enum pt_err err = store_user_by_name(store, name, out, found);

	if (err == PT_OK ? *found : err != PT_ERR_CORRUPT)
		return err;
	/* A transaction a user: a long look must hold no snapshot. */
	do {
		err = txn_read_begin(store, &txn);
		if (err != PT_OK)
			return err;
		err = next_by_number(&txn, &from, out, found);
		txn_read_end(&txn);
	} while (err == PT_OK && *found && !slice_eq(slice_of(out->name), name));
	return err;
}

/* The first user whose name is from or comes after it; *broken is true where that name leads to no good record. */
static enum pt_err
next_by_name(const struct store_txn *txn, const struct key *from, struct key *at, struct user *out, bool *found,
    bool *broken)
{
	bool there = false;
	enum pt_err err = table_ceil(txn, TABLE_NAMES, from, at, NULL, found);

	*broken = false;
	if (err != PT_OK || !*found)
		return err;
	err = user_by_name(txn, (struct slice){ (const char *)at->bytes, at->len }, out, &there);
	*broken = err == PT_ERR_CORRUPT || (err == PT_OK && !there);
	return *broken ? PT_OK : err;
}

enum pt_err
store_user_each(struct store *store, bool (*visit)(const struct user *user, void *ctx), void *ctx)
{
	struct key from = key_none(), at = key_none();
	struct store_txn txn;
	struct user user;
	bool found, broken, damaged = false;

	/* A transaction a user, and none while it is shown: a pager must not hold a snapshot. */
	for (;; from = key_after(&at)) {
		enum pt_err err = txn_read_begin(store, &txn);

		if (err != PT_OK)
			return err;
		err = next_by_name(&txn, &from, &at, &user, &found, &broken);
		txn_read_end(&txn);
		if (err != PT_OK || !found)
			return err == PT_OK && damaged ? PT_ERR_CORRUPT : err;
		damaged = damaged || broken;
		if (!broken && !visit(&user, ctx))
			return PT_OK;
	}
}

/* ---- adding ---- */

struct addition {
	const struct store_caller *caller;
	struct user *user;
	bool *added;
};

static enum pt_err
add_number(struct store_txn *txn, struct user *user)
{
	struct counters counters;
	enum pt_err err = meta_counters(txn, &counters);

	if (err != PT_OK)
		return err;
	user->number = counters.next_user++;
	return meta_set_counters(txn, &counters);
}

enum pt_err
user_add(struct store_txn *txn, const struct store_caller *caller, struct user *user)
{
	struct key name = key_text(slice_of(user->name)), sub;
	enum pt_err err = user->sub[0] ? PT_OK : random_id(user->sub);

	if (err == PT_OK)
		err = add_number(txn, user);
	if (err == PT_OK)
		err = user_put(txn, user);
	if (err == PT_OK)
		err = table_put_number(txn, TABLE_NAMES, &name, user->number);
	sub = key_text(slice_of(user->sub));
	if (err == PT_OK)
		err = table_put_number(txn, TABLE_SUBS, &sub, user->number);
	return err != PT_OK ? err : audit_add_user(txn, caller, EVENT_USER_ADDED, user);
}

static enum pt_err
run_add(struct store_txn *txn, void *ctx)
{
	struct addition *addition = ctx;
	struct user *user = addition->user;
	struct key name = key_text(slice_of(user->name));
	uint64_t taken_by;
	bool taken;
	enum pt_err err = table_get_number(txn, TABLE_NAMES, &name, &taken_by, &taken);

	*addition->added = false;
	if (err != PT_OK || taken)
		return err;
	user->sub[0] = '\0';
	err = user_add(txn, addition->caller, user);
	*addition->added = err == PT_OK;
	return err;
}

enum pt_err
store_user_add(struct store *store, const struct store_caller *caller, struct user *user, bool *added)
{
	struct addition addition = { caller, user, added };
	enum pt_err err = user->name[0] == '\0' ? PT_ERR_INVALID : room_check(store, ROOM_FOR_GROWTH);

	*added = false;
	if (err != PT_OK)
		return err;
	user->created_at = caller->now.wall_ms;
	user->password_set_at = user->password_hash[0] ? user->created_at : 0;
	user->last_login_at = 0;
	return commit_run(store, run_add, &addition);
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
	bool *done;
};

static bool
hash_expected(const struct user *user, const char *expected)
{
	return expected == NULL || strcmp(user->password_hash, expected) == 0;
}

/* Reads the user that is to be changed; *change->done tells whether it is there and as expected. */
static enum pt_err
change_begin(struct store_txn *txn, struct user_change *change, struct user *user)
{
	bool found;
	enum pt_err err = user_get(txn, change->number, user, &found);

	*change->done = err == PT_OK && found && hash_expected(user, change->expected_hash);
	return err;
}

enum pt_err
user_set_password(struct store_txn *txn, const struct store_caller *caller, struct user *user, const char *hash,
    uint64_t keep_session)
{
	uint64_t count = 0;
	enum pt_err err;

	if (!slice_copy(slice_of(hash), user->password_hash, sizeof user->password_hash))
		return PT_ERR_INVALID;
	user->password_set_at = caller->now.wall_ms;
	err = user_put(txn, user);
	if (err == PT_OK)
		err = link_del(txn, user->number);	/* it was to set another */
	if (err == PT_OK && caller->device_hash)
		err = device_remember(txn, user->number, caller->device_hash, caller->now.wall_ms);
	if (err == PT_OK)
		err = audit_add_user(txn, caller, EVENT_PASSWORD_CHANGED, user);
	if (err == PT_OK)
		err = old_session_row_end_all(txn, caller, user->number, keep_session, REASON_PASSWORD_CHANGED, &count);
	return err;
}

static enum pt_err
run_set_password(struct store_txn *txn, void *ctx)
{
	struct user_change *change = ctx;
	struct user user;
	enum pt_err err = change_begin(txn, change, &user);

	if (err != PT_OK || !*change->done)
		return err;
	return user_set_password(txn, change->caller, &user, change->new_hash, change->keep_session);
}

enum pt_err
store_user_set_password(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const char *expected_hash, const char *new_hash, uint64_t keep_session, bool *done)
{
	struct user_change change = {
		.caller = caller, .number = user_number, .expected_hash = expected_hash, .new_hash = new_hash,
		.keep_session = keep_session, .done = done,
	};

	*done = false;
	return commit_run(store, run_set_password, &change);
}

static enum pt_err
run_rehash(struct store_txn *txn, void *ctx)
{
	struct user_change *change = ctx;
	struct user user;
	enum pt_err err = change_begin(txn, change, &user);

	if (err != PT_OK || !*change->done)
		return err;
	if (!slice_copy(slice_of(change->new_hash), user.password_hash, sizeof user.password_hash))
		return PT_ERR_INVALID;
	return user_put(txn, &user);
}

enum pt_err
store_user_rehash(struct store *store, uint64_t user_number, const char *expected_hash, const char *new_hash)
{
	bool done = false;
	struct user_change change = {
		.number = user_number, .expected_hash = expected_hash, .new_hash = new_hash, .done = &done,
	};

	return commit_run(store, run_rehash, &change);
}

enum pt_err
user_set_disabled(struct store_txn *txn, const struct store_caller *caller, struct user *user, bool disabled)
{
	uint64_t count = 0;
	enum pt_err err;

	user->disabled = disabled;
	err = user_put(txn, user);
	if (err == PT_OK)
		err = audit_add_user(txn, caller, disabled ? EVENT_USER_DISABLED : EVENT_USER_ENABLED, user);
	if (err == PT_OK && disabled)
		err = old_session_row_end_all(txn, caller, user->number, 0, REASON_USER_DISABLED, &count);
	return err;
}

static enum pt_err
run_set_disabled(struct store_txn *txn, void *ctx)
{
	struct user_change *change = ctx;
	struct user user;
	enum pt_err err = change_begin(txn, change, &user);

	if (err != PT_OK || !*change->done || user.disabled == change->disabled)
		return err;
	return user_set_disabled(txn, change->caller, &user, change->disabled);
}

enum pt_err
store_user_set_disabled(struct store *store, const struct store_caller *caller, uint64_t user_number, bool disabled,
    bool *found)
{
	struct user_change change = {
		.caller = caller, .number = user_number, .disabled = disabled, .done = found,
	};

	*found = false;
	return commit_run(store, run_set_disabled, &change);
}

/* Ends those sessions of the user that do not stand any more: a group may ask for a second factor that they lack. */
static enum pt_err
end_unfit(struct store_txn *txn, const struct store_caller *caller, uint64_t user_number)
{
	struct key prefix = key_number(user_number);
	struct session_row row;
	struct user user;
	enum reason reason;
	uint64_t from = 0;
	bool found;

	for (;;) {
		enum pt_err err = old_session_row_next(txn, TABLE_USER_SESSIONS, &prefix, &from, &row, &found);

		if (err != PT_OK || !found)
			return err;
		err = old_session_row_standing(txn, &row.session, caller->now, &user, &reason);
		if (err == PT_OK && row.session.ended == REASON_NONE && reason == REASON_OTP_REQUIRED)
			err = old_session_row_end(txn, caller, &row, reason, 0);
		if (err != PT_OK)
			return err;
	}
}

enum pt_err
user_set_groups(struct store_txn *txn, const struct store_caller *caller, struct user *user, struct slice groups)
{
	enum pt_err err;

	if (!slice_copy(groups, user->groups, sizeof user->groups))
		return PT_ERR_INVALID;
	err = user_put(txn, user);
	if (err == PT_OK)
		err = audit_add_user(txn, caller, EVENT_USER_CHANGED, user);
	return err != PT_OK ? err : end_unfit(txn, caller, user->number);
}

static enum pt_err
run_set_groups(struct store_txn *txn, void *ctx)
{
	struct user_change *change = ctx;
	struct user user;
	enum pt_err err = change_begin(txn, change, &user);

	if (err != PT_OK || !*change->done)
		return err;
	return user_set_groups(txn, change->caller, &user, change->groups);
}

enum pt_err
store_user_set_groups(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice groups, bool *found)
{
	struct user_change change = {
		.caller = caller, .number = user_number, .groups = groups, .done = found,
	};

	*found = false;
	return commit_run(store, run_set_groups, &change);
}

/* ---- deleting ---- */

static enum pt_err
delete_sessions(struct store_txn *txn, uint64_t user_number)
{
	struct key prefix = key_number(user_number);
	struct session_row row;
	uint64_t from = 0;
	bool found;

	for (;;) {
		enum pt_err err = old_session_row_next(txn, TABLE_USER_SESSIONS, &prefix, &from, &row, &found);

		if (err == PT_OK && found)
			err = old_session_row_remove(txn, &row);
		if (err != PT_OK || !found)
			return err;
	}
}

static enum pt_err
delete_record(struct store_txn *txn, const struct user *user, int64_t now_ms)
{
	const struct tombstone tombstone = { user->number, now_ms };
	struct key number = key_number(user->number), name = key_text(slice_of(user->name)),
	    sub = key_text(slice_of(user->sub));
	struct record_bytes record;
	enum pt_err err = record_tombstone_encode(&tombstone, &record);

	if (err == PT_OK)
		err = table_put(txn, TABLE_TOMBSTONES, &sub, (struct slice){ (const char *)record.bytes, record.len });
	if (err == PT_OK)
		err = table_del(txn, TABLE_SUBS, &sub);
	if (err == PT_OK)
		err = table_del(txn, TABLE_NAMES, &name);
	if (err == PT_OK)
		err = otp_del(txn, user->number);
	if (err == PT_OK)
		err = link_del(txn, user->number);
	if (err == PT_OK)
		err = device_forget_all(txn, user->number);
	return err != PT_OK ? err : table_del(txn, TABLE_USERS, &number);
}

static enum pt_err
run_delete(struct store_txn *txn, void *ctx)
{
	struct user_change *change = ctx;
	uint64_t count = 0;
	struct user user;
	enum pt_err err = change_begin(txn, change, &user);

	if (err != PT_OK || !*change->done)
		return err;
	/* Ended first: the log tells what became of each. */
	err = old_session_row_end_all(txn, change->caller, user.number, 0, REASON_USER_DELETED, &count);
	if (err == PT_OK)
		err = delete_sessions(txn, user.number);
	if (err == PT_OK)
		err = audit_add_user(txn, change->caller, EVENT_USER_DELETED, &user);
	return err != PT_OK ? err : delete_record(txn, &user, change->caller->now.wall_ms);
}

enum pt_err
store_user_delete(struct store *store, const struct store_caller *caller, uint64_t user_number, bool *found)
{
	struct user_change change = { .caller = caller, .number = user_number, .done = found };

	*found = false;
	return commit_run(store, run_delete, &change);
}
