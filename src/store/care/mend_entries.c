/* Each record has all its entries in the indexes. */
#include "store/care/mend.h"

#include <inttypes.h>

static enum pt_err
is_number(const struct store_txn *txn, enum table table, struct key key, uint64_t number, bool *good)
{
	uint64_t held = 0;
	bool found;
	enum pt_err err = table_get_number(txn, table, &key, &held, &found);

	*good = *good && err == PT_OK && found && held == number;
	return err == PT_ERR_CORRUPT ? PT_OK : err;
}

static enum pt_err
look_user_entries(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct user user;
	bool found;
	enum pt_err err = user_get(txn, mend_first(at), &user, &found);

	(void)m, (void)value;
	*good = true;
	if (err == PT_OK)
		err = is_number(txn, TABLE_NAMES, key_text(slice_of(user.name)), user.number, good);
	return err != PT_OK ? err : is_number(txn, TABLE_SUBS, key_text(slice_of(user.sub)), user.number, good);
}

static enum pt_err
fix_user_entries(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct user user;
	bool found;
	enum pt_err err = user_get(txn, mend_first(at), &user, &found);

	if (err != PT_OK)
		return err;
	struct key name = key_text(slice_of(user.name)), sub = key_text(slice_of(user.sub));

	mend_did(m, "user %" PRIu64 " is found by its name and id again", user.number);
	err = table_put_number(txn, TABLE_NAMES, &name, user.number);
	return err != PT_OK ? err : table_put_number(txn, TABLE_SUBS, &sub, user.number);
}

static const enum table session_indexes[] = { TABLE_SIDS, TABLE_USER_SESSIONS, TABLE_DEVICES, TABLE_EXPIRY };

/* Whether the session's index of the status list is its own, and whether the list wants to tell of it. */
static enum pt_err
status_is_held(const struct store_txn *txn, const struct session *session, bool *held)
{
	*held = true;
	return is_number(txn, TABLE_STATUS, key_number(session->status_index), session->number, held);
}

static enum pt_err
look_status_entries(const struct store_txn *txn, const struct session *session, bool *good)
{
	struct key end = status_row_end_key(session);
	struct slice value;
	bool held, told = true;
	enum pt_err err = status_is_held(txn, session, &held);

	if (err == PT_OK && held && session->ended != REASON_NONE)
		err = table_get(txn, TABLE_STATUS_ENDED, &end, &value, &told);
	*good = *good && told && (held || session->ended != REASON_NONE);
	return err;
}

static enum pt_err
look_session_entries(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct session_row row;
	bool found;
	enum pt_err err = old_session_row_get(txn, mend_first(at), &row, &found);

	(void)m;
	*good = true;
	for (size_t i = 0; err == PT_OK && i < sizeof session_indexes / sizeof session_indexes[0]; i++) {
		struct key key = mend_index_key(session_indexes[i], &row);

		found = true;
		if (key.len > 0)
			err = table_get(txn, session_indexes[i], &key, &value, &found);
		*good = *good && found;
	}
	*good = *good && (err != PT_OK || row.filed_at <= session_row_due(&row, &txn->store->options));
	return err != PT_OK ? err : look_status_entries(txn, &row.session, good);
}

static enum pt_err
fix_status_entries(struct store_txn *txn, struct mending *m, const struct session *session)
{
	struct key index = key_number(session->status_index);
	uint64_t holder;
	bool held, taken;
	enum pt_err err = status_is_held(txn, session, &held);

	if (err == PT_OK && held && session->ended != REASON_NONE)
		return status_end(txn, session, m->caller.now.wall_ms);
	if (err != PT_OK || held || session->ended != REASON_NONE)
		return err;
	err = table_get_number(txn, TABLE_STATUS, &index, &holder, &taken);
	if (err == PT_OK && !taken)
		return table_put_number(txn, TABLE_STATUS, &index, session->number);
	/* Another has it: of two with one index the end of one would be told of both. */
	return err;
}

static enum pt_err
fix_session_entries(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct session_row row;
	bool found;
	enum pt_err err = old_session_row_get(txn, mend_first(at), &row, &found);

	if (err != PT_OK)
		return err;
	struct key sid = mend_index_key(TABLE_SIDS, &row), owner = mend_index_key(TABLE_USER_SESSIONS, &row),
	    device = mend_index_key(TABLE_DEVICES, &row);

	mend_did(m, "session %" PRIu64 " is in all indexes again", row.session.number);
	err = table_put_number(txn, TABLE_SIDS, &sid, row.session.number);
	if (err == PT_OK)
		err = table_put(txn, TABLE_USER_SESSIONS, &owner, SLICE(""));
	if (err == PT_OK && device.len > 0)
		err = table_put(txn, TABLE_DEVICES, &device, SLICE(""));
	if (err == PT_OK)
		err = old_session_row_file(txn, &row);
	return err != PT_OK ? err : fix_status_entries(txn, m, &row.session);
}

static enum pt_err
look_event_entries(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct event event;
	bool found;
	enum pt_err err = audit_get(txn, mend_first(at), &event, &found);

	(void)m;
	*good = true;
	if (err != PT_OK)
		return err;
	struct key key = key_number(event.number);

	err = table_get(txn, audit_room(&event), &key, &value, good);
	if (err != PT_OK || !*good || event.session_number == 0)
		return err;
	key = key_pair(event.session_number, event.number);
	return table_get(txn, TABLE_SESSION_EVENTS, &key, &value, good);
}

static enum pt_err
fix_event_entries(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct event event;
	bool found;
	enum pt_err err = audit_get(txn, mend_first(at), &event, &found);

	if (err != PT_OK)
		return err;
	mend_did(m, "event %" PRIu64 " is found again by its session and its room", event.number);
	err = audit_file(txn, &event);
	if (err != PT_OK || event.session_number == 0)
		return err;
	struct key key = key_pair(event.session_number, event.number);

	return table_put(txn, TABLE_SESSION_EVENTS, &key, SLICE(""));
}

static const struct mend_rule rules[] = {
	{ TABLE_USERS, look_user_entries, fix_user_entries },
	{ TABLE_SESSIONS, look_session_entries, fix_session_entries },
	{ TABLE_EVENTS, look_event_entries, fix_event_entries },
};
const struct mend_part mend_entries = MEND_PART(rules);
