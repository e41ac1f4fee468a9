/*
 * Takes away what does not decode, and makes the indexes fit what is left. Looks from snapshots, some hundred
 * entries each, and takes the writer only for what is not as it should be, one thing at a time: it is looked at
 * again there, so that all goes on meanwhile. Whatever is taken away lets nobody in: the sessions of a user who
 * is lost end, a second factor is never taken from a user who is there, and of a session that is lost the status
 * list reports the end.
 */
#include "store/internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define MEND_LOOKS 512		/* entries in one snapshot */
#define MEND_MARGIN 1048576	/* numbers passed over where it is not known which were given last */
#define MEND_TEXT 256

struct mending {
	struct store *store;
	struct store_caller caller;	/* the mending itself: a time and nothing else */
	void (*say)(const char *done, void *ctx);
	void *ctx;
	uint64_t mended;
	uint8_t *ended;			/* a bit for each index of the status list of whose end it tells */
	uint64_t ended_bits;
	const struct mend_rule *rule;	/* of the fix under way: */
	struct key at;
	char text[MEND_TEXT];		/* what it did; empty: nothing */
};

/* What a table's entries are held to. */
struct mend_rule {
	enum table table;
	enum pt_err (*look)(const struct store_txn *txn, const struct mending *m, const struct key *at,
	    struct slice value, bool *good);
	/* Of an entry that is not good. */
	enum pt_err (*fix)(struct store_txn *txn, struct mending *m, const struct key *at);
};

static void __attribute__((format(printf, 2, 3)))
did(struct mending *m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(m->text, sizeof m->text, format, args);
	va_end(args);
}

/* What a key says where it is text: printable in any case. */
static const char *
key_words(const struct key *key, char out[USER_NAME_SIZE])
{
	slice_copy_printable((struct slice){ (const char *)key->bytes, key->len }, out, USER_NAME_SIZE);
	return out;
}

static uint64_t
key_first(const struct key *key)
{
	return key->len >= 8 ? record_get_u64(key->bytes) : 0;
}

static uint64_t
key_second(const struct key *key)
{
	return key->len >= 16 ? record_get_u64(key->bytes + 8) : 0;
}

/* What does not decode is not good; any other error is one. */
static enum pt_err
look_done(enum pt_err err, bool found, bool *good)
{
	*good = err == PT_OK && found && *good;
	return err == PT_ERR_CORRUPT ? PT_OK : err;
}

static enum pt_err
fix_delete(struct store_txn *txn, struct mending *m, const struct key *at)
{
	char words[USER_NAME_SIZE];

	if (at->len == 8)
		did(m, "%s %" PRIu64 " was removed: it did not decode", env_table_name(m->rule->table), key_first(at));
	else
		did(m, "an entry of %s was removed: it belonged to nothing, or did not decode%s%s",
		    env_table_name(m->rule->table), m->rule->table == TABLE_SERVICES ? ": " : "",
		    m->rule->table == TABLE_SERVICES ? key_words(at, words) : "");
	return table_del(txn, m->rule->table, at);
}

/* ---- records ---- */

static enum pt_err
look_user(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	struct user user;
	bool found = false;
	enum pt_err err = PT_OK;

	(void)m, (void)value;
	*good = at->len == 8 && key_first(at) != UINT64_MAX;
	if (*good)
		err = user_get(txn, key_first(at), &user, &found);
	return look_done(err, found, good);
}

/* Whether there is a user of that number, readable or not. */
static enum pt_err
user_is_there(const struct store_txn *txn, uint64_t number, bool *there)
{
	struct key key = key_number(number);
	struct slice value;

	return table_get(txn, TABLE_USERS, &key, &value, there);
}

static enum pt_err
look_session(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct session_row row;
	bool found = false;
	enum pt_err err = PT_OK;

	(void)m, (void)value;
	*good = at->len == 8 && key_first(at) != UINT64_MAX;
	if (*good)
		err = session_row_get(txn, key_first(at), &row, &found);
	if (err == PT_OK && found)
		err = user_is_there(txn, row.session.user_number, good);
	return look_done(err, found, good);
}

static enum pt_err
fix_session(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct session_row row;
	bool found = false;
	enum pt_err err = at->len == 8 ? session_row_get(txn, key_first(at), &row, &found) : PT_ERR_CORRUPT;

	if (err == PT_ERR_CORRUPT)
		return fix_delete(txn, m, at);
	if (err != PT_OK || !found)
		return err;
	did(m, "session %" PRIu64 " was ended and removed: its user is not there", row.session.number);
	if (row.session.ended == REASON_NONE)
		err = session_row_end(txn, &m->caller, &row, REASON_USER_DELETED, 0);
	return err != PT_OK ? err : session_row_remove(txn, &row);
}

static enum pt_err
look_otp(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	(void)m, (void)value;
	/* One that does not decode keeps its user out until somebody decides: it must not go by itself. */
	*good = at->len == 8;
	return *good ? user_is_there(txn, key_first(at), good) : PT_OK;
}

static enum pt_err
look_link(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	struct link link;
	bool found = false;
	enum pt_err err = PT_OK;

	(void)m, (void)value;
	*good = at->len == 8;
	if (*good)
		err = link_get(txn, key_first(at), &link, &found);
	if (err == PT_OK && found)
		err = user_is_there(txn, link.user_number, good);
	return look_done(err, found, good);
}

static enum pt_err
look_event(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	struct event event;
	bool found = false;
	enum pt_err err = PT_OK;

	(void)m, (void)value;
	*good = at->len == 8 && key_first(at) != UINT64_MAX;
	if (*good)
		err = audit_get(txn, key_first(at), &event, &found);
	return look_done(err, found, good);
}

static enum pt_err
look_service(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct service service;
	bool found;

	(void)m, (void)value;
	*good = true;
	return look_done(service_get(txn, at, &service, &found), true, good);
}

static enum pt_err
look_tombstone(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct tombstone tombstone;

	(void)txn, (void)m;
	*good = at->len == ID_SIZE - 1 && record_tombstone_decode(value, &tombstone) == PT_OK;
	return PT_OK;
}

static enum pt_err
put_tombstone(struct store_txn *txn, const struct key *sub, uint64_t user_number, int64_t now_ms)
{
	const struct tombstone tombstone = { user_number, now_ms };
	struct record_bytes record;
	enum pt_err err = record_tombstone_encode(&tombstone, &record);

	return err != PT_OK ? err :
	    table_put(txn, TABLE_TOMBSTONES, sub, (struct slice){ (const char *)record.bytes, record.len });
}

/* That an id was given stays known. */
static enum pt_err
fix_tombstone(struct store_txn *txn, struct mending *m, const struct key *at)
{
	if (at->len != ID_SIZE - 1)
		return fix_delete(txn, m, at);
	did(m, "a tombstone was written anew");
	return put_tombstone(txn, at, 0, m->caller.now.wall_ms);
}

/* ---- indexes: each entry leads to a record that wants it ---- */

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
	return look_done(err, found, good);
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
		err = user_is_there(txn, event.user_number, &there);
	if (err != PT_OK && err != PT_ERR_CORRUPT)
		return err;
	key_words(at, event.username);
	did(m, there ? "the name %s no longer leads to a user who has another" : "user %s is gone: there is no record",
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
	did(m, "an id that leads to no user is never given again");
	err = table_del(txn, TABLE_SUBS, at);
	if (err == PT_OK && at->len == ID_SIZE - 1)
		err = put_tombstone(txn, at, number, m->caller.now.wall_ms);
	return err;
}

/* The entry by which each index of the sessions holds one. */
static struct key
index_key(enum table table, const struct session_row *row)
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
		err = session_row_get(txn, record_get_u64(number), &row, &found);
	if (err == PT_OK && found) {
		struct key wanted = index_key(m->rule->table, &row);

		*good = key_eq(&wanted, at);
	}
	return look_done(err, found, good);
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
		err = audit_get(txn, key_second(at), &event, &found);
	if (err == PT_OK && found)
		*good = event.session_number == key_first(at);
	return look_done(err, found, good);
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
		err = audit_get(txn, key_first(at), &event, &found);
	if (err == PT_OK && found)
		*good = audit_room(&event) == m->rule->table;
	return look_done(err, found, good);
}

static enum pt_err
look_known_device(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	(void)m;
	*good = at->len == 8 + DIGEST_LEN && value.len == 8;
	return *good ? user_is_there(txn, key_first(at), good) : PT_OK;
}

/* ---- the status list ---- */

static enum pt_err
look_status_ended(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct key index = key_number(key_second(at));
	struct slice holder;

	*good = at->len == 16 && value.len == 8 && record_get_u64((const uint8_t *)value.ptr) <= INT64_MAX &&
	    key_second(at) < m->ended_bits;
	return *good ? table_get(txn, TABLE_STATUS, &index, &holder, good) : PT_OK;
}

static enum pt_err
fix_status_ended(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct key index = key_number(key_second(at));
	struct session_row row;
	uint64_t holder = 0;
	bool held, known = false;

	if (at->len != 16 || key_second(at) >= m->ended_bits)
		return fix_delete(txn, m, at);
	enum pt_err err = table_get_number(txn, TABLE_STATUS, &index, &holder, &held);

	if (err == PT_OK && held)
		err = session_row_get(txn, holder, &row, &known);
	/* Whose session can be read has the entry that its record asks for, or none while it lives. */
	if (err == PT_OK && known)
		return fix_delete(txn, m, at);
	did(m, "the status list reports index %" PRIu64 " as ended", key_second(at));
	/* Whose it was does not matter any more, but it must not be dealt meanwhile. */
	if (err == PT_OK && !held)
		err = table_put_number(txn, TABLE_STATUS, &index, 0);
	return err != PT_OK && err != PT_ERR_CORRUPT ? err :
	    table_put_number(txn, TABLE_STATUS_ENDED, at, (uint64_t)m->caller.now.wall_ms);
}

/* Notes of which indices the list tells. */
static enum pt_err
note_ended(struct mending *m)
{
	struct key from = key_none(), at;
	struct counters counters;
	struct store_txn txn;
	bool found = true;
	enum pt_err err = txn_read_begin(m->store, &txn);

	if (err != PT_OK)
		return err;
	err = meta_counters(&txn, &counters);
	free(m->ended);
	m->ended_bits = err == PT_OK ? counters.status_capacity : 0;
	m->ended = calloc(1, (size_t)(m->ended_bits / 8 + 1));
	if (err == PT_OK && m->ended == NULL)
		err = PT_ERR_NOMEM;
	while (err == PT_OK && found) {
		err = table_ceil(&txn, TABLE_STATUS_ENDED, &from, &at, NULL, &found);
		if (err != PT_OK || !found)
			break;
		if (at.len == 16 && key_second(&at) < m->ended_bits)
			m->ended[key_second(&at) / 8] |= (uint8_t)(1u << key_second(&at) % 8);
		from = key_after(&at);
	}
	txn_read_end(&txn);
	return err;
}

/* An index is held by a session, or its end is still told of. */
static enum pt_err
look_status(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	const uint64_t index = key_first(at);
	struct session_row row;
	bool found = false;
	enum pt_err err = PT_OK;

	if (at->len != 8 || index >= m->ended_bits) {
		*good = false;
		return PT_OK;
	}
	*good = (m->ended[index / 8] >> index % 8 & 1) != 0;
	if (*good)
		return PT_OK;
	*good = value.len == 8;
	if (*good)
		err = session_row_get(txn, record_get_u64((const uint8_t *)value.ptr), &row, &found);
	if (err == PT_OK && found)
		*good = row.session.status_index == index && row.session.ended == REASON_NONE;
	return look_done(err, found, good);
}

static enum pt_err
fix_status(struct store_txn *txn, struct mending *m, const struct key *at)
{
	const int64_t now_ms = m->caller.now.wall_ms;
	struct session session = { .status_index = key_first(at), .tokens_until = now_ms + m->store->options.tokens_ms };

	if (at->len != 8 || key_first(at) >= m->ended_bits)
		return fix_delete(txn, m, at);
	did(m, "the status list reports index %" PRIu64 " as ended: its session is lost", session.status_index);
	m->ended[session.status_index / 8] |= (uint8_t)(1u << session.status_index % 8);
	return status_end(txn, &session, now_ms);
}

/* ---- what is there has its entries ---- */

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
	enum pt_err err = user_get(txn, key_first(at), &user, &found);

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
	enum pt_err err = user_get(txn, key_first(at), &user, &found);

	if (err != PT_OK)
		return err;
	struct key name = key_text(slice_of(user.name)), sub = key_text(slice_of(user.sub));

	did(m, "user %" PRIu64 " is found by its name and id again", user.number);
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
	struct key end = status_end_key(session);
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
	enum pt_err err = session_row_get(txn, key_first(at), &row, &found);

	(void)m;
	*good = true;
	for (size_t i = 0; err == PT_OK && i < sizeof session_indexes / sizeof session_indexes[0]; i++) {
		struct key key = index_key(session_indexes[i], &row);

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
	enum pt_err err = session_row_get(txn, key_first(at), &row, &found);

	if (err != PT_OK)
		return err;
	struct key sid = index_key(TABLE_SIDS, &row), owner = index_key(TABLE_USER_SESSIONS, &row),
	    device = index_key(TABLE_DEVICES, &row);

	did(m, "session %" PRIu64 " is in all indexes again", row.session.number);
	err = table_put_number(txn, TABLE_SIDS, &sid, row.session.number);
	if (err == PT_OK)
		err = table_put(txn, TABLE_USER_SESSIONS, &owner, SLICE(""));
	if (err == PT_OK && device.len > 0)
		err = table_put(txn, TABLE_DEVICES, &device, SLICE(""));
	if (err == PT_OK)
		err = session_row_file(txn, &row);
	return err != PT_OK ? err : fix_status_entries(txn, m, &row.session);
}

static enum pt_err
look_event_entries(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct event event;
	bool found;
	enum pt_err err = audit_get(txn, key_first(at), &event, &found);

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
	enum pt_err err = audit_get(txn, key_first(at), &event, &found);

	if (err != PT_OK)
		return err;
	did(m, "event %" PRIu64 " is found again by its session and its room", event.number);
	err = audit_file(txn, &event);
	if (err != PT_OK || event.session_number == 0)
		return err;
	struct key key = key_pair(event.session_number, event.number);

	return table_put(txn, TABLE_SESSION_EVENTS, &key, SLICE(""));
}

/* ---- the counters ---- */

static enum pt_err
last_number(const struct store_txn *txn, enum table table, uint64_t *least)
{
	struct key none = key_none();
	uint64_t number;
	bool found;
	enum pt_err err = table_prev(txn, table, &none, UINT64_MAX, &number, &found);

	if (err == PT_OK && found && number >= *least)
		*least = number + 1;
	return err;
}

/* Nothing that was given may be given again: what was given to records that are gone is passed over by a margin. */
static enum pt_err
counters_guess(const struct store_txn *txn, int64_t now_ms, struct counters *out)
{
	enum pt_err err;
	uint64_t indices = 0;

	*out = (struct counters){ .next_user = 1, .next_session = 1, .next_event = 1 };
	err = last_number(txn, TABLE_USERS, &out->next_user);
	if (err == PT_OK)
		err = last_number(txn, TABLE_SESSIONS, &out->next_session);
	if (err == PT_OK)
		err = last_number(txn, TABLE_EVENTS, &out->next_event);
	if (err == PT_OK)
		err = last_number(txn, TABLE_STATUS, &indices);
	out->next_user += MEND_MARGIN;
	out->next_session += MEND_MARGIN;
	out->next_event += MEND_MARGIN;
	/* Never less than before: there were more indices than the highest that is held, and twice as many as were held. */
	out->status_capacity = STATUS_LEAST_CAPACITY;
	while (out->status_capacity < indices)
		out->status_capacity *= 2;
	out->status_version = (uint64_t)now_ms;
	return err;
}

/* Counts what lives by the index that holds just these. */
static enum pt_err
run_counters(struct store_txn *txn, void *ctx)
{
	struct mending *m = ctx;
	struct counters counters, before = { 0 };
	uint64_t live;
	enum pt_err err = meta_counters(txn, &counters);

	m->text[0] = '\0';
	if (err == PT_ERR_CORRUPT)
		err = counters_guess(txn, m->caller.now.wall_ms, &counters);
	else
		before = counters;
	if (err == PT_OK)
		err = table_count(txn, TABLE_DEVICES, &live);
	if (err == PT_OK)
		err = last_number(txn, TABLE_SESSIONS, &counters.next_session);
	if (err == PT_OK)
		err = last_number(txn, TABLE_USERS, &counters.next_user);
	if (err == PT_OK)
		err = last_number(txn, TABLE_EVENTS, &counters.next_event);
	if (err != PT_OK)
		return err;
	counters.live_sessions = live;
	if (memcmp(&counters, &before, sizeof counters) == 0)
		return PT_OK;
	did(m, "the counters were made anew");
	return meta_set_counters(txn, &counters);
}

/* ---- going through ---- */

static const struct mend_rule rules[] = {
	{ TABLE_USERS, look_user, fix_delete },
	{ TABLE_SESSIONS, look_session, fix_session },
	{ TABLE_OTP, look_otp, fix_delete },
	{ TABLE_LINKS, look_link, fix_delete },
	{ TABLE_SERVICES, look_service, fix_delete },
	{ TABLE_EVENTS, look_event, fix_delete },
	{ TABLE_TOMBSTONES, look_tombstone, fix_tombstone },
	{ TABLE_NAMES, look_name, fix_name },
	{ TABLE_SUBS, look_sub, fix_sub },
	{ TABLE_SIDS, look_index_of_session, fix_delete },
	{ TABLE_USER_SESSIONS, look_index_of_session, fix_delete },
	{ TABLE_DEVICES, look_index_of_session, fix_delete },
	{ TABLE_EXPIRY, look_index_of_session, fix_delete },
	{ TABLE_KNOWN_DEVICES, look_known_device, fix_delete },
	{ TABLE_SESSION_EVENTS, look_session_event, fix_delete },
	{ TABLE_CHANGE_EVENTS, look_room_event, fix_delete },
	{ TABLE_LOGIN_EVENTS, look_room_event, fix_delete },
	{ TABLE_REFUSAL_EVENTS, look_room_event, fix_delete },
	{ TABLE_STATUS_ENDED, look_status_ended, fix_status_ended },
	{ TABLE_USERS, look_user_entries, fix_user_entries },
	{ TABLE_SESSIONS, look_session_entries, fix_session_entries },
	{ TABLE_EVENTS, look_event_entries, fix_event_entries },
	{ TABLE_STATUS, look_status, fix_status },
};

static enum pt_err
run_fix(struct store_txn *txn, void *ctx)
{
	struct mending *m = ctx;
	struct slice value;
	bool found, good;
	enum pt_err err = table_get(txn, m->rule->table, &m->at, &value, &found);

	m->text[0] = '\0';
	if (err != PT_OK || !found)
		return err;
	err = m->rule->look(txn, m, &m->at, value, &good);
	return err != PT_OK || good ? err : m->rule->fix(txn, m, &m->at);
}

static void
mend_said(struct mending *m)
{
	if (m->text[0] == '\0')
		return;
	m->mended++;
	LOG(LOG_LEVEL_WARNING, "store_mended", LOG_STR("done", m->text));
	if (m->say)
		m->say(m->text, m->ctx);
}

/* The first entry from *from on that is not good, among so many; *more: there are others after it, or after these. */
static enum pt_err
mend_look(struct mending *m, struct key *from, bool *bad, bool *more)
{
	struct store_txn txn;
	struct slice value;
	bool good = true;
	enum pt_err err = txn_read_begin(m->store, &txn);

	*bad = false;
	*more = true;
	if (err != PT_OK)
		return err;
	for (int i = 0; err == PT_OK && *more && good && i < MEND_LOOKS; i++) {
		err = table_ceil(&txn, m->rule->table, from, &m->at, &value, more);
		if (err == PT_OK && *more) {
			err = m->rule->look(&txn, m, &m->at, value, &good);
			*from = key_after(&m->at);
		}
	}
	*bad = err == PT_OK && !good;
	txn_read_end(&txn);
	return err;
}

static enum pt_err
mend_table(struct mending *m, const struct mend_rule *rule)
{
	struct key from = key_none();
	bool bad, more = true;
	enum pt_err err = PT_OK;

	m->rule = rule;
	while (err == PT_OK && more) {
		err = mend_look(m, &from, &bad, &more);
		if (err == PT_OK && bad) {
			err = commit_run(m->store, run_fix, m);
			if (err == PT_OK)
				mend_said(m);
		}
	}
	return err;
}

static enum pt_err
mend_counters(struct mending *m)
{
	enum pt_err err = commit_run(m->store, run_counters, m);

	if (err == PT_OK)
		mend_said(m);
	return err;
}

enum pt_err
store_mend(struct store *store, struct instant now, void (*say)(const char *done, void *ctx), void *ctx,
    uint64_t *mended)
{
	struct mending m = { .store = store, .caller = { .now = now }, .say = say, .ctx = ctx };
	/* First, since ending sessions counts; and last, since only then all that lives is known. */
	enum pt_err err = mend_counters(&m);

	for (size_t i = 0; err == PT_OK && i < sizeof rules / sizeof rules[0]; i++) {
		if (rules[i].table == TABLE_STATUS_ENDED || rules[i].table == TABLE_STATUS)
			err = note_ended(&m);
		if (err == PT_OK)
			err = mend_table(&m, &rules[i]);
	}
	if (err == PT_OK)
		err = mend_counters(&m);
	free(m.ended);
	*mended = m.mended;
	return err;
}
