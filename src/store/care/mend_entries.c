/* Each record has all its entries in the indexes. */
#include "store/care/mend.h"

#include <inttypes.h>

#include "store/rows/event_entry.h"
#include "store/rows/event_row.h"
#include "store/rows/session_row.h"
#include "store/rows/status_row.h"
#include "store/rows/user_row.h"

/* Whether the index has this number under the key. */
static bool
holds_number(struct store_txn *txn, enum table table, struct key key, uint64_t number)
{
	uint64_t held;

	return mend_number_at(txn, table, &key, &held) && held == number;
}

/* ---- users ---- */

static bool
user_is_filed(struct store_txn *txn, const struct mending *m, const struct key *at,
    struct slice value)
{
	struct user user;

	(void)m, (void)value;
	return user_row_look(txn, mend_first(at), &user) != ROW_THERE ||
	    (holds_number(txn, TABLE_NAMES, key_text(slice_of(user.name)), user.number) &&
	    holds_number(txn, TABLE_SUBS, key_text(slice_of(user.sub)), user.number));
}

static void
user_file(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct user user;

	if (!user_row_get(txn, mend_first(at), &user))
		return;
	struct key name = key_text(slice_of(user.name)), sub = key_text(slice_of(user.sub));

	mend_did(m, "user %" PRIu64 " is found by its name and id again", user.number);
	entry_put_number(txn, TABLE_NAMES, &name, user.number);
	entry_put_number(txn, TABLE_SUBS, &sub, user.number);
}

/* ---- sessions ---- */

static const enum table session_indexes[] = { TABLE_SIDS, TABLE_USER_SESSIONS, TABLE_DEVICES,
    TABLE_EXPIRY };

/* Whether the session's index of the status list is its own. */
static bool
status_is_held(struct store_txn *txn, const struct session *session)
{
	return holds_number(txn, TABLE_STATUS, key_number(session->status_index), session->number);
}

/*
 * A session that lives holds its index; of one that has ended, and holds it still, the list reports
 * the end.
 */
static bool
status_is_good(struct store_txn *txn, const struct session *session)
{
	bool held = status_is_held(txn, session);

	if (session->ended == REASON_NONE || !held)
		return held || session->ended != REASON_NONE;
	return mend_is_there(txn, TABLE_STATUS_ENDED, status_row_end_key(session));
}

static bool
session_is_filed(struct store_txn *txn, const struct mending *m, const struct key *at,
    struct slice value)
{
	struct session_row row;

	(void)m, (void)value;
	if (session_row_look(txn, mend_first(at), &row) != ROW_THERE)
		return true;
	for (size_t i = 0; i < sizeof(session_indexes) / sizeof(session_indexes[0]); i++) {
		struct key key = mend_index_key(session_indexes[i], &row);

		if (key.len > 0 && !mend_is_there(txn, session_indexes[i], key))
			return false;
	}
	return row.filed_at <= session_row_due(&row, txn_options(txn)) &&
	    status_is_good(txn, &row.session);
}

static void
session_file_status(struct store_txn *txn, struct mending *m, const struct session *session)
{
	struct key index = key_number(session->status_index);
	bool held = status_is_held(txn, session);

	if (session->ended != REASON_NONE && held)
		status_row_end(txn, session, m->caller.now.wall_ms);
	/*
	 * Where another has it, it stays: of two with one index the end of one would be reported of
	 * both.
	 */
	if (session->ended == REASON_NONE && !held && !mend_is_there(txn, TABLE_STATUS, index))
		entry_put_number(txn, TABLE_STATUS, &index, session->number);
}

static void
session_file(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct session_row row;

	if (!session_row_get(txn, mend_first(at), &row))
		return;
	struct key sid = mend_index_key(TABLE_SIDS, &row),
	    owner = mend_index_key(TABLE_USER_SESSIONS, &row),
	    device = mend_index_key(TABLE_DEVICES, &row);

	mend_did(m, "session %" PRIu64 " is in all indexes again", row.session.number);
	entry_put_number(txn, TABLE_SIDS, &sid, row.session.number);
	entry_put(txn, TABLE_USER_SESSIONS, &owner, SLICE(""));
	if (device.len > 0)
		entry_put(txn, TABLE_DEVICES, &device, SLICE(""));
	session_row_file(txn, &row);
	session_file_status(txn, m, &row.session);
}

/* ---- events ---- */

static bool
event_is_filed(struct store_txn *txn, const struct mending *m, const struct key *at,
    struct slice value)
{
	struct event event;

	(void)m, (void)value;
	return event_row_look(txn, mend_first(at), &event) != ROW_THERE ||
	    (mend_is_there(txn, event_entry_room(&event), key_number(event.number)) &&
	    (event.session_number == 0 ||
	    mend_is_there(txn, TABLE_SESSION_EVENTS,
	    key_pair(event.session_number, event.number))));
}

static void
event_file(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct event event;

	if (!event_row_get(txn, mend_first(at), &event))
		return;
	mend_did(m, "event %" PRIu64 " is found again by its session and its room", event.number);
	event_entry_put(txn, &event);
}

static const struct mend_rule rules[] = {
	{ TABLE_USERS, user_is_filed, user_file },
	{ TABLE_SESSIONS, session_is_filed, session_file },
	{ TABLE_EVENTS, event_is_filed, event_file },
};
const struct mend_part mend_entries = MEND_PART(rules);
