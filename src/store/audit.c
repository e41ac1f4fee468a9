/* The audit log: written in the transaction of what it tells of. */
#include "store/internal.h"

#include <string.h>

#define AUDIT_LOOK_AHEAD 64	/* records at the beginning of the log that may not decode, before it counts as undated */
#define AUDIT_LOOK_BACK 16	/* events of a session: more than there are reasons to refuse it in an hour */
#define AUDIT_REPEATS_BACK 32	/* refusals among which one that is repeated is looked for */

/* Which events are in each room, by their numbers. */
static const enum table room_tables[EVENT_ROOM_COUNT] = {
	[EVENT_ROOM_CHANGES] = TABLE_CHANGE_EVENTS,
	[EVENT_ROOM_SESSIONS] = TABLE_LOGIN_EVENTS,
	[EVENT_ROOM_REFUSALS] = TABLE_REFUSAL_EVENTS,
};

struct event
audit_event(const struct store_caller *caller, enum event_kind kind)
{
	struct event event = { .at = caller->now.wall_ms, .kind = kind, .times = 1 };

	slice_copy_printable(caller->address, event.address, sizeof event.address);
	slice_copy_printable(caller->request_id, event.request_id, sizeof event.request_id);
	slice_copy_printable(caller->service, event.service, sizeof event.service);
	return event;
}

/* Names the user as of now: later the name may be another's. */
static enum pt_err
audit_name(const struct store_txn *txn, struct event *event)
{
	struct user user;
	bool found;

	if (event->user_number == 0 || event->username[0] != '\0')
		return PT_OK;
	enum pt_err err = user_get(txn, event->user_number, &user, &found);

	if (err == PT_OK && found)
		memcpy(event->username, user.name, sizeof event->username);
	/* A name that cannot be read keeps nothing from being done, nor from being told. */
	return err == PT_ERR_CORRUPT ? PT_OK : err;
}

enum table
audit_room(const struct event *event)
{
	return room_tables[event_info(event->kind)->room];
}

enum pt_err
audit_file(struct store_txn *txn, const struct event *event)
{
	struct key key = key_number(event->number);

	return table_put(txn, audit_room(event), &key, SLICE(""));
}

static enum pt_err
audit_put(struct store_txn *txn, const struct event *event)
{
	struct key key = key_number(event->number);
	struct record_bytes record;
	enum pt_err err = record_event_encode(event, &record);

	if (err == PT_OK)
		err = table_put(txn, TABLE_EVENTS, &key, (struct slice){ (const char *)record.bytes, record.len });
	if (err == PT_OK)
		err = audit_file(txn, event);
	if (err != PT_OK || event->session_number == 0)
		return err;
	key = key_pair(event->session_number, event->number);
	return table_put(txn, TABLE_SESSION_EVENTS, &key, SLICE(""));
}

enum pt_err
audit_add(struct store_txn *txn, struct event *event)
{
	struct counters counters;
	enum pt_err err = meta_counters(txn, &counters);

	if (err == PT_OK)
		err = audit_name(txn, event);
	if (err != PT_OK)
		return err;
	event->number = counters.next_event++;
	event->times = event->times ? event->times : 1;
	err = meta_set_counters(txn, &counters);
	return err != PT_OK ? err : audit_put(txn, event);
}

enum pt_err
audit_add_user(struct store_txn *txn, const struct store_caller *caller, enum event_kind kind,
    const struct user *user)
{
	struct event event = audit_event(caller, kind);

	event.user_number = user->number;
	memcpy(event.username, user->name, sizeof event.username);
	return audit_add(txn, &event);
}

enum pt_err
audit_add_session(struct store_txn *txn, struct event event, const struct session *session)
{
	event.user_number = session->user_number;
	event.session_number = session->number;
	memcpy(event.sid, session->sid, sizeof event.sid);
	return audit_add(txn, &event);
}

enum pt_err
audit_get(const struct store_txn *txn, uint64_t number, struct event *out, bool *found)
{
	struct key key = key_number(number);
	struct slice value;
	enum pt_err err = table_get(txn, TABLE_EVENTS, &key, &value, found);

	if (err != PT_OK || !*found)
		return err;
	err = record_event_decode(value, out);
	return err == PT_OK && out->number == number ? PT_OK : env_corrupt(TABLE_EVENTS, number);
}

static bool
is_like(const struct event *event, const struct event *other)
{
	return event->kind == other->kind && event->reason == other->reason &&
	    event->at - other->at < AUDIT_AGAIN_MS && other->at - event->at < AUDIT_AGAIN_MS;
}

/* As audit_get; an event that does not decode is as good as none. */
static enum pt_err
audit_get_good(const struct store_txn *txn, uint64_t number, struct event *out, bool *found)
{
	enum pt_err err = audit_get(txn, number, out, found);

	if (err != PT_ERR_CORRUPT)
		return err;
	*found = false;
	return PT_OK;
}

enum pt_err
audit_has_told(const struct store_txn *txn, const struct event *event, bool *told)
{
	struct key prefix = key_number(event->session_number);
	uint64_t upto = UINT64_MAX;
	struct event other;
	bool found = true;

	*told = false;
	for (int i = 0; i < AUDIT_LOOK_BACK && !*told; i++, upto--) {
		enum pt_err err = table_prev(txn, TABLE_SESSION_EVENTS, &prefix, upto, &upto, &found);

		if (err != PT_OK || !found)
			return err;
		err = audit_get_good(txn, upto, &other, &found);
		if (err != PT_OK)
			return err;
		*told = found && is_like(event, &other);
	}
	return PT_OK;
}

enum pt_err
audit_remove(struct store_txn *txn, const struct event *event)
{
	struct key key = key_number(event->number);
	enum pt_err err = table_del(txn, TABLE_EVENTS, &key);

	if (err == PT_OK)
		err = table_del(txn, audit_room(event), &key);
	if (err != PT_OK || event->session_number == 0)
		return err;
	key = key_pair(event->session_number, event->number);
	return table_del(txn, TABLE_SESSION_EVENTS, &key);
}

enum pt_err
audit_oldest(const struct store_txn *txn, int64_t now_ms, struct audit_oldest *out, bool *found)
{
	struct key none = key_none();
	uint64_t from = 0;
	bool more;
	enum pt_err err = table_next(txn, TABLE_EVENTS, &none, from, &out->number, found);

	out->dated = false;
	more = err == PT_OK && *found;
	for (int i = 0; more && !out->dated && i < AUDIT_LOOK_AHEAD; i++) {
		err = table_next(txn, TABLE_EVENTS, &none, from, &from, &more);
		if (err == PT_OK && more)
			err = audit_get_good(txn, from++, &out->event, &out->dated);
		out->dated = out->dated && out->event.at <= now_ms;
		more = more && err == PT_OK;
	}
	return err;
}

enum pt_err
audit_remove_oldest(struct store_txn *txn, const struct audit_oldest *oldest)
{
	struct key key = key_number(oldest->number);

	if (oldest->dated && oldest->event.number == oldest->number)
		return audit_remove(txn, &oldest->event);
	/* Of which session it told nobody knows: an entry of that one may be left, until store_mend. */
	enum pt_err err = table_del(txn, TABLE_EVENTS, &key);

	for (size_t i = 0; err == PT_OK && i < EVENT_ROOM_COUNT; i++)
		err = table_del(txn, room_tables[i], &key);
	return err;
}

/* The oldest event of a room. */
static enum pt_err
room_oldest(const struct store_txn *txn, enum event_room room, struct audit_oldest *out, bool *found)
{
	struct key none = key_none();
	enum pt_err err = table_next(txn, room_tables[room], &none, 0, &out->number, found);

	out->dated = false;
	return err != PT_OK || !*found ? err : audit_get_good(txn, out->number, &out->event, &out->dated);
}

/* The room that has more than is kept in it; EVENT_ROOM_COUNT: none. Counts are by room. */
static enum event_room
room_over(const uint64_t counts[EVENT_ROOM_COUNT], uint64_t max)
{
	const uint64_t changes = counts[EVENT_ROOM_CHANGES], sessions = counts[EVENT_ROOM_SESSIONS];
	const uint64_t quarter = max >= 4 ? max / 4 : 1;

	if (counts[EVENT_ROOM_REFUSALS] > quarter)
		return EVENT_ROOM_REFUSALS;
	/* Neither of these two pushes out the share of the other, nor is either pushed out by refusals. */
	if (changes + sessions <= max - quarter || max <= quarter)
		return changes + sessions > max ? EVENT_ROOM_SESSIONS : EVENT_ROOM_COUNT;
	return changes > quarter && changes - quarter > (sessions > 2 * quarter ? sessions - 2 * quarter : 0) ?
	    EVENT_ROOM_CHANGES : EVENT_ROOM_SESSIONS;
}

enum pt_err
audit_over(const struct store_txn *txn, uint64_t max, struct audit_oldest *out, bool *found)
{
	uint64_t counts[EVENT_ROOM_COUNT];
	enum pt_err err = PT_OK;

	*found = false;
	for (int room = 0; err == PT_OK && room < EVENT_ROOM_COUNT; room++)
		err = table_count(txn, room_tables[room], &counts[room]);
	if (err != PT_OK)
		return err;
	enum event_room over = room_over(counts, max);

	return over == EVENT_ROOM_COUNT ? PT_OK : room_oldest(txn, over, out, found);
}

enum pt_err
audit_make_room(struct store_txn *txn, enum event_room room)
{
	struct audit_oldest oldest;
	bool found = true;
	enum pt_err err = PT_OK;

	for (int i = 0; err == PT_OK && found && i < 2; i++) {
		err = room_oldest(txn, room, &oldest, &found);
		if (err == PT_OK && !found)
			err = audit_oldest(txn, INT64_MAX, &oldest, &found);
		if (err == PT_OK && found)
			err = audit_remove_oldest(txn, &oldest);
	}
	return err;
}

/* ---- reading ---- */

static bool
text_matches(struct slice wanted, const char *text)
{
	return wanted.len == 0 || slice_eq(wanted, slice_of(text));
}

/* A user's name, or what stood for it before there was such a user. */
static bool
name_matches(const struct store_event_filter *filter, const char *name)
{
	return text_matches(filter->username, name) || (filter->tag.len && slice_eq(filter->tag, slice_of(name)));
}

static bool
filter_matches(const struct store_event_filter *filter, const struct event *event)
{
	return (filter->user_number == 0 || event->user_number == filter->user_number) &&
	    name_matches(filter, event->username) && text_matches(filter->sid, event->sid) &&
	    text_matches(filter->address, event->address) &&
	    (filter->kind == EVENT_NONE || event->kind == filter->kind) &&
	    (event->at >= filter->since_ms || event->last_at >= filter->since_ms) &&
	    event->number > filter->after_number;
}

/* Where the events that may match are found: the whole log, or one session's part of it. */
struct source {
	enum table table;
	struct key prefix;
};

static enum pt_err
source_of(const struct store_txn *txn, const struct store_event_filter *filter, struct source *out)
{
	struct key sid = key_text(filter->sid);
	uint64_t number;
	bool found;
	enum pt_err err = table_get_number(txn, TABLE_SIDS, &sid, &number, &found);

	/* A session that has been removed is still told of by the log, read from its beginning. */
	*out = (struct source){ TABLE_EVENTS, key_none() };
	if (err == PT_OK && found)
		*out = (struct source){ TABLE_SESSION_EVENTS, key_number(number) };
	return err;
}

/* The number from which on the last filter->newest of those that match are. */
static enum pt_err
first_of_newest(const struct store_txn *txn, const struct store_event_filter *filter, const struct source *source,
    uint64_t *first)
{
	uint64_t upto = UINT64_MAX, number, left = filter->newest;
	struct event event;
	bool found;

	*first = filter->after_number + 1;
	while (left > 0) {
		enum pt_err err = table_prev(txn, source->table, &source->prefix, upto, &number, &found);

		if (err != PT_OK || !found || number <= filter->after_number)
			return err;
		err = audit_get_good(txn, number, &event, &found);
		if (err != PT_OK)
			return err;
		if (found && filter_matches(filter, &event) && --left == 0)
			*first = number;
		upto = number - 1;
	}
	return PT_OK;
}

/* The next event that matches, from number *from on, which moves behind it. */
static enum pt_err
next_match(const struct store_txn *txn, const struct store_event_filter *filter, const struct source *source,
    uint64_t *from, struct event *out, bool *found)
{
	uint64_t number;

	for (;;) {
		enum pt_err err = table_next(txn, source->table, &source->prefix, *from, &number, found);

		if (err != PT_OK || !*found)
			return err;
		*from = number + 1;
		err = audit_get_good(txn, number, out, found);
		if (err != PT_OK)
			return err;
		if (*found && filter_matches(filter, out))
			return PT_OK;
	}
}

enum pt_err
store_event_each(struct store *store, const struct store_event_filter *filter,
    bool (*visit)(const struct event *event, void *ctx), void *ctx)
{
	struct store_txn txn;
	struct source source;
	struct event event;
	uint64_t from = filter->after_number + 1;
	bool more = true;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	err = source_of(&txn, filter, &source);
	if (err == PT_OK && filter->newest > 0)
		err = first_of_newest(&txn, filter, &source, &from);
	txn_read_end(&txn);
	/* A transaction an event, and none while it is shown: a pager must not hold a snapshot. */
	while (err == PT_OK && more) {
		err = txn_read_begin(store, &txn);
		if (err != PT_OK)
			break;
		err = next_match(&txn, filter, &source, &from, &event, &more);
		txn_read_end(&txn);
		if (err == PT_OK && more)
			more = visit(&event, ctx);
	}
	return err;
}

static enum pt_err
run_event_add(struct store_txn *txn, void *ctx)
{
	return audit_add(txn, ctx);
}

enum pt_err
store_event_add(struct store *store, struct event *event)
{
	return commit_run(store, run_event_add, event);
}

/* A try to log in that came to nothing. */
struct failed_login {
	const struct store_caller *caller;
	enum event_kind kind;
	uint64_t user_number;
	struct slice tag;
	enum reason reason;
	uint32_t times;
};

static bool
is_repeated(const struct event *event, const struct event *earlier)
{
	return event->kind == earlier->kind && event->reason == earlier->reason &&
	    event->user_number == earlier->user_number && event->session_number == earlier->session_number &&
	    event->at - earlier->at < AUDIT_AGAIN_MS && event->at >= earlier->at &&
	    strcmp(event->address, earlier->address) == 0 &&
	    (event->user_number != 0 || strcmp(event->username, earlier->username) == 0);
}

/* The event of which this one is a repetition, among the last refusals. */
static enum pt_err
audit_find_earlier(const struct store_txn *txn, const struct event *event, struct event *earlier, bool *found)
{
	struct key none = key_none();
	uint64_t upto = UINT64_MAX, number;
	bool more = true;

	*found = false;
	for (int i = 0; i < AUDIT_REPEATS_BACK && !*found; i++, upto = number - 1) {
		enum pt_err err = table_prev(txn, TABLE_REFUSAL_EVENTS, &none, upto, &number, &more);

		if (err != PT_OK || !more || number == 0)
			return err;
		err = audit_get_good(txn, number, earlier, found);
		if (err != PT_OK)
			return err;
		*found = *found && is_repeated(event, earlier);
	}
	return PT_OK;
}

/* A refusal that is like one of the last hour is counted there; else it is an event. */
static enum pt_err
audit_add_refusal(struct store_txn *txn, struct event *event)
{
	struct event earlier;
	bool found;
	enum pt_err err = audit_find_earlier(txn, event, &earlier, &found);

	if (err != PT_OK || !found)
		return err != PT_OK ? err : audit_add(txn, event);
	earlier.times = event->times < UINT32_MAX - earlier.times ? earlier.times + event->times : UINT32_MAX;
	earlier.last_at = event->at;
	return audit_put(txn, &earlier);
}

static enum pt_err
run_login_failed(struct store_txn *txn, void *ctx)
{
	const struct failed_login *failed = ctx;
	struct event event = audit_event(failed->caller, failed->kind);
	bool full;
	enum pt_err err = room_audit_is_full(txn, &full);

	event.user_number = failed->user_number;
	event.reason = failed->reason;
	event.times = failed->times;
	event.last_at = failed->times > 1 ? event.at : 0;
	if (failed->user_number == 0)
		slice_copy(failed->tag, event.username, sizeof(event.username));
	if (err == PT_OK && full)
		err = audit_make_room(txn, EVENT_ROOM_REFUSALS);
	return err == PT_OK ? audit_add_refusal(txn, &event) : err;
}

enum pt_err
store_login_failed(struct store *store, const struct store_caller *caller, uint64_t user_number, struct slice tag,
    enum reason reason)
{
	struct failed_login failed = { caller, EVENT_LOGIN_FAILED, user_number, tag, reason, 1 };
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	return err != PT_OK ? err : commit_run(store, run_login_failed, &failed);
}

enum pt_err
store_login_asked(struct store *store, const struct store_caller *caller, uint64_t user_number)
{
	struct failed_login asked = { caller, EVENT_OTP_ASKED, user_number, SLICE(""), REASON_NONE, 1 };
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	return err != PT_OK ? err : commit_run(store, run_login_failed, &asked);
}

enum pt_err
store_link_refused(struct store *store, const struct store_caller *caller, uint64_t user_number, enum reason reason)
{
	struct failed_login refused = { caller, EVENT_LINK_REFUSED, user_number, SLICE(""), reason, 1 };
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	return err != PT_OK ? err : commit_run(store, run_login_failed, &refused);
}

enum pt_err
store_login_limited(struct store *store, const struct store_caller *caller, uint64_t user_number, struct slice tag,
    int64_t times)
{
	struct failed_login limited = { caller, EVENT_LOGIN_LIMITED, user_number, tag, REASON_NONE,
		times < UINT32_MAX ? (uint32_t)times : UINT32_MAX };
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	return err != PT_OK ? err : commit_run(store, run_login_failed, &limited);
}
