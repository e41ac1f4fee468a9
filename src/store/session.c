/* Sessions by their public id, and the list of devices. */
#include "store/internal.h"

#include <stdlib.h>
#include <string.h>


/* How many sessions one transaction ends where everybody's end. */
#define END_BATCH 256
#define END_BATCH_TIGHT 1	/* in a map so full that a transaction must touch few pages */

enum pt_err
store_session_by_sid(struct store *store, struct instant now, struct slice sid, struct session *session,
    struct user *user, enum reason *standing, bool *found)
{
	struct session_row row;
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	*found = false;
	*standing = REASON_UNKNOWN_SESSION;
	if (err != PT_OK)
		return err;
	err = session_row_by_sid(&txn, sid, &row, found);
	if (err == PT_OK && *found)
		err = session_row_standing(&txn, &row.session, now, user, standing);
	if (err == PT_OK && *found)
		*session = row.session;
	txn_read_end(&txn);
	return err;
}

/* ---- lists ---- */

struct listed {
	struct session session;
	enum reason standing;
};

/* A user's sessions, gathered before any is shown, for they are shown in another order. */
struct list {
	struct listed *items;
	size_t count, room;
};

static enum pt_err
list_add(struct list *list, const struct session *session, enum reason standing)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 16;
		struct listed *grown = realloc(list->items, room * sizeof *grown);

		if (grown == NULL)
			return PT_ERR_NOMEM;
		list->items = grown;
		list->room = room;
	}
	list->items[list->count++] = (struct listed){ *session, standing };
	return PT_OK;
}

static int
list_newest_first(const void *a, const void *b)
{
	const struct session *x = &((const struct listed *)a)->session, *y = &((const struct listed *)b)->session;

	if (x->last_seen_at != y->last_seen_at)
		return x->last_seen_at < y->last_seen_at ? 1 : -1;
	return x->number < y->number ? 1 : -1;
}

/* What a list goes through: all sessions, or one user's. */
struct listing {
	enum table table;
	struct key prefix;
	bool with_ended;
	struct instant now;
};

/* The next session to be shown from number *from on, which moves behind it. */
static enum pt_err
list_next(const struct store_txn *txn, const struct listing *listing, uint64_t *from, struct listed *out, bool *found)
{
	struct session_row row;
	struct user user;

	for (;;) {
		enum pt_err err = session_row_next(txn, listing->table, &listing->prefix, from, &row, found);

		if (err != PT_OK || !*found)
			return err;
		if (!listing->with_ended && row.session.ended != REASON_NONE)
			continue;
		err = session_row_standing(txn, &row.session, listing->now, &user, &out->standing);
		if (err == PT_ERR_CORRUPT)
			continue;	/* whose user's record does not decode: it is let in nowhere */
		out->session = row.session;
		if (err != PT_OK || listing->with_ended || out->standing == REASON_NONE)
			return err;
	}
}

static enum pt_err
list_gather(struct store *store, const struct listing *listing, struct list *list)
{
	struct store_txn txn;
	struct listed item;
	uint64_t from = 0;
	bool found = true;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	while (err == PT_OK && found) {
		err = list_next(&txn, listing, &from, &item, &found);
		if (err == PT_OK && found)
			err = list_add(list, &item.session, item.standing);
	}
	txn_read_end(&txn);
	if (err == PT_OK && list->count > 0)
		qsort(list->items, list->count, sizeof list->items[0], list_newest_first);
	return err;
}

static enum pt_err
list_user(struct store *store, const struct listing *listing,
    bool (*visit)(const struct session *session, enum reason standing, void *ctx), void *ctx)
{
	struct list list = { 0 };
	enum pt_err err = list_gather(store, listing, &list);

	for (size_t i = 0; err == PT_OK && i < list.count; i++)
		if (!visit(&list.items[i].session, list.items[i].standing, ctx))
			break;
	free(list.items);
	return err;
}

static enum pt_err
list_everybody(struct store *store, const struct listing *listing,
    bool (*visit)(const struct session *session, enum reason standing, void *ctx), void *ctx)
{
	struct store_txn txn;
	struct listed item;
	uint64_t from = 0;
	bool found;

	/* A transaction a session, and none while it is shown: a pager must not hold a snapshot. */
	for (;;) {
		enum pt_err err = txn_read_begin(store, &txn);

		if (err != PT_OK)
			return err;
		err = list_next(&txn, listing, &from, &item, &found);
		txn_read_end(&txn);
		if (err != PT_OK || !found || !visit(&item.session, item.standing, ctx))
			return err;
	}
}

enum pt_err
store_session_each(struct store *store, struct instant now, uint64_t user_number, bool with_ended,
    bool (*visit)(const struct session *session, enum reason standing, void *ctx), void *ctx)
{
	struct listing listing = { TABLE_SESSIONS, key_none(), with_ended, now };

	if (user_number == 0)
		return list_everybody(store, &listing, visit, ctx);
	listing.table = TABLE_USER_SESSIONS;
	listing.prefix = key_number(user_number);
	return list_user(store, &listing, visit, ctx);
}

/* Whether another row stands for the browser of this one: the current session, or else the one before it in the list. */
static bool
list_is_told_of(const struct list *list, size_t i, uint64_t current)
{
	const struct session *session = &list->items[i].session;

	if (session->number == current)
		return false;
	for (size_t j = 0; j < list->count; j++) {
		const struct session *other = &list->items[j].session;

		if ((j < i || other->number == current) && other->number != session->number &&
		    memcmp(other->device_hash, session->device_hash, DIGEST_LEN) == 0)
			return true;
	}
	return false;
}

enum pt_err
store_browser_each(struct store *store, struct instant now, uint64_t user_number, uint64_t current,
    bool (*visit)(const struct session *session, enum reason standing, void *ctx), void *ctx)
{
	struct listing listing = { TABLE_USER_SESSIONS, key_number(user_number), false, now };
	struct list list = { 0 };
	enum pt_err err = list_gather(store, &listing, &list);

	for (size_t i = 0; err == PT_OK && i < list.count; i++)
		if (!list_is_told_of(&list, i, current) && !visit(&list.items[i].session, list.items[i].standing, ctx))
			break;
	free(list.items);
	return err;
}

/* ---- changes ---- */

struct session_change {
	const struct store_caller *caller;
	uint64_t session_number;
	uint64_t user_number;	/* 0: anyone's */
	struct slice sid;
	struct slice device;
	enum reason reason;
	struct session *out;
	bool *found;
};

static enum pt_err
run_touch(struct store_txn *txn, void *ctx)
{
	const struct session_change *change = ctx;
	const struct store_caller *caller = change->caller;
	struct session_row row;
	struct user user;
	enum reason standing;
	bool found;
	enum pt_err err = session_row_get(txn, change->session_number, &row, &found);

	if (err != PT_OK || !found)
		return err;
	err = session_row_standing(txn, &row.session, caller->now, &user, &standing);
	if (err != PT_OK || standing != REASON_NONE)
		return err;
	/* Asked again: of many requests at once one is enough. */
	if (!standing_touch_is_due(&row.session, caller->now, &txn->store->options.lifetimes))
		return PT_OK;
	standing_touch(&row.session, caller->now, &txn->store->options.lifetimes);
	slice_copy_printable(caller->address, row.session.address, sizeof row.session.address);
	err = session_row_put(txn, &row);
	if (err != PT_OK || !settling_use_ends_older(&row.session, caller->now.stamp, txn->store->options.periods.quiet_ms))
		return err;
	return browser_end_older(txn, caller, &row.session);
}

enum pt_err
store_session_touch(struct store *store, const struct store_caller *caller, uint64_t session_number)
{
	struct session_change change = { .caller = caller, .session_number = session_number };
	struct session_row row;
	struct store_txn txn;
	bool found;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	err = session_row_get(&txn, session_number, &row, &found);
	txn_read_end(&txn);
	if (err != PT_OK || !found || !standing_touch_is_due(&row.session, caller->now, &store->options.lifetimes))
		return err;
	err = room_check(store, ROOM_FOR_REFRESH);
	return err != PT_OK ? err : commit_run(store, run_touch, &change);
}

/* The live session that is to be changed, if it is the user's. */
static enum pt_err
change_begin(struct store_txn *txn, const struct session_change *change, struct session_row *row)
{
	struct user user;
	enum reason standing;
	enum pt_err err = session_row_by_sid(txn, change->sid, row, change->found);

	if (err != PT_OK || !*change->found)
		return err;
	err = session_row_standing(txn, &row->session, change->caller->now, &user, &standing);
	*change->found = err == PT_OK && standing == REASON_NONE &&
	    (change->user_number == 0 || change->user_number == row->session.user_number);
	return err;
}

static enum pt_err
run_rename(struct store_txn *txn, void *ctx)
{
	const struct session_change *change = ctx;
	struct session_row row;
	enum pt_err err = change_begin(txn, change, &row);

	if (err != PT_OK || !*change->found)
		return err;
	slice_copy_printable(change->device, row.session.device, sizeof row.session.device);
	err = browser_rename(txn, &row.session, change->device);
	if (err == PT_OK)
		err = audit_add_session(txn, audit_event(change->caller, EVENT_SESSION_RENAMED), &row.session);
	*change->out = row.session;
	return err;
}

enum pt_err
store_session_rename(struct store *store, const struct store_caller *caller, uint64_t user_number, struct slice sid,
    struct slice device, struct session *out, bool *found)
{
	struct session_change change = {
		.caller = caller, .user_number = user_number, .sid = sid, .device = device, .out = out, .found = found,
	};
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	*found = false;
	return err != PT_OK ? err : commit_run(store, run_rename, &change);
}

static enum pt_err
run_end(struct store_txn *txn, void *ctx)
{
	const struct session_change *change = ctx;
	struct session_row row;
	enum pt_err err = change_begin(txn, change, &row);

	if (err != PT_OK || !*change->found)
		return err;
	err = session_row_end(txn, change->caller, &row, change->reason, 0);
	return err != PT_OK ? err : browser_end_older(txn, change->caller, &row.session);
}

static enum pt_err
run_end_browser(struct store_txn *txn, void *ctx)
{
	const struct session_change *change = ctx;
	struct session_row row;
	enum pt_err err = change_begin(txn, change, &row);

	if (err != PT_OK || !*change->found)
		return err;
	return browser_end_user(txn, change->caller, row.session.device_hash, row.session.user_number, change->reason);
}

enum pt_err
store_session_end(struct store *store, const struct store_caller *caller, uint64_t user_number, struct slice sid,
    enum reason reason, bool *found)
{
	struct session_change change = {
		.caller = caller, .user_number = user_number, .sid = sid, .reason = reason, .found = found,
	};

	*found = false;
	return commit_run(store, run_end, &change);
}

enum pt_err
store_browser_end(struct store *store, const struct store_caller *caller, uint64_t user_number, struct slice sid,
    enum reason reason, bool *found)
{
	struct session_change change = {
		.caller = caller, .user_number = user_number, .sid = sid, .reason = reason, .found = found,
	};

	*found = false;
	return commit_run(store, run_end_browser, &change);
}

struct ending {
	const struct store_caller *caller;
	uint64_t user_number;
	uint64_t keep;
	enum reason reason;
	uint64_t from, upto;	/* of everybody's sessions, those numbered so */
	uint64_t next;		/* where the following transaction begins */
	bool tight;		/* the map is full: make room as well */
	uint64_t count;
};

static enum pt_err
run_end_user(struct store_txn *txn, void *ctx)
{
	struct ending *ending = ctx;

	ending->count = 0;
	return session_row_end_all(txn, ending->caller, ending->user_number, ending->keep, ending->reason, &ending->count);
}

static enum pt_err
end_one(struct store_txn *txn, struct ending *ending, struct session_row *row)
{
	if (row->session.ended != REASON_NONE || row->session.number == ending->keep)
		return PT_OK;
	enum pt_err err = session_row_end(txn, ending->caller, row, ending->reason, 0);

	if (err == PT_OK && ending->tight)
		err = audit_make_room(txn, EVENT_ROOM_SESSIONS);
	ending->count++;
	return err;
}

static enum pt_err
run_end_batch(struct store_txn *txn, void *ctx)
{
	struct ending *ending = ctx;
	struct key none = key_none();
	struct session_row row;
	bool found;

	ending->count = 0;
	ending->next = ending->from;
	for (int i = 0; i < (ending->tight ? END_BATCH_TIGHT : END_BATCH); i++) {
		enum pt_err err = session_row_next(txn, TABLE_SESSIONS, &none, &ending->next, &row, &found);

		if (err != PT_OK)
			return err;
		if (!found || row.session.number >= ending->upto) {
			ending->next = ending->upto;
			return PT_OK;
		}
		err = end_one(txn, ending, &row);
		if (err != PT_OK)
			return err;
	}
	return PT_OK;
}

/* Everybody's, batch by batch: a million ends in one transaction would keep the only writer for long. */
static enum pt_err
end_everybody(struct store *store, struct ending *ending)
{
	struct counters counters;
	struct store_txn txn;
	uint64_t total = 0;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	err = meta_counters(&txn, &counters);
	txn_read_end(&txn);
	if (err != PT_OK)
		return err;
	/* Logins from here on are not meant. */
	ending->upto = counters.next_session;
	while (err == PT_OK && ending->from < ending->upto) {
		err = commit_run(store, run_end_batch, ending);
		if (err == PT_ERR_FULL && !ending->tight) {
			ending->tight = true;
			err = PT_OK;
			continue;
		}
		total += ending->count;
		ending->from = ending->next;
	}
	ending->count = total;
	return err;
}

enum pt_err
store_session_end_all(struct store *store, const struct store_caller *caller, uint64_t user_number,
    uint64_t keep_session, enum reason reason, uint64_t *count)
{
	struct ending ending = {
		.caller = caller, .user_number = user_number, .keep = keep_session, .reason = reason, .from = 1,
	};
	enum pt_err err = user_number ? commit_run(store, run_end_user, &ending) : end_everybody(store, &ending);

	if (count)
		*count = ending.count;
	return err;
}
