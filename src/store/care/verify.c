/*
 * Reads every record and holds the indexes to them. Each record must have its
 * entries; and since an index has as many entries as there are records that
 * want one, none is left over that belongs to nothing.
 *
 * A record and its entries are looked at in one snapshot, but some thousand records at a time: while a
 * snapshot is held no page that has been freed since is used again, and the file of a busy store grows.
 * The counts, which are kept by every change, are compared in the last one.
 */
#include "store/internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct verifying {
	struct store_txn txn;
	void (*say)(const char *problem, void *ctx);
	void *ctx;
	uint64_t problems;
	struct counters counters;	/* as of the snapshot */
	bool reading;			/* there is one */
	unsigned looks;			/* at entries, in this snapshot */
};

#define VERIFY_LOOKS 2048	/* a few milliseconds */

static void __attribute__((format(printf, 2, 3)))
problem(struct verifying *v, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	v->problems++;
	if (v->say)
		v->say(text, v->ctx);
}

/* Takes a snapshot, in the place of the one before. */
static enum pt_err
verify_begin(struct verifying *v, struct store *store)
{
	if (v->reading)
		txn_read_end(&v->txn);
	enum pt_err err = txn_read_begin(store, &v->txn);

	v->reading = err == PT_OK;
	v->looks = 0;
	return err == PT_OK ? meta_counters(&v->txn, &v->counters) : err;
}

/* Before each entry that is looked at: nothing of the snapshot may be held then. */
static enum pt_err
verify_breathe(struct verifying *v)
{
	if (v->looks++ < VERIFY_LOOKS)
		return PT_OK;
	enum pt_err err = verify_begin(v, v->txn.store);

	/* Counters that do not decode have been said already. */
	return err == PT_ERR_CORRUPT ? PT_OK : err;
}

/* The first entry at or above from. */
static enum pt_err
verify_next(struct verifying *v, enum table table, const struct key *from, struct key *at, struct slice *value,
    bool *found)
{
	enum pt_err err = verify_breathe(v);

	*found = false;
	return err != PT_OK ? err : table_ceil(&v->txn, table, from, at, value, found);
}

/* What does not decode is a problem to be said; any other error ends the verification. */
static enum pt_err
forgive_corrupt(struct verifying *v, enum pt_err err, const char *what, uint64_t number)
{
	if (err != PT_ERR_CORRUPT)
		return err;
	problem(v, "%s %" PRIu64 ": the record does not decode", what, number);
	return PT_OK;
}

static enum pt_err
want_number(struct verifying *v, enum table table, struct key key, uint64_t number, const char *what)
{
	uint64_t held = 0;
	bool found;
	enum pt_err err = table_get_number(&v->txn, table, &key, &held, &found);

	if (err != PT_OK && err != PT_ERR_CORRUPT)
		return err;
	if (err == PT_ERR_CORRUPT || !found || held != number)
		problem(v, "%s does not lead to number %" PRIu64, what, number);
	return PT_OK;
}

static enum pt_err
want_entry(struct verifying *v, enum table table, struct key key, bool wanted, const char *what, uint64_t number)
{
	struct slice value;
	bool found;
	enum pt_err err = table_get(&v->txn, table, &key, &value, &found);

	if (err == PT_OK && found != wanted)
		problem(v, "%s %" PRIu64 " %s", what, number, wanted ? "is missing" : "is left over");
	return err;
}

static enum pt_err
verify_user(struct verifying *v, uint64_t number)
{
	struct user user;
	bool found;
	enum pt_err err = user_get(&v->txn, number, &user, &found);

	if (err != PT_OK || !found)
		return forgive_corrupt(v, err, "user", number);
	if (number == 0 || number >= v->counters.next_user)
		problem(v, "user %" PRIu64 ": the number was never given", number);
	err = want_number(v, TABLE_NAMES, key_text(slice_of(user.name)), number, "a user's name");
	return err != PT_OK ? err : want_number(v, TABLE_SUBS, key_text(slice_of(user.sub)), number, "a user's id");
}

/* An index outlives the end of its session, but not for ever; as long as it is held, the end is told. */
static enum pt_err
verify_status_index(struct verifying *v, const struct session *session)
{
	const bool ends = session->ended != REASON_NONE;
	struct key index = key_number(session->status_index);
	uint64_t holder = 0;
	bool held;
	enum pt_err err = PT_OK;

	if (session->ended == REASON_NONE)
		err = want_number(v, TABLE_STATUS, index, session->number, "a session's status index");
	if (err == PT_OK)
		err = table_get_number(&v->txn, TABLE_STATUS, &index, &holder, &held);
	if (err != PT_OK || !held || holder != session->number)
		return err == PT_ERR_CORRUPT ? PT_OK : err;
	return want_entry(v, TABLE_STATUS_ENDED, status_row_end_key(session), ends, "the status end of session",
	    session->number);
}

static enum pt_err
verify_session_indexes(struct verifying *v, const struct session_row *row)
{
	const struct session *session = &row->session;
	const uint64_t number = session->number;
	struct key device = key_digest(session->device_hash);
	enum pt_err err = want_number(v, TABLE_SIDS, key_text(slice_of(session->sid)), number, "a session's id");

	if (err == PT_OK)
		err = want_entry(v, TABLE_USER_SESSIONS, key_pair(session->user_number, number), true,
		    "the user's entry of session", number);
	if (err == PT_OK)
		err = want_entry(v, TABLE_DEVICES, key_with(&device, number), session->ended == REASON_NONE,
		    "the device's entry of session", number);
	if (err == PT_OK)
		err = want_entry(v, TABLE_EXPIRY, key_pair((uint64_t)row->filed_at, number), true,
		    "the expiry entry of session", number);
	return err != PT_OK ? err : verify_status_index(v, session);
}

static enum pt_err
verify_session(struct verifying *v, uint64_t number)
{
	struct session_row row;
	struct user user;
	bool found;
	enum pt_err err = old_session_row_get(&v->txn, number, &row, &found);

	if (err != PT_OK || !found)
		return forgive_corrupt(v, err, "session", number);
	if (number == 0 || number >= v->counters.next_session)
		problem(v, "session %" PRIu64 ": the number was never given", number);
	if (row.filed_at > session_row_due(&row, &v->txn.store->options))
		problem(v, "session %" PRIu64 ": the sweep comes too late for it", number);
	err = user_get(&v->txn, row.session.user_number, &user, &found);
	if (err == PT_OK && !found)
		problem(v, "session %" PRIu64 ": there is no user %" PRIu64, number, row.session.user_number);
	/* A user who does not decode has been said already. */
	if (err != PT_OK && err != PT_ERR_CORRUPT)
		return err;
	return verify_session_indexes(v, &row);
}

static enum pt_err
verify_event(struct verifying *v, uint64_t number)
{
	struct event event;
	bool found;
	enum pt_err err = audit_get(&v->txn, number, &event, &found);

	if (err != PT_OK || !found)
		return forgive_corrupt(v, err, "event", number);
	if (number == 0 || number >= v->counters.next_event)
		problem(v, "event %" PRIu64 ": the number was never given", number);
	err = want_entry(v, audit_room(&event), key_number(number), true, "the room's entry of event", number);
	if (err != PT_OK || event.session_number == 0)
		return err;
	return want_entry(v, TABLE_SESSION_EVENTS, key_pair(event.session_number, number), true,
	    "the session's entry of event", number);
}

static enum pt_err
verify_otp(struct verifying *v, uint64_t number)
{
	struct otp otp;
	struct user user;
	bool found;
	enum pt_err err = otp_get(&v->txn, number, &otp, &found);

	if (err != PT_OK || !found)
		return forgive_corrupt(v, err, "second factor of user", number);
	err = user_get(&v->txn, number, &user, &found);
	if (err == PT_OK && !found)
		problem(v, "second factor of user %" PRIu64 ": there is no such user", number);
	/* A user who does not decode has been said already. */
	return err == PT_ERR_CORRUPT ? PT_OK : err;
}

static enum pt_err
verify_link(struct verifying *v, uint64_t number)
{
	struct link link;
	struct user user;
	bool found;
	enum pt_err err = link_get(&v->txn, number, &link, &found);

	if (err != PT_OK || !found)
		return forgive_corrupt(v, err, "one-time link of user", number);
	err = user_get(&v->txn, number, &user, &found);
	if (err == PT_OK && !found)
		problem(v, "one-time link of user %" PRIu64 ": there is no such user", number);
	return err == PT_ERR_CORRUPT ? PT_OK : err;
}

/* What the status list tells of has an index that is still kept from being dealt again. */
static enum pt_err
verify_status(struct verifying *v)
{
	struct key from = key_none(), at;
	struct slice value;
	bool found, kept;

	for (;;) {
		enum pt_err err = verify_next(v, TABLE_STATUS_ENDED, &from, &at, &value, &found);

		if (err != PT_OK || !found)
			return forgive_corrupt(v, err, "entry of the status list", 0);
		from = at;
		from.bytes[from.len++] = 0;
		if (at.len != 16 || value.len != 8 || record_get_u64(at.bytes + 8) >= v->counters.status_capacity) {
			problem(v, "an entry of the status list does not decode");
			continue;
		}
		struct key index = key_number(record_get_u64(at.bytes + 8));

		err = table_get(&v->txn, TABLE_STATUS, &index, &value, &kept);
		if (err != PT_OK)
			return err;
		if (!kept)
			problem(v, "index %" PRIu64 " of the status list may be dealt while it tells of an end",
			    record_get_u64(index.bytes));
	}
}

/* Goes through a table whose keys are numbers. */
static enum pt_err
verify_table(struct verifying *v, enum table table, const char *what,
    enum pt_err (*look)(struct verifying *v, uint64_t number))
{
	struct key from = key_none(), at;
	bool found;

	for (;; from = key_after(&at)) {
		enum pt_err err = verify_next(v, table, &from, &at, NULL, &found);

		if (err != PT_OK || !found)
			return err;
		if (at.len == 8 && record_get_u64(at.bytes) != UINT64_MAX)
			err = look(v, record_get_u64(at.bytes));
		else
			problem(v, "a key in the table of %ss is no number", what);
		if (err != PT_OK)
			return err;
	}
}

static enum pt_err
verify_tombstones(struct verifying *v)
{
	struct key from = key_none(), at;
	struct tombstone tombstone;
	struct slice value;
	bool found;

	for (;;) {
		enum pt_err err = verify_next(v, TABLE_TOMBSTONES, &from, &at, &value, &found);

		if (err != PT_OK || !found)
			return forgive_corrupt(v, err, "tombstone", 0);
		if (at.len != ID_SIZE - 1 || record_tombstone_decode(value, &tombstone) != PT_OK)
			problem(v, "a tombstone does not decode");
		from = at;
		from.bytes[from.len++] = 0;
	}
}

static enum pt_err
verify_services(struct verifying *v)
{
	struct key from = key_none(), at;
	struct service service;
	char name[SERVICE_NAME_SIZE];
	bool found;

	for (;;) {
		enum pt_err err = verify_next(v, TABLE_SERVICES, &from, &at, NULL, &found);

		if (err != PT_OK || !found)
			return forgive_corrupt(v, err, "service", 0);
		err = service_get(&v->txn, &at, &service, &found);
		slice_copy_printable((struct slice){ (const char *)at.bytes, at.len }, name, sizeof name);
		if (err == PT_ERR_CORRUPT)
			problem(v, "service %s: the record does not decode, or has another name", name);
		else if (err != PT_OK)
			return err;
		from = at;
		from.bytes[from.len++] = 0;
	}
}

static enum pt_err
verify_known_devices(struct verifying *v)
{
	struct key from = key_none(), at;
	struct slice value;
	struct user user;
	bool found;

	for (;;) {
		enum pt_err err = verify_next(v, TABLE_KNOWN_DEVICES, &from, &at, &value, &found);

		if (err != PT_OK || !found)
			return forgive_corrupt(v, err, "known device", 0);
		if (at.len != 8 + DIGEST_LEN || value.len != 8) {
			problem(v, "a known device does not decode");
		} else {
			err = user_get(&v->txn, record_get_u64(at.bytes), &user, &found);
			if (err == PT_OK && !found)
				problem(v, "a known device is of user %" PRIu64 ", who is not there", record_get_u64(at.bytes));
			/* A user who does not decode has been said already. */
			if (err != PT_OK && err != PT_ERR_CORRUPT)
				return err;
		}
		from = at;
		from.bytes[from.len++] = 0;
	}
}

/* Each leads to an event about that session. */
static enum pt_err
verify_session_events(struct verifying *v)
{
	struct key from = key_none(), at;
	struct event event;
	bool found;

	for (;; from = key_after(&at)) {
		enum pt_err err = verify_next(v, TABLE_SESSION_EVENTS, &from, &at, NULL, &found);

		if (err != PT_OK || !found)
			return err;
		if (at.len != 16) {
			problem(v, "an entry of a session's events does not decode");
			continue;
		}
		uint64_t session = record_get_u64(at.bytes), number = record_get_u64(at.bytes + 8);

		err = audit_get(&v->txn, number, &event, &found);
		/* One that does not decode has been said already. */
		if (err != PT_OK && err != PT_ERR_CORRUPT)
			return err;
		if (err == PT_OK && (!found || event.session_number != session))
			problem(v, "event %" PRIu64 ", of session %" PRIu64 ", is not there", number, session);
	}
}

/* Each event is in one room of the log. */
static enum pt_err
verify_room_counts(struct verifying *v)
{
	static const enum table rooms[] = { TABLE_CHANGE_EVENTS, TABLE_LOGIN_EVENTS, TABLE_REFUSAL_EVENTS };
	uint64_t events, filed = 0, count;
	enum pt_err err = table_count(&v->txn, TABLE_EVENTS, &events);

	for (size_t i = 0; err == PT_OK && i < sizeof rooms / sizeof rooms[0]; i++) {
		err = table_count(&v->txn, rooms[i], &count);
		filed += count;
	}
	if (err == PT_OK && filed != events)
		problem(v, "%" PRIu64 " events in the rooms of the log, but %" PRIu64 " records want one", filed, events);
	return err;
}

static enum pt_err
verify_counts(struct verifying *v)
{
	uint64_t users, sessions, devices, ended;
	enum pt_err err = table_count(&v->txn, TABLE_USERS, &users);

	if (err == PT_OK)
		err = table_count(&v->txn, TABLE_SESSIONS, &sessions);
	if (err == PT_OK)
		err = table_count(&v->txn, TABLE_DEVICES, &devices);
	if (err == PT_OK)
		err = table_count(&v->txn, TABLE_STATUS_ENDED, &ended);
	if (err != PT_OK)
		return err;
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
		{ TABLE_STATUS, "indices of the status list", devices + ended },
	};

	for (size_t i = 0; err == PT_OK && i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t count;

		err = table_count(&v->txn, rows[i].table, &count);
		if (err == PT_OK && count != rows[i].expected)
			problem(v, "%" PRIu64 " %s, but %" PRIu64 " records want one", count, rows[i].what,
			    rows[i].expected);
	}
	if (err == PT_OK && v->counters.live_sessions != devices)
		problem(v, "%" PRIu64 " live sessions are counted, but %" PRIu64 " are there",
		    v->counters.live_sessions, devices);
	return err == PT_OK ? verify_room_counts(v) : err;
}

static enum pt_err
verify_all(struct verifying *v, struct store *store)
{
	enum pt_err err = verify_begin(v, store);

	if (err == PT_ERR_CORRUPT) {
		problem(v, "the counters do not decode");
		err = PT_OK;
	}
	if (err == PT_OK)
		err = verify_table(v, TABLE_USERS, "user", verify_user);
	if (err == PT_OK)
		err = verify_table(v, TABLE_OTP, "second factor", verify_otp);
	if (err == PT_OK)
		err = verify_table(v, TABLE_LINKS, "one-time link", verify_link);
	if (err == PT_OK)
		err = verify_table(v, TABLE_SESSIONS, "session", verify_session);
	if (err == PT_OK)
		err = verify_table(v, TABLE_EVENTS, "event", verify_event);
	if (err == PT_OK)
		err = verify_tombstones(v);
	if (err == PT_OK)
		err = verify_services(v);
	if (err == PT_OK)
		err = verify_status(v);
	if (err == PT_OK)
		err = verify_known_devices(v);
	if (err == PT_OK)
		err = verify_session_events(v);
	return err != PT_OK ? err : verify_counts(v);
}

enum pt_err
store_verify(struct store *store, void (*say)(const char *problem, void *ctx), void *ctx, uint64_t *problems)
{
	struct verifying v = { .say = say, .ctx = ctx };
	enum pt_err err = verify_all(&v, store);

	if (v.reading)
		txn_read_end(&v.txn);
	*problems = v.problems;
	return err;
}
