/*
 * The session's record and its four index entries, which stand and fall
 * together. The expiry entry alone is filed lazily: a rotation moves the idle
 * end and leaves the entry where it is, a lower bound, so that it writes one
 * page; the sweep looks at the record and files it again.
 */
#include "store/internal.h"

#include <string.h>

enum pt_err
session_row_get(const struct store_txn *txn, uint64_t number, struct session_row *out, bool *found)
{
	struct key key = key_number(number);
	struct slice value;
	enum pt_err err = table_get(txn, TABLE_SESSIONS, &key, &value, found);

	if (err != PT_OK || !*found)
		return err;
	err = record_session_decode(value, out);
	return err == PT_OK && out->session.number == number ? PT_OK : env_corrupt(TABLE_SESSIONS, number);
}

enum pt_err
session_row_next(const struct store_txn *txn, enum table table, const struct key *prefix, uint64_t *from,
    struct session_row *row, bool *found)
{
	uint64_t number;

	for (;;) {
		enum pt_err err = table_next(txn, table, prefix, *from, &number, found);

		if (err != PT_OK || !*found)
			return err;
		*from = number + 1;
		err = session_row_get(txn, number, row, found);
		if (err == PT_OK && *found)
			return PT_OK;
		if (err == PT_OK)
			env_corrupt(table, number);	/* an entry of nothing */
		else if (err != PT_ERR_CORRUPT)
			return err;
	}
}

enum pt_err
session_row_by_sid(const struct store_txn *txn, struct slice sid, struct session_row *out, bool *found)
{
	struct key key = key_text(sid);
	uint64_t number;
	enum pt_err err = table_get_number(txn, TABLE_SIDS, &key, &number, found);

	if (err != PT_OK || !*found)
		return err;
	err = session_row_get(txn, number, out, found);
	return err == PT_OK && !*found ? PT_ERR_CORRUPT : err;
}

static enum pt_err
row_write(struct store_txn *txn, const struct session_row *row)
{
	struct key key = key_number(row->session.number);
	struct record_bytes record;
	enum pt_err err = record_session_encode(row, &record);

	if (err != PT_OK)
		return err;
	return table_put(txn, TABLE_SESSIONS, &key, (struct slice){ (const char *)record.bytes, record.len });
}

static int64_t
later(int64_t at_ms, int64_t by_ms)
{
	return at_ms > INT64_MAX - by_ms ? INT64_MAX : at_ms + by_ms;
}

int64_t
session_row_due(const struct session_row *row, const struct store_options *options)
{
	if (row->session.ended != REASON_NONE)
		return later(row->session.ended_at, options->ended_keep_ms);
	return later(standing_end(&row->session), CLOCK_SLACK_MS);
}

static struct key
expiry_key(const struct session_row *row)
{
	return key_pair((uint64_t)row->filed_at, row->session.number);
}

static struct key
device_key(const struct session *session)
{
	struct key device = key_digest(session->device_hash);

	return key_with(&device, session->number);
}

static enum pt_err
count_live(struct store_txn *txn, bool begins)
{
	struct counters counters;
	enum pt_err err = meta_counters(txn, &counters);

	if (err != PT_OK)
		return err;
	/* A count that is too low keeps no session from being ended: store_verify tells of it, store_mend counts anew. */
	if (begins)
		counters.live_sessions++;
	else if (counters.live_sessions > 0)
		counters.live_sessions--;
	return meta_set_counters(txn, &counters);
}

enum pt_err
session_row_add(struct store_txn *txn, struct session_row *row)
{
	const struct session *session = &row->session;
	struct key sid = key_text(slice_of(session->sid)), owner = key_pair(session->user_number, session->number),
	    device = device_key(session);

	row->filed_at = session_row_due(row, &txn->store->options);
	struct key expiry = expiry_key(row);
	enum pt_err err = row_write(txn, row);

	if (err == PT_OK)
		err = table_put_number(txn, TABLE_SIDS, &sid, session->number);
	if (err == PT_OK)
		err = table_put(txn, TABLE_USER_SESSIONS, &owner, SLICE(""));
	if (err == PT_OK)
		err = table_put(txn, TABLE_DEVICES, &device, SLICE(""));
	if (err == PT_OK)
		err = table_put(txn, TABLE_EXPIRY, &expiry, SLICE(""));
	return err != PT_OK ? err : count_live(txn, true);
}

enum pt_err
session_row_remove(struct store_txn *txn, const struct session_row *row)
{
	const struct session *session = &row->session;
	struct key number = key_number(session->number), sid = key_text(slice_of(session->sid)),
	    owner = key_pair(session->user_number, session->number), device = device_key(session),
	    expiry = expiry_key(row);
	enum pt_err err = table_del(txn, TABLE_SESSIONS, &number);

	if (err == PT_OK)
		err = table_del(txn, TABLE_SIDS, &sid);
	if (err == PT_OK)
		err = table_del(txn, TABLE_USER_SESSIONS, &owner);
	if (err == PT_OK)
		err = table_del(txn, TABLE_DEVICES, &device);
	if (err == PT_OK)
		err = table_del(txn, TABLE_EXPIRY, &expiry);
	if (err != PT_OK || session->ended != REASON_NONE)
		return err;
	return count_live(txn, false);
}

enum pt_err
session_row_file(struct store_txn *txn, struct session_row *row)
{
	struct key old = expiry_key(row);
	enum pt_err err = table_del(txn, TABLE_EXPIRY, &old);

	if (err != PT_OK)
		return err;
	row->filed_at = session_row_due(row, &txn->store->options);
	struct key now = expiry_key(row);

	err = table_put(txn, TABLE_EXPIRY, &now, SLICE(""));
	return err != PT_OK ? err : row_write(txn, row);
}

enum pt_err
session_row_put(struct store_txn *txn, struct session_row *row)
{
	return session_row_due(row, &txn->store->options) < row->filed_at ? session_row_file(txn, row) : row_write(txn, row);
}

static enum event_kind
event_of(enum reason reason)
{
	if (reason == REASON_REUSED || reason == REASON_TOO_FAR_AHEAD)
		return EVENT_TOKEN_REUSED;
	return reason == REASON_LOGOUT ? EVENT_LOGOUT : EVENT_SESSION_ENDED;
}

enum pt_err
session_row_end(struct store_txn *txn, const struct store_caller *caller, struct session_row *row, enum reason reason,
    uint32_t rule_row)
{
	struct session *session = &row->session;
	struct event event = audit_event(caller, event_of(reason));
	struct key device = device_key(session);
	bool by_time = reason == REASON_IDLE || reason == REASON_ABSOLUTE;

	session->ended = reason;
	session->ended_at = caller->now.wall_ms;
	if (by_time && standing_end(session) < session->ended_at)
		session->ended_at = standing_end(session);
	enum pt_err err = session_row_put(txn, row);

	if (err == PT_OK)
		err = table_del(txn, TABLE_DEVICES, &device);
	if (err == PT_OK)
		err = count_live(txn, false);
	if (err == PT_OK)
		err = status_end(txn, session, caller->now.wall_ms);
	if (err != PT_OK)
		return err;
	event.reason = reason;
	event.row = rule_row;
	return audit_add_session(txn, event, session);
}

enum pt_err
session_row_end_all(struct store_txn *txn, const struct store_caller *caller, uint64_t user_number, uint64_t keep,
    enum reason reason, uint64_t *count)
{
	struct key prefix = key_number(user_number);
	struct session_row row;
	uint64_t from = 0;
	bool found;

	for (;;) {
		enum pt_err err = session_row_next(txn, TABLE_USER_SESSIONS, &prefix, &from, &row, &found);

		if (err != PT_OK || !found)
			return err;
		if (row.session.number == keep || row.session.ended != REASON_NONE)
			continue;
		err = session_row_end(txn, caller, &row, reason, 0);
		if (err != PT_OK)
			return err;
		++*count;
	}
}

struct standing_rules
session_row_rules(const struct store *store)
{
	return (struct standing_rules){
		.otp_required = slice_of(store->options.otp_required),
	};
}

enum pt_err
session_row_standing(const struct store_txn *txn, const struct session *session, struct instant now,
    struct user *user, enum reason *standing)
{
	bool found;
	enum pt_err err = user_get(txn, session->user_number, user, &found);

	*standing = REASON_USER_DELETED;
	if (err != PT_OK)
		return err;
	if (!found)
		memset(user, 0, sizeof *user);
	const struct standing_rules rules = session_row_rules(txn->store);

	*standing = standing_decide(session, found ? user : NULL, now, &rules);
	return PT_OK;
}
