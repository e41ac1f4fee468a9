#include "store/rows/session_row.h"

#include <string.h>

#include "core/standing.h"
#include "store/rows/counters.h"
#include "store/rows/row_entry.h"
#include "store/rows/status_row.h"

enum row_look
session_row_look(struct store_txn *txn, uint64_t number, struct session_row *out)
{
	struct key key = key_number(number);
	struct slice value;

	if (!entry_get(txn, TABLE_SESSIONS, &key, &value))
		return ROW_NONE;
	bool good = record_session_decode(value, out) == PT_OK && out->session.number == number;

	return row_decoded(good, TABLE_SESSIONS, number);
}

bool
session_row_get(struct store_txn *txn, uint64_t number, struct session_row *out)
{
	return row_found(txn, session_row_look(txn, number, out));
}

bool
session_row_by_sid(struct store_txn *txn, struct slice sid, struct session_row *out)
{
	struct key key = key_text(sid);
	uint64_t number;

	if (!entry_get_number(txn, TABLE_SIDS, &key, &number))
		return false;
	if (!session_row_get(txn, number, out))
		txn_fail(txn, PT_ERR_CORRUPT);
	return !txn_failed(txn);
}

/* ---- walks ---- */

struct session_walk
session_walk_all(uint64_t from)
{
	return (struct session_walk){ .of = SESSIONS_ALL, .from = from };
}

struct session_walk
session_walk_user(uint64_t user_number)
{
	return (struct session_walk){ .of = SESSIONS_OF_USER, .user_number = user_number };
}

struct session_walk
session_walk_browser(const uint8_t device_hash[DIGEST_SIZE])
{
	struct session_walk walk = { .of = SESSIONS_OF_BROWSER };

	memcpy(walk.device_hash, device_hash, DIGEST_SIZE);
	return walk;
}

/* The index that the walk follows, whose keys are *prefix and a session's number. */
static enum table
walk_index(const struct session_walk *walk, struct key *prefix)
{
	switch (walk->of) {
	case SESSIONS_OF_USER:
		*prefix = key_number(walk->user_number);
		return TABLE_USER_SESSIONS;
	case SESSIONS_OF_BROWSER:
		*prefix = key_digest(walk->device_hash);
		return TABLE_DEVICES;
	case SESSIONS_ALL:
		break;
	}
	*prefix = key_none();
	return TABLE_SESSIONS;
}

bool
session_row_next(struct store_txn *txn, struct session_walk *walk, struct session_row *out)
{
	struct key prefix;
	enum table table = walk_index(walk, &prefix);
	uint64_t number;

	while (entry_next(txn, table, &prefix, walk->from, &number)) {
		walk->from = number + 1;
		enum row_look look = session_row_look(txn, number, out);

		if (look == ROW_THERE)
			return true;
		if (look == ROW_NONE && !txn_failed(txn))
			table_corrupt(table, number);	/* an entry without a session */
	}
	return false;
}

/* ---- writing ---- */

static void
row_write(struct store_txn *txn, const struct session_row *row)
{
	struct key key = key_number(row->session.number);
	struct record_bytes record;

	row_put(txn, TABLE_SESSIONS, &key, record_session_encode(row, &record), &record);
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

/*
 * A count that is too low must not stop a session from being ended: store_verify reports it, and
 * store_mend counts again.
 */
static void
count_ended(struct store_txn *txn)
{
	struct counters counters;

	counters_get(txn, &counters);
	counters.live_sessions -= counters.live_sessions > 0;
	counters_put(txn, &counters);
}

void
session_row_add(struct store_txn *txn, struct session_row *row)
{
	struct session *session = &row->session;
	struct counters counters;

	counters_get(txn, &counters);
	session->number = counters.next_session++;
	session->status_index = status_row_deal(txn, &counters, session->number);
	counters.live_sessions++;
	counters_put(txn, &counters);
	row->filed_at = session_row_due(row, txn_options(txn));
	struct key sid = key_text(slice_of(session->sid)),
	    owner = key_pair(session->user_number, session->number),
	    device = device_key(session), expiry = expiry_key(row);

	row_write(txn, row);
	entry_put_number(txn, TABLE_SIDS, &sid, session->number);
	entry_put(txn, TABLE_USER_SESSIONS, &owner, SLICE(""));
	entry_put(txn, TABLE_DEVICES, &device, SLICE(""));
	entry_put(txn, TABLE_EXPIRY, &expiry, SLICE(""));
}

void
session_row_remove(struct store_txn *txn, const struct session_row *row)
{
	const struct session *session = &row->session;
	struct key number = key_number(session->number), sid = key_text(slice_of(session->sid)),
	    owner = key_pair(session->user_number, session->number), device = device_key(session),
	    expiry = expiry_key(row);

	entry_del(txn, TABLE_SESSIONS, &number);
	entry_del(txn, TABLE_SIDS, &sid);
	entry_del(txn, TABLE_USER_SESSIONS, &owner);
	entry_del(txn, TABLE_DEVICES, &device);
	entry_del(txn, TABLE_EXPIRY, &expiry);
	if (session->ended == REASON_NONE)
		count_ended(txn);
}

void
session_row_file(struct store_txn *txn, struct session_row *row)
{
	struct key old = expiry_key(row);

	entry_del(txn, TABLE_EXPIRY, &old);
	row->filed_at = session_row_due(row, txn_options(txn));
	struct key now = expiry_key(row);

	entry_put(txn, TABLE_EXPIRY, &now, SLICE(""));
	row_write(txn, row);
}

void
session_row_put(struct store_txn *txn, struct session_row *row)
{
	if (session_row_due(row, txn_options(txn)) < row->filed_at)
		session_row_file(txn, row);
	else
		row_write(txn, row);
}

void
session_row_put_end(struct store_txn *txn, struct session_row *row, int64_t now_ms)
{
	struct key device = device_key(&row->session);

	session_row_put(txn, row);
	entry_del(txn, TABLE_DEVICES, &device);
	count_ended(txn);
	status_row_end(txn, &row->session, now_ms);
}

/* ---- the sweep's index ---- */

#define EXPIRY_KEY_LEN 16

/* The first entry, if its time has come. An entry that is not ours is due at once. */
static bool
first_expiry(struct store_txn *txn, int64_t now_ms, struct key *at)
{
	struct key first = key_none();

	if (!entry_ceil(txn, TABLE_EXPIRY, &first, at, NULL))
		return false;
	return at->len != EXPIRY_KEY_LEN || (now_ms >= 0 && u64_get(at->bytes) <= (uint64_t)now_ms);
}

bool
session_row_any_due(struct store_txn *txn, int64_t now_ms)
{
	struct key at;

	return first_expiry(txn, now_ms, &at);
}

enum row_look
session_row_first_due(struct store_txn *txn, int64_t now_ms, struct session_row *out)
{
	struct key at;

	if (!first_expiry(txn, now_ms, &at))
		return ROW_NONE;
	uint64_t number = at.len == EXPIRY_KEY_LEN ? u64_get(at.bytes + 8) : 0;
	enum row_look look = number != 0 ? session_row_look(txn, number, out) : ROW_NONE;

	if (look == ROW_THERE && (uint64_t)out->filed_at == u64_get(at.bytes))
		return ROW_THERE;
	entry_del(txn, TABLE_EXPIRY, &at);
	/*
	 * A session that does not decode gets an entry that no sweep reaches: store_mend removes
	 * it.
	 */
	if (look == ROW_BROKEN) {
		struct key aside = key_pair(INT64_MAX, number);

		entry_put(txn, TABLE_EXPIRY, &aside, SLICE(""));
	}
	return ROW_BROKEN;
}

/* ---- counts ---- */

uint64_t
session_row_count(struct store_txn *txn)
{
	return entry_count(txn, TABLE_SESSIONS);
}

uint64_t
session_row_count_live(struct store_txn *txn)
{
	struct counters counters;

	counters_get(txn, &counters);
	return counters.live_sessions;
}

uint64_t
session_row_next_number(struct store_txn *txn)
{
	struct counters counters;

	counters_get(txn, &counters);
	return counters.next_session;
}
