/*
 * Reads every record and holds the indexes to them. Each record must have its entries; and since an
 * index has as many entries as there are records that want one, none is left over that belongs to
 * nothing.
 *
 * A record and its entries are looked at in one snapshot, but a few thousand records at a time:
 * while a snapshot is held no page that has been freed since is used again, and the file of a busy
 * store grows. The counts, which are kept by every change, are compared in the last one.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/u64.h"
#include "store/rows/counters.h"
#include "store/rows/event_entry.h"
#include "store/rows/event_row.h"
#include "store/rows/link_row.h"
#include "store/rows/otp_row.h"
#include "store/rows/row_entry.h"
#include "store/rows/service_row.h"
#include "store/rows/session_row.h"
#include "store/rows/user_row.h"

struct verifying {
	struct store_txn txn;	/* the snapshot; the first error stays when another one is taken */
	void (*say)(const char *problem, void *ctx);
	void *ctx;
	uint64_t problems;
	struct counters counters;	/* as of the snapshot */
	unsigned looks;			/* at entries, in this snapshot */
};

#define VERIFY_LOOKS 2048	/* a few milliseconds */

static void __attribute__((format(printf, 2, 3)))
problem(struct verifying *v, const char *format, ...)
{
	char text[256];
	va_list args;

	/* After an error nothing is found, and that is no problem of the records. */
	if (txn_failed(&v->txn))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	v->problems++;
	if (v->say)
		v->say(text, v->ctx);
}

/* ---- what a record wants ---- */

static void
want_number(struct verifying *v, enum table table, struct key key, uint64_t number,
    const char *what)
{
	struct slice value;

	if (!entry_get(&v->txn, table, &key, &value) || value.len != U64_SIZE ||
	    u64_get((const uint8_t *)value.ptr) != number)
		problem(v, "%s does not lead to number %" PRIu64, what, number);
}

static void
want_entry(struct verifying *v, enum table table, struct key key, bool wanted, const char *what,
    uint64_t number)
{
	struct slice value;

	if (entry_get(&v->txn, table, &key, &value) != wanted)
		problem(v, "%s %" PRIu64 " %s", what, number, wanted ?
		    "is missing" : "is left over");
}

/* Whether a record has no user. A user who does not decode is reported by verify_user. */
static bool
user_is_missing(struct verifying *v, uint64_t number)
{
	struct user user;

	return user_row_look(&v->txn, number, &user) == ROW_NONE;
}

static bool
is_good(struct verifying *v, enum row_look look, const char *what, uint64_t number)
{
	if (look == ROW_BROKEN)
		problem(v, "%s %" PRIu64 ": the record does not decode", what, number);
	return look == ROW_THERE;
}

static void
want_given(struct verifying *v, const char *what, uint64_t number, uint64_t next)
{
	if (number == 0 || number >= next)
		problem(v, "%s %" PRIu64 ": the number was never assigned", what, number);
}

/* Whether the key of a record is a number. */
static bool
has_number(struct verifying *v, const struct key *at, const char *what, uint64_t *number)
{
	*number = at->len == U64_SIZE ? u64_get(at->bytes) : UINT64_MAX;
	if (*number == UINT64_MAX)
		problem(v, "a key in the table of %ss is not a number", what);
	return *number != UINT64_MAX;
}

/* ---- records ---- */

static void
verify_user(struct verifying *v, const struct key *at, struct slice value)
{
	struct user user;
	uint64_t number;

	(void)value;
	if (!has_number(v, at, "user", &number) ||
	    !is_good(v, user_row_look(&v->txn, number, &user), "user", number))
		return;
	want_given(v, "user", number, v->counters.next_user);
	want_number(v, TABLE_NAMES, key_text(slice_of(user.name)), number, "a user's name");
	want_number(v, TABLE_SUBS, key_text(slice_of(user.sub)), number, "a user's id");
}

/*
 * An index outlives the end of its session, but not for ever; as long as it is held, the end is
 * reported.
 */
static void
verify_status_index(struct verifying *v, const struct session *session)
{
	const bool ended = session->ended != REASON_NONE;
	struct key index = key_number(session->status_index);
	struct slice value;

	if (!ended)
		want_number(v, TABLE_STATUS, index, session->number, "a session's status index");
	if (entry_get(&v->txn, TABLE_STATUS, &index, &value) && value.len == U64_SIZE &&
	    u64_get((const uint8_t *)value.ptr) == session->number)
		want_entry(v, TABLE_STATUS_ENDED, status_row_end_key(session), ended,
		    "the status end of session", session->number);
}

static void
verify_session(struct verifying *v, const struct key *at, struct slice value)
{
	struct session_row row;
	uint64_t number;

	(void)value;
	if (!has_number(v, at, "session", &number) ||
	    !is_good(v, session_row_look(&v->txn, number, &row), "session", number))
		return;
	const struct session *session = &row.session;
	struct key device = key_digest(session->device_hash);

	want_given(v, "session", number, v->counters.next_session);
	if (row.filed_at > session_row_due(&row, txn_options(&v->txn)))
		problem(v, "session %" PRIu64 ": the sweep comes too late for it", number);
	if (user_is_missing(v, session->user_number))
		problem(v, "session %" PRIu64 ": there is no user %" PRIu64, number,
		    session->user_number);
	want_number(v, TABLE_SIDS, key_text(slice_of(session->sid)), number, "a session's id");
	want_entry(v, TABLE_USER_SESSIONS, key_pair(session->user_number, number), true,
	    "the user's entry of session", number);
	want_entry(v, TABLE_DEVICES, key_with(&device, number), session->ended == REASON_NONE,
	    "the device's entry of session", number);
	want_entry(v, TABLE_EXPIRY, key_pair((uint64_t)row.filed_at, number), true,
	    "the expiry entry of session", number);
	verify_status_index(v, session);
}

static void
verify_event(struct verifying *v, const struct key *at, struct slice value)
{
	struct event event;
	uint64_t number;

	(void)value;
	if (!has_number(v, at, "event", &number) ||
	    !is_good(v, event_row_look(&v->txn, number, &event), "event", number))
		return;
	want_given(v, "event", number, v->counters.next_event);
	want_entry(v, event_entry_room(&event), key_number(number), true,
	    "the room's entry of event", number);
	if (event.session_number != 0)
		want_entry(v, TABLE_SESSION_EVENTS, key_pair(event.session_number, number), true,
		    "the session's entry of event", number);
}

static void
verify_otp(struct verifying *v, const struct key *at, struct slice value)
{
	struct otp otp;
	uint64_t number;

	(void)value;
	if (has_number(v, at, "second factor", &number) &&
	    is_good(v, otp_row_look(&v->txn, number, &otp), "second factor of user", number) &&
	    user_is_missing(v, number))
		problem(v, "second factor of user %" PRIu64 ": there is no such user", number);
}

static void
verify_link(struct verifying *v, const struct key *at, struct slice value)
{
	struct link link;
	uint64_t number;

	(void)value;
	if (has_number(v, at, "one-time link", &number) &&
	    is_good(v, link_row_look(&v->txn, number, &link), "one-time link of user", number) &&
	    user_is_missing(v, number))
		problem(v, "one-time link of user %" PRIu64 ": there is no such user", number);
}

static void
verify_tombstone(struct verifying *v, const struct key *at, struct slice value)
{
	struct tombstone tombstone;

	if (at->len != ID_SIZE - 1 || record_tombstone_decode(value, &tombstone) != PT_OK)
		problem(v, "a tombstone does not decode");
}

static void
verify_service(struct verifying *v, const struct key *at, struct slice value)
{
	const struct slice key = { (const char *)at->bytes, at->len };
	char name[SERVICE_NAME_SIZE];
	struct service service;

	(void)value;
	if (service_row_look(&v->txn, key, &service) != ROW_BROKEN)
		return;
	slice_copy_printable(key, name, sizeof(name));
	problem(v, "service %s: the record does not decode, or has another name", name);
}

/* ---- entries that have no record of their own ---- */

/* What the status list reports has an index that is still kept from being dealt again. */
static void
verify_status_ended(struct verifying *v, const struct key *at, struct slice value)
{
	uint64_t number = at->len == 2 * U64_SIZE ? u64_get(at->bytes + U64_SIZE) : UINT64_MAX;
	struct key index = key_number(number);

	if (value.len != U64_SIZE || number >= v->counters.status_capacity)
		problem(v, "an entry of the status list does not decode");
	else if (!entry_get(&v->txn, TABLE_STATUS, &index, &value))
		problem(v, "index %" PRIu64 " of the status list may be dealt while it reports an "
		    "end", number);
}

static void
verify_known_device(struct verifying *v, const struct key *at, struct slice value)
{
	if (at->len != U64_SIZE + DIGEST_SIZE || value.len != U64_SIZE)
		problem(v, "a known device does not decode");
	else if (user_is_missing(v, u64_get(at->bytes)))
		problem(v, "a known device belongs to user %" PRIu64 ", who is missing",
		    u64_get(at->bytes));
}

/* Each leads to an event about that session. */
static void
verify_session_event(struct verifying *v, const struct key *at, struct slice value)
{
	struct event event;

	(void)value;
	if (at->len != 2 * U64_SIZE) {
		problem(v, "an entry of a session's events does not decode");
		return;
	}
	uint64_t session = u64_get(at->bytes), number = u64_get(at->bytes + U64_SIZE);
	enum row_look look = event_row_look(&v->txn, number, &event);

	/* An event that does not decode has been reported by verify_event. */
	if (look == ROW_NONE || (look == ROW_THERE && event.session_number != session))
		problem(v, "event %" PRIu64 ", of session %" PRIu64 ", is missing", number,
		    session);
}

/* ---- counts ---- */

/* Each event is in one room of the log. */
static void
verify_room_counts(struct verifying *v)
{
	uint64_t events = event_row_count(&v->txn), filed = 0;

	for (int room = 0; room < EVENT_ROOM_COUNT; room++)
		filed += event_row_count_room(&v->txn, (enum event_room)room);
	if (filed != events)
		problem(v, "%" PRIu64 " events in the rooms of the log, but %" PRIu64 " records "
		    "want one", filed,
		    events);
}

static void
verify_counts(struct verifying *v)
{
	const uint64_t users = entry_count(&v->txn, TABLE_USERS),
	    sessions = entry_count(&v->txn, TABLE_SESSIONS);
	const uint64_t devices = entry_count(&v->txn, TABLE_DEVICES);
	const struct {
		enum table table;
		const char *what;
		uint64_t expected;
	} rows[] = {
		{ TABLE_NAMES, "names", users },
		{ TABLE_SUBS, "ids of users", users },
		{ TABLE_SIDS, "session ids", sessions },
		{ TABLE_USER_SESSIONS, "sessions of users", sessions },
		{ TABLE_EXPIRY, "expiry entries", sessions },
		/* Every session that lives has its entry there, and nothing else has. */
		{ TABLE_STATUS, "indices of the status list",
		    devices + entry_count(&v->txn, TABLE_STATUS_ENDED) },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t count = entry_count(&v->txn, rows[i].table);

		if (count != rows[i].expected)
			problem(v, "%" PRIu64 " %s, but %" PRIu64 " records want one", count,
			    rows[i].what, rows[i].expected);
	}
	if (v->counters.live_sessions != devices)
		problem(v, "%" PRIu64 " live sessions are counted, but %" PRIu64 " are there",
		    v->counters.live_sessions, devices);
	verify_room_counts(v);
}

/* ---- going through ---- */

static const struct verify_rule {
	enum table table;
	void (*verify)(struct verifying *v, const struct key *at, struct slice value);
} rules[] = {
	{ TABLE_USERS, verify_user },
	{ TABLE_OTP, verify_otp },
	{ TABLE_LINKS, verify_link },
	{ TABLE_SESSIONS, verify_session },
	{ TABLE_EVENTS, verify_event },
	{ TABLE_TOMBSTONES, verify_tombstone },
	{ TABLE_SERVICES, verify_service },
	{ TABLE_STATUS_ENDED, verify_status_ended },
	{ TABLE_KNOWN_DEVICES, verify_known_device },
	{ TABLE_SESSION_EVENTS, verify_session_event },
};

/* Takes a snapshot. Whether its counters decode. */
static bool
verify_begin(struct verifying *v, struct store *store)
{
	txn_read_begin(store, &v->txn);
	v->looks = 0;
	return counters_look(&v->txn, &v->counters) == ROW_THERE;
}

static void
verify_table(struct verifying *v, const struct verify_rule *rule)
{
	struct key from = key_none(), at;
	struct slice value;

	for (; entry_ceil(&v->txn, rule->table, &from, &at, &value); from = key_after(&at)) {
		rule->verify(v, &at, value);
		/*
		 * Between two entries nothing of the snapshot is held, and another one can take its
		 * place.
		 */
		if (!txn_failed(&v->txn) && v->looks++ >= VERIFY_LOOKS) {
			txn_read_end(&v->txn);
			verify_begin(v, v->txn.store);
		}
	}
}

enum pt_err
store_verify(struct store *store, void (*say)(const char *problem, void *ctx), void *ctx,
    uint64_t *problems)
{
	struct verifying v = { .say = say, .ctx = ctx };

	if (!verify_begin(&v, store))
		problem(&v, "the counters do not decode");
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		verify_table(&v, &rules[i]);
	verify_counts(&v);
	*problems = v.problems;
	return txn_read_end(&v.txn);
}
