/* Each entry of an index leads to a record that wants it. */
#include "store/care/mend.h"

#include <string.h>

#include "store/audit.h"
#include "store/rows/event_entry.h"
#include "store/rows/event_row.h"
#include "store/rows/session_row.h"
#include "store/rows/user_row.h"

/* ---- of users ---- */

/* The user to whom a name or an id leads. */
static bool
index_user(struct store_txn *txn, struct slice value, struct user *out)
{
	uint64_t number;

	return mend_number(value, &number) && user_row_look(txn, number, out) == ROW_THERE;
}

static bool
key_is(const struct key *at, const char *text)
{
	return slice_eq(slice_of(text), (struct slice){ (const char *)at->bytes, at->len });
}

static bool
look_name(struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value)
{
	struct user user;

	(void)m;
	return index_user(txn, value, &user) && key_is(at, user.name);
}

static bool
look_sub(struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value)
{
	struct user user;

	(void)m;
	return index_user(txn, value, &user) && key_is(at, user.sub);
}

/* The name is the last thing known of a user whose record is lost, so it goes into the log. */
static void
fix_name(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct event event = audit_event(&m->caller, EVENT_USER_DELETED);
	bool there = mend_number_at(txn, TABLE_NAMES, at, &event.user_number) &&
	    mend_user_is_there(txn, event.user_number);

	mend_words(at, event.username);
	entry_del(txn, TABLE_NAMES, at);
	if (there) {
		mend_did(m, "the name %s no longer leads to a user who has another",
		    event.username);
		return;
	}
	mend_did(m, "user %s is gone: there is no record", event.username);
	audit_add(txn, &event);
}

static void
fix_sub(struct store_txn *txn, struct mending *m, const struct key *at)
{
	uint64_t number = 0;

	mend_number_at(txn, TABLE_SUBS, at, &number);
	mend_did(m, "an id that leads to no user is never given again");
	entry_del(txn, TABLE_SUBS, at);
	if (at->len == ID_SIZE - 1)
		mend_put_tombstone(txn, at, number, m->caller.now.wall_ms);
}

static bool
look_known_device(struct store_txn *txn, const struct mending *m, const struct key *at,
    struct slice value)
{
	(void)m;
	return at->len == U64_SIZE + DIGEST_SIZE && value.len == U64_SIZE &&
	    mend_user_is_there(txn, mend_first(at));
}

/* ---- of sessions ---- */

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
		return session->ended == REASON_NONE ?
		    key_with(&device, session->number) : key_none();
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
look_index_of_session(struct store_txn *txn, const struct mending *m, const struct key *at,
    struct slice value)
{
	struct session_row row;
	uint64_t number;

	/* The session's number is the last of a key, but for ids, which have it as value. */
	if (m->rule->table == TABLE_SIDS && !mend_number(value, &number))
		return false;
	if (m->rule->table != TABLE_SIDS && at->len < 2 * U64_SIZE)
		return false;
	if (m->rule->table != TABLE_SIDS)
		number = u64_get(at->bytes + at->len - U64_SIZE);
	if (session_row_look(txn, number, &row) != ROW_THERE)
		return false;
	struct key wanted = mend_index_key(m->rule->table, &row);

	return wanted.len == at->len && memcmp(wanted.bytes, at->bytes, at->len) == 0;
}

/* ---- of events ---- */

static bool
look_session_event(struct store_txn *txn, const struct mending *m, const struct key *at,
    struct slice value)
{
	struct event event;

	(void)m, (void)value;
	return at->len == 2 * U64_SIZE &&
	    event_row_look(txn, mend_second(at), &event) == ROW_THERE &&
	    event.session_number == mend_first(at);
}

static bool
look_room_event(struct store_txn *txn, const struct mending *m, const struct key *at,
    struct slice value)
{
	struct event event;

	(void)value;
	return at->len == U64_SIZE && event_row_look(txn, mend_first(at), &event) == ROW_THERE &&
	    event_entry_room(&event) == m->rule->table;
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
