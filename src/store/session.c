/* Sessions by their public id, the list of devices, and changes of sessions. */
#include <stdlib.h>
#include <string.h>

#include "store/audit.h"
#include "store/browser.h"
#include "store/each.h"
#include "store/end.h"
#include "store/session_standing.h"

enum pt_err
store_session_by_sid(struct store *store, struct instant now, struct slice sid,
    struct session *session, struct user *user, enum reason *standing, bool *found)
{
	struct session_row row;
	struct store_txn txn;

	*standing = REASON_UNKNOWN_SESSION;
	txn_read_begin(store, &txn);
	*found = session_row_by_sid(&txn, sid, &row);
	if (*found) {
		*standing = session_standing(&txn, &row.session, now, user);
		*session = row.session;
	}
	return txn_read_end(&txn);
}

/* ---- lists ---- */

struct listed {
	struct session session;
	enum reason standing;
};

/*
 * A user's sessions. All are gathered before the first is shown, because they are shown in another
 * order.
 */
struct list {
	struct listed *items;
	size_t count, room;
};

static enum pt_err
list_add(struct list *list, const struct session *session, enum reason standing)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 16;
		struct listed *grown = realloc(list->items, room * sizeof(*grown));

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
	const struct session *x = &((const struct listed *)a)->session,
	    *y = &((const struct listed *)b)->session;

	if (x->last_seen_at != y->last_seen_at)
		return x->last_seen_at < y->last_seen_at ? 1 : -1;
	return x->number < y->number ? 1 : -1;
}

/* What a list goes through: all sessions, or one user's. */
struct session_list {
	struct session_walk walk;
	bool with_ended;
	struct instant now;
};

/* Finds the next session to show, and moves past it. */
static enum row_look
list_next(struct store_txn *txn, void *list, void *item)
{
	struct session_list *listing = list;
	struct listed *out = item;
	struct session_row row;
	struct user user;

	while (session_row_next(txn, &listing->walk, &row)) {
		if (!listing->with_ended && row.session.ended != REASON_NONE)
			continue;
		/* A session whose user's record does not decode gets in nowhere. */
		if (!session_standing_look(txn, &row.session, listing->now, &user, &out->standing))
			continue;
		out->session = row.session;
		if (listing->with_ended || out->standing == REASON_NONE)
			return ROW_THERE;
	}
	return ROW_NONE;
}

static enum pt_err
list_gather(struct store *store, struct session_list *listing, struct list *list)
{
	struct store_txn txn;
	struct listed item;

	txn_read_begin(store, &txn);
	while (list_next(&txn, listing, &item) == ROW_THERE)
		txn_fail(&txn, list_add(list, &item.session, item.standing));
	enum pt_err err = txn_read_end(&txn);

	if (err == PT_OK && list->count > 0)
		qsort(list->items, list->count, sizeof(list->items[0]), list_newest_first);
	return err;
}

static enum pt_err
list_user(struct store *store, struct session_list *listing,
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
list_everybody(struct store *store, struct session_list *listing,
    bool (*visit)(const struct session *session, enum reason standing, void *ctx), void *ctx)
{
	struct each each = { .store = store, .next = list_next, .walk = listing };
	struct listed item;

	while (each_next(&each, &item) && visit(&item.session, item.standing, ctx))
		;
	return each.err;
}

enum pt_err
store_session_each(struct store *store, struct instant now, uint64_t user_number, bool with_ended,
    bool (*visit)(const struct session *session, enum reason standing, void *ctx), void *ctx)
{
	struct session_list listing = { .with_ended = with_ended, .now = now };

	listing.walk = user_number == 0 ? session_walk_all(0) : session_walk_user(user_number);
	return user_number == 0 ? list_everybody(store, &listing, visit, ctx) :
	    list_user(store, &listing, visit, ctx);
}

/*
 * Whether another row represents this session's browser: the current session, or else an earlier
 * one in the list.
 */
static bool
list_has_shown(const struct list *list, size_t i, uint64_t current)
{
	const struct session *session = &list->items[i].session;

	if (session->number == current)
		return false;
	for (size_t j = 0; j < list->count; j++) {
		const struct session *other = &list->items[j].session;

		if ((j < i || other->number == current) && other->number != session->number &&
		    memcmp(other->device_hash, session->device_hash, DIGEST_SIZE) == 0)
			return true;
	}
	return false;
}

enum pt_err
store_browser_each(struct store *store, struct instant now, uint64_t user_number, uint64_t current,
    bool (*visit)(const struct session *session, enum reason standing, void *ctx), void *ctx)
{
	struct session_list listing = { .walk = session_walk_user(user_number), .now = now };
	struct list list = { 0 };
	enum pt_err err = list_gather(store, &listing, &list);

	for (size_t i = 0; err == PT_OK && i < list.count; i++)
		if (!list_has_shown(&list, i, current) &&
		    !visit(&list.items[i].session, list.items[i].standing, ctx))
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
	struct session_row row;	/* as found, then as changed */
	bool found;		/* it is live, and the user's */
};

static void
run_touch(struct store_txn *txn, void *ctx)
{
	struct session_change *change = ctx;
	const struct store_caller *caller = change->caller;
	const struct store_options *options = txn_options(txn);
	struct session *session = &change->row.session;
	struct user user;

	if (!session_row_get(txn, change->session_number, &change->row) ||
	    session_standing(txn, session, caller->now, &user) != REASON_NONE)
		return;
	/* Checked again, because one of many simultaneous requests is enough. */
	if (!standing_touch_is_due(session, caller->now, &options->lifetimes))
		return;
	standing_touch(session, caller->now, &options->lifetimes);
	slice_copy_printable(caller->address, session->address, sizeof(session->address));
	session_row_put(txn, &change->row);
	if (settling_use_ends_older(session, caller->now.stamp, options->periods.quiet_ms))
		browser_end_older(txn, caller, session);
}

enum pt_err
store_session_touch(struct store *store, const struct store_caller *caller, uint64_t session_number)
{
	struct session_change change = { .caller = caller, .session_number = session_number };
	struct store_txn txn;

	txn_read_begin(store, &txn);
	bool due = session_row_get(&txn, session_number, &change.row) &&
	    standing_touch_is_due(&change.row.session, caller->now, &txn_options(&txn)->lifetimes);
	enum pt_err err = txn_read_end(&txn);

	if (err != PT_OK || !due)
		return err;
	err = room_check(store, ROOM_FOR_REFRESH);
	return err != PT_OK ? err : commit_change(store, run_touch, &change);
}

/* Finds the live session to be changed, if it is the user's. */
static bool
session_change_begin(struct store_txn *txn, struct session_change *change)
{
	const struct session *session = &change->row.session;
	struct user user;

	change->found = session_row_by_sid(txn, change->sid, &change->row) &&
	    session_standing(txn, session, change->caller->now, &user) == REASON_NONE &&
	    (change->user_number == 0 || change->user_number == session->user_number);
	return change->found;
}

static enum pt_err
session_change_commit(struct store *store, void (*run)(struct store_txn *txn, void *ctx),
    struct session_change *change, bool *found)
{
	enum pt_err err = commit_change(store, run, change);

	*found = err == PT_OK && change->found;
	return err;
}

static void
run_rename(struct store_txn *txn, void *ctx)
{
	struct session_change *change = ctx;
	struct session *session = &change->row.session;

	if (!session_change_begin(txn, change))
		return;
	slice_copy_printable(change->device, session->device, sizeof(session->device));
	browser_rename(txn, session, change->device);
	if (!txn_failed(txn))
		audit_add_session(txn, audit_event(change->caller, EVENT_SESSION_RENAMED), session);
}

enum pt_err
store_session_rename(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice sid, struct slice device, struct session *out, bool *found)
{
	struct session_change change = {
		.caller = caller, .user_number = user_number, .sid = sid, .device = device,
	};
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	*found = false;
	if (err == PT_OK)
		err = session_change_commit(store, run_rename, &change, found);
	if (*found)
		*out = change.row.session;
	return err;
}

static void
run_end(struct store_txn *txn, void *ctx)
{
	struct session_change *change = ctx;

	if (!session_change_begin(txn, change))
		return;
	session_end(txn, change->caller, &change->row, change->reason, 0);
	browser_end_older(txn, change->caller, &change->row.session);
}

static void
run_end_browser(struct store_txn *txn, void *ctx)
{
	struct session_change *change = ctx;
	const struct session *session = &change->row.session;

	if (session_change_begin(txn, change))
		browser_end_user(txn, change->caller, session->device_hash, session->user_number,
		    change->reason);
}

enum pt_err
store_session_end(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice sid, enum reason reason, bool *found)
{
	struct session_change change = {
		.caller = caller, .user_number = user_number, .sid = sid, .reason = reason,
	};

	return session_change_commit(store, run_end, &change, found);
}

enum pt_err
store_browser_end(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice sid, enum reason reason, bool *found)
{
	struct session_change change = {
		.caller = caller, .user_number = user_number, .sid = sid, .reason = reason,
	};

	return session_change_commit(store, run_end_browser, &change, found);
}
