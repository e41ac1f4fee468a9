#include "store/audit.h"

#include <string.h>

#include "store/each.h"
#include "store/rows/event_row.h"
#include "store/rows/user_row.h"

/* records at the start of the log that may not decode, before it counts as undated */
#define AUDIT_LOOK_AHEAD 64
/* events of a session: more than there are reasons to refuse it in an hour */
#define AUDIT_LOOK_BACK 16
#define AUDIT_REPEATS_BACK 32	/* refusals among which one that is repeated is looked for */

struct event
audit_event(const struct store_caller *caller, enum event_kind kind)
{
	struct event event = { .at = caller->now.wall_ms, .kind = kind, .times = 1 };

	slice_copy_printable(caller->address, event.address, sizeof(event.address));
	slice_copy_printable(caller->request_id, event.request_id, sizeof(event.request_id));
	slice_copy_printable(caller->service, event.service, sizeof(event.service));
	return event;
}

/* ---- writing ---- */

void
audit_add(struct store_txn *txn, struct event *event)
{
	struct user user;

	/*
	 * Names the user as of now: later the name may be another's. A name that cannot be read
	 * keeps nothing from being done, nor from being logged.
	 */
	if (event->user_number != 0 && event->username[0] == '\0' &&
	    user_row_look(txn, event->user_number, &user) == ROW_THERE)
		memcpy(event->username, user.name, sizeof(event->username));
	event->times = event->times ? event->times : 1;
	event_row_add(txn, event);
}

void
audit_add_user(struct store_txn *txn, const struct store_caller *caller, enum event_kind kind,
    const struct user *user)
{
	struct event event = audit_event(caller, kind);

	event.user_number = user->number;
	memcpy(event.username, user->name, sizeof(event.username));
	audit_add(txn, &event);
}

void
audit_add_session(struct store_txn *txn, struct event event, const struct session *session)
{
	event.user_number = session->user_number;
	event.session_number = session->number;
	memcpy(event.sid, session->sid, sizeof(event.sid));
	audit_add(txn, &event);
}

bool
audit_has_told(struct store_txn *txn, const struct event *event)
{
	struct event_walk walk = event_walk_session(event->session_number, UINT64_MAX);
	enum row_look look = ROW_BROKEN;
	struct event other;

	for (int i = 0; i < AUDIT_LOOK_BACK && look != ROW_NONE; i++) {
		look = event_row_prev(txn, &walk, &other);
		if (look == ROW_THERE && event->kind == other.kind &&
		    event->reason == other.reason && event->at - other.at < AUDIT_AGAIN_MS &&
		    other.at - event->at < AUDIT_AGAIN_MS)
			return true;
	}
	return false;
}

/* ---- how much is kept ---- */

bool
audit_oldest(struct store_txn *txn, int64_t now_ms, struct audit_oldest *out)
{
	struct event_walk walk = event_walk_all(0);
	enum row_look look = event_row_next(txn, &walk, &out->event);

	out->dated = false;
	if (look == ROW_NONE)
		return false;
	out->number = out->event.number;
	for (int i = 1; look != ROW_NONE; i++) {
		out->dated = look == ROW_THERE && out->event.at <= now_ms;
		if (out->dated || i == AUDIT_LOOK_AHEAD)
			break;
		look = event_row_next(txn, &walk, &out->event);
	}
	return true;
}

void
audit_remove_oldest(struct store_txn *txn, const struct audit_oldest *oldest)
{
	if (oldest->dated && oldest->event.number == oldest->number)
		event_row_remove(txn, &oldest->event);
	else
		event_row_remove_broken(txn, oldest->number);
}

/* The oldest event of a room; false where it is empty. */
static bool
room_oldest(struct store_txn *txn, enum event_room room, struct audit_oldest *out)
{
	struct event_walk walk = event_walk_room(room, 0);
	enum row_look look = event_row_next(txn, &walk, &out->event);

	out->dated = look == ROW_THERE;
	if (look != ROW_NONE)
		out->number = out->event.number;
	return look != ROW_NONE;
}

/* The room that has more than is kept in it; EVENT_ROOM_COUNT: none. Counts are by room. */
static enum event_room
room_over(const uint64_t counts[EVENT_ROOM_COUNT], uint64_t max)
{
	const uint64_t changes = counts[EVENT_ROOM_CHANGES], sessions = counts[EVENT_ROOM_SESSIONS];
	const uint64_t quarter = max >= 4 ? max / 4 : 1;

	if (counts[EVENT_ROOM_REFUSALS] > quarter)
		return EVENT_ROOM_REFUSALS;
	/*
	 * Neither of these two pushes out the share of the other, nor is either pushed out by
	 * refusals.
	 */
	if (changes + sessions <= max - quarter || max <= quarter)
		return changes + sessions > max ? EVENT_ROOM_SESSIONS : EVENT_ROOM_COUNT;
	const uint64_t over_share = sessions > 2 * quarter ? sessions - 2 * quarter : 0;

	return changes > quarter && changes - quarter > over_share ?
	    EVENT_ROOM_CHANGES : EVENT_ROOM_SESSIONS;
}

bool
audit_over(struct store_txn *txn, uint64_t max, struct audit_oldest *out)
{
	uint64_t counts[EVENT_ROOM_COUNT];

	for (int room = 0; room < EVENT_ROOM_COUNT; room++)
		counts[room] = event_row_count_room(txn, (enum event_room)room);
	enum event_room over = room_over(counts, max);

	return over != EVENT_ROOM_COUNT && room_oldest(txn, over, out);
}

void
audit_make_room(struct store_txn *txn, enum event_room room)
{
	struct audit_oldest oldest;

	for (int i = 0; i < 2; i++) {
		if (!room_oldest(txn, room, &oldest) && !audit_oldest(txn, INT64_MAX, &oldest))
			return;
		audit_remove_oldest(txn, &oldest);
	}
}

/* ---- reading ---- */

static bool
text_matches(struct slice wanted, const char *text)
{
	return wanted.len == 0 || slice_eq(wanted, slice_of(text));
}

static bool
filter_matches(const struct store_event_filter *filter, const struct event *event)
{
	/* A user's name, or what stood for it before there was such a user. */
	bool named = text_matches(filter->username, event->username) ||
	    (filter->tag.len && slice_eq(filter->tag, slice_of(event->username)));

	return named &&
	    (filter->user_number == 0 || event->user_number == filter->user_number) &&
	    text_matches(filter->sid, event->sid) &&
	    text_matches(filter->address, event->address) &&
	    (filter->kind == EVENT_NONE || event->kind == filter->kind) &&
	    (event->at >= filter->since_ms || event->last_at >= filter->since_ms) &&
	    event->number > filter->after_number;
}

/* The number of the first of the last filter->newest events that match. */
static uint64_t
first_of_newest(struct store_txn *txn, const struct store_event_filter *filter)
{
	struct event_walk walk = event_walk_sid(txn, filter->sid, UINT64_MAX);
	uint64_t left = filter->newest;
	enum row_look look;
	struct event event;

	while ((look = event_row_prev(txn, &walk, &event)) != ROW_NONE &&
	    event.number > filter->after_number)
		if (look == ROW_THERE && filter_matches(filter, &event) && --left == 0)
			return event.number;
	return filter->after_number + 1;
}

/* What is shown of the log. */
struct event_list {
	const struct store_event_filter *filter;
	struct event_walk walk;
};

/* The next event that matches. One that does not decode is left to store_verify. */
static enum row_look
next_match(struct store_txn *txn, void *walk, void *event)
{
	struct event_list *list = walk;
	enum row_look look;

	do
		look = event_row_next(txn, &list->walk, event);
	while (look == ROW_BROKEN || (look == ROW_THERE && !filter_matches(list->filter, event)));
	return look;
}

enum pt_err
store_event_each(struct store *store, const struct store_event_filter *filter,
    bool (*visit)(const struct event *event, void *ctx), void *ctx)
{
	struct event_list list = { .filter = filter };
	struct each each = { .store = store, .next = next_match, .walk = &list };
	struct store_txn txn;
	struct event event;

	txn_read_begin(store, &txn);
	uint64_t first = filter->newest > 0 ?
	    first_of_newest(&txn, filter) : filter->after_number + 1;
	/* The log still has a session that was removed, and is then read from its beginning. */
	list.walk = event_walk_sid(&txn, filter->sid, first);
	each.err = txn_read_end(&txn);
	while (each.err == PT_OK && each_next(&each, &event) && visit(&event, ctx))
		;
	return each.err;
}

static void
run_event_add(struct store_txn *txn, void *ctx)
{
	audit_add(txn, ctx);
}

enum pt_err
store_event_add(struct store *store, struct event *event)
{
	return commit_change(store, run_event_add, event);
}

/* A failed try to log in. */
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
	    event->user_number == earlier->user_number &&
	    event->session_number == earlier->session_number &&
	    event->at - earlier->at < AUDIT_AGAIN_MS && event->at >= earlier->at &&
	    strcmp(event->address, earlier->address) == 0 &&
	    (event->user_number != 0 || strcmp(event->username, earlier->username) == 0);
}

/* The event of which this one is a repetition, among the last refusals. */
static bool
audit_find_earlier(struct store_txn *txn, const struct event *event, struct event *earlier)
{
	struct event_walk walk = event_walk_room(EVENT_ROOM_REFUSALS, UINT64_MAX);
	enum row_look look = ROW_BROKEN;

	for (int i = 0; i < AUDIT_REPEATS_BACK && look != ROW_NONE; i++) {
		look = event_row_prev(txn, &walk, earlier);
		if (look == ROW_THERE && is_repeated(event, earlier))
			return true;
	}
	return false;
}

/* A refusal that is like one of the last hour is counted there; else it is an event. */
static void
audit_add_refusal(struct store_txn *txn, struct event *event)
{
	struct event earlier;

	if (!audit_find_earlier(txn, event, &earlier)) {
		audit_add(txn, event);
		return;
	}
	earlier.times = event->times < UINT32_MAX - earlier.times ?
	    earlier.times + event->times : UINT32_MAX;
	earlier.last_at = event->at;
	event_row_put(txn, &earlier);
}

static void
run_login_failed(struct store_txn *txn, void *ctx)
{
	const struct failed_login *failed = ctx;
	struct event event = audit_event(failed->caller, failed->kind);

	event.user_number = failed->user_number;
	event.reason = failed->reason;
	event.times = failed->times;
	event.last_at = failed->times > 1 ? event.at : 0;
	if (failed->user_number == 0)
		slice_copy(failed->tag, event.username, sizeof(event.username));
	if (event_row_is_full(txn))
		audit_make_room(txn, EVENT_ROOM_REFUSALS);
	audit_add_refusal(txn, &event);
}

static enum pt_err
login_failed(struct store *store, struct failed_login failed)
{
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	return err != PT_OK ? err : commit_change(store, run_login_failed, &failed);
}

enum pt_err
store_login_failed(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice tag, enum reason reason)
{
	return login_failed(store,
	    (struct failed_login){ caller, EVENT_LOGIN_FAILED, user_number, tag, reason, 1 });
}

enum pt_err
store_login_asked(struct store *store, const struct store_caller *caller, uint64_t user_number)
{
	return login_failed(store,
	    (struct failed_login){ caller, EVENT_OTP_ASKED, user_number, SLICE(""), REASON_NONE,
	    1 });
}

enum pt_err
store_link_refused(struct store *store, const struct store_caller *caller, uint64_t user_number,
    enum reason reason)
{
	return login_failed(store,
	    (struct failed_login){ caller, EVENT_LINK_REFUSED, user_number, SLICE(""), reason, 1 });
}

enum pt_err
store_login_limited(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice tag, int64_t times)
{
	return login_failed(store,
	    (struct failed_login){ caller, EVENT_LOGIN_LIMITED, user_number, tag, REASON_NONE,
		times < UINT32_MAX ? (uint32_t)times : UINT32_MAX });
}
