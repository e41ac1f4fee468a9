/* Each entry of an index leads to a record that wants it. */
#include "store/care/mend.h"

#include <string.h>

/* The user to whom a name or an id leads, if it is there and has it. */
static enum pt_err
look_index_of_user(const struct store_txn *txn, const struct key *at, struct slice value, bool by_name, bool *good)
{
	struct user user;
	bool found = false;
	enum pt_err err = PT_OK;

	*good = value.len == 8;
	if (*good)
		err = user_get(txn, record_get_u64((const uint8_t *)value.ptr), &user, &found);
	if (err == PT_OK && found)
		*good = slice_eq(slice_of(by_name ? user.name : user.sub),
		    (struct slice){ (const char *)at->bytes, at->len });
	return mend_looked(err, found, good);
}

static enum pt_err
look_name(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	(void)m;
	return look_index_of_user(txn, at, value, true, good);
}

static enum pt_err
look_sub(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	(void)m;
	return look_index_of_user(txn, at, value, false, good);
}

/* The last that is known of a user whose record is lost: the name goes into the log. */
static enum pt_err
fix_name(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct event event = audit_event(&m->caller, EVENT_USER_DELETED);
	bool found, there = false;
	enum pt_err err = table_get_number(txn, TABLE_NAMES, at, &event.user_number, &found);

	if (err == PT_OK && found)
		err = mend_user_is_there(txn, event.user_number, &there);
	if (err != PT_OK && err != PT_ERR_CORRUPT)
		return err;
	mend_words(at, event.username);
	mend_did(m, there ? "the name %s no longer leads to a user who has another" : "user %s is gone: there is no record",
	    event.username);
	err = table_del(txn, TABLE_NAMES, at);
	return err != PT_OK || there ? err : audit_add(txn, &event);
}

static enum pt_err
fix_sub(struct store_txn *txn, struct mending *m, const struct key *at)
{
	uint64_t number = 0;
	bool found;
	enum pt_err err = table_get_number(txn, TABLE_SUBS, at, &number, &found);

	if (err != PT_OK && err != PT_ERR_CORRUPT)
		return err;
	mend_did(m, "an id that leads to no user is never given again");
	err = table_del(txn, TABLE_SUBS, at);
	if (err == PT_OK && at->len == ID_SIZE - 1)
		err = mend_put_tombstone(txn, at, number, m->caller.now.wall_ms);
	return err;
}

/* The entry by which each index of the sessions holds one. */
struct key
mend_index_key(enum table table, const struct session_row *row)
{
	const struct session *session = &row->session;
	struct key device = key_digest(session->device_hash);

	switch (table) {
	case TABLE_SIDS:
		return key_text(slice_of(session->sid));
	case TABLE_USER_SESSIONS:
		return key_pair(session->user_number, session->number);
	case TABLE_DEVICES:
		return session->ended == REASON_NONE ? key_with(&device, session->number) : key_none();
	case TABLE_EXPIRY:
		return key_pair((uint64_t)row->filed_at, session->number);
	case TABLE_META:
	case TABLE_USERS:
	case TABLE_NAMES:
	case TABLE_SUBS:
	case TABLE_TOMBSTONES:
	case TABLE_OTP:
	case TABLE_LINKS:
	case TABLE_SERVICES:
	case TABLE_SESSIONS:
	case TABLE_KNOWN_DEVICES:
	case TABLE_STATUS:
	case TABLE_STATUS_ENDED:
	case TABLE_EVENTS:
	case TABLE_SESSION_EVENTS:
	case TABLE_CHANGE_EVENTS:
	case TABLE_LOGIN_EVENTS:
	case TABLE_REFUSAL_EVENTS:
	case TABLE_COUNT:
		break;
	}
	return key_none();
}

static bool
key_eq(const struct key *a, const struct key *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* The session's number is the last of a key, but for ids, which have it as value. */
static enum pt_err
look_index_of_session(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	const uint8_t *number = m->rule->table == TABLE_SIDS ? (const uint8_t *)value.ptr : at->bytes + at->len - 8;
	struct session_row row;
	bool found = false;
	enum pt_err err = PT_OK;

	*good = m->rule->table == TABLE_SIDS ? value.len == 8 : at->len >= 16;
	if (*good)
		err = old_session_row_get(txn, record_get_u64(number), &row, &found);
	if (err == PT_OK && found) {
		struct key wanted = mend_index_key(m->rule->table, &row);

		*good = key_eq(&wanted, at);
	}
	return mend_looked(err, found, good);
}

static enum pt_err
look_session_event(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct event event;
	bool found = false;
	enum pt_err err = PT_OK;

	(void)m, (void)value;
	*good = at->len == 16;
	if (*good)
		err = audit_get(txn, mend_second(at), &event, &found);
	if (err == PT_OK && found)
		*good = event.session_number == mend_first(at);
	return mend_looked(err, found, good);
}

static enum pt_err
look_room_event(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct event event;
	bool found = false;
	enum pt_err err = PT_OK;

	(void)value;
	*good = at->len == 8;
	if (*good)
		err = audit_get(txn, mend_first(at), &event, &found);
	if (err == PT_OK && found)
		*good = audit_room(&event) == m->rule->table;
	return mend_looked(err, found, good);
}

static enum pt_err
look_known_device(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	(void)m;
	*good = at->len == 8 + DIGEST_LEN && value.len == 8;
	return *good ? mend_user_is_there(txn, mend_first(at), good) : PT_OK;
}

static const struct mend_rule rules[] = {
	{ TABLE_NAMES, look_name, fix_name },
	{ TABLE_SUBS, look_sub, fix_sub },
	{ TABLE_SIDS, look_index_of_session, mend_delete },
	{ TABLE_USER_SESSIONS, look_index_of_session, mend_delete },
	{ TABLE_DEVICES, look_index_of_session, mend_delete },
	{ TABLE_EXPIRY, look_index_of_session, mend_delete },
	{ TABLE_KNOWN_DEVICES, look_known_device, mend_delete },
	{ TABLE_SESSION_EVENTS, look_session_event, mend_delete },
	{ TABLE_CHANGE_EVENTS, look_room_event, mend_delete },
	{ TABLE_LOGIN_EVENTS, look_room_event, mend_delete },
	{ TABLE_REFUSAL_EVENTS, look_room_event, mend_delete },
};
const struct mend_part mend_indexes = MEND_PART(rules);
