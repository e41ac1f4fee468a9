/* Care: what has expired goes, in short transactions; and the figures of the store. */
#include "store/internal.h"

#define TIGHT_BUDGET 1	/* in a map so full that a transaction must touch few pages */

struct sweeping {
	struct store_caller caller;	/* the sweep itself: a time and nothing else */
	unsigned budget;
	bool tight;			/* the map is full: make room as well */
	unsigned handled;
};

/* The entry of the expiry index that comes first, if its time has come. */
static enum pt_err
sweep_first_due(const struct store_txn *txn, int64_t now_ms, struct key *at, bool *found)
{
	struct key first = key_none();
	enum pt_err err = table_ceil(txn, TABLE_EXPIRY, &first, at, NULL, found);

	if (err != PT_OK || !*found)
		return err;
	if (at->len != 16)
		return PT_ERR_CORRUPT;
	*found = now_ms >= 0 && record_get_u64(at->bytes) <= (uint64_t)now_ms;
	return PT_OK;
}

/* One session whose entry has come up: its end may have moved since it was filed. */
static enum pt_err
sweep_session(struct store_txn *txn, const struct sweeping *sweeping, struct session_row *row)
{
	const struct store_caller *caller = &sweeping->caller;
	struct user user;
	enum reason reason;

	if (session_row_due(row, &txn->store->options) > caller->now.wall_ms)
		return session_row_file(txn, row);
	if (row->session.ended != REASON_NONE)
		return session_row_remove(txn, row);
	enum pt_err err = session_row_standing(txn, &row->session, caller->now, &user, &reason);

	if (err != PT_OK)
		return err;
	/* The entry stays where it is: the next look files it again, or removes the session. */
	err = session_row_end(txn, caller, row, reason != REASON_NONE ? reason : REASON_IDLE, 0);
	return err == PT_OK && sweeping->tight ? audit_make_room(txn) : err;
}

static enum pt_err
sweep_sessions(struct store_txn *txn, struct sweeping *sweeping)
{
	struct session_row row;
	struct key at;
	bool found;

	for (; sweeping->handled < sweeping->budget; sweeping->handled++) {
		enum pt_err err = sweep_first_due(txn, sweeping->caller.now.wall_ms, &at, &found);

		if (err != PT_OK || !found)
			return err;
		err = session_row_get(txn, record_get_u64(at.bytes + 8), &row, &found);
		if (err != PT_OK)
			return err;
		if (found && (uint64_t)row.filed_at == record_get_u64(at.bytes))
			err = sweep_session(txn, sweeping, &row);
		else
			err = table_del(txn, TABLE_EXPIRY, &at);	/* of no session: damage, and no reason to stop */
		if (err != PT_OK)
			return err;
	}
	return PT_OK;
}

/* The oldest audit event, if it is older, or one more, than is kept. */
static enum pt_err
sweep_first_event(const struct store_txn *txn, int64_t now_ms, struct event *event, bool *found)
{
	const struct store_options *options = &txn->store->options;
	uint64_t count;
	enum pt_err err = table_count(txn, TABLE_EVENTS, &count);

	if (err == PT_OK)
		err = audit_oldest(txn, event, found);
	if (err == PT_OK && *found)
		*found = count > options->audit_max || now_ms - event->at > options->audit_keep_ms;
	return err;
}

static enum pt_err
sweep_events(struct store_txn *txn, struct sweeping *sweeping)
{
	struct event event;
	bool found;

	for (; sweeping->handled < sweeping->budget; sweeping->handled++) {
		enum pt_err err = sweep_first_event(txn, sweeping->caller.now.wall_ms, &event, &found);

		if (err != PT_OK || !found)
			return err;
		err = audit_remove(txn, &event);
		if (err != PT_OK)
			return err;
	}
	return PT_OK;
}

/* Indices of the status list that no token can hold any more. */
static enum pt_err
sweep_status(struct store_txn *txn, struct sweeping *sweeping)
{
	struct key at;
	bool found;

	for (; sweeping->handled < sweeping->budget; sweeping->handled++) {
		enum pt_err err = status_first_over(txn, sweeping->caller.now.wall_ms, &at, &found);

		if (err == PT_OK && found)
			err = status_free(txn, &at);
		if (err != PT_OK || !found)
			return err;
	}
	return PT_OK;
}

static enum pt_err
sweep_links(struct store_txn *txn, struct sweeping *sweeping)
{
	const struct store_caller *caller = &sweeping->caller;
	uint64_t number = 0;
	bool found;

	for (; sweeping->handled < sweeping->budget; sweeping->handled++) {
		enum pt_err err = link_next_due(txn, caller->now.wall_ms, &number, &found);

		if (err == PT_OK && found)
			err = link_expire(txn, caller, number);
		if (err != PT_OK || !found)
			return err;
	}
	return PT_OK;
}

static enum pt_err
run_sweep(struct store_txn *txn, void *ctx)
{
	struct sweeping *sweeping = ctx;

	sweeping->handled = 0;
	enum pt_err err = sweep_sessions(txn, sweeping);

	if (err == PT_OK)
		err = sweep_links(txn, sweeping);

	if (err == PT_OK)
		err = sweep_status(txn, sweeping);
	return err != PT_OK ? err : sweep_events(txn, sweeping);
}

/* Whether there is anything to do: mostly there is not, and the writer is left alone. */
static enum pt_err
sweep_is_needed(struct store *store, int64_t now_ms, bool *needed)
{
	struct store_txn txn;
	struct event event;
	struct key at;
	uint64_t link = 0;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	err = sweep_first_due(&txn, now_ms, &at, needed);
	if (err == PT_OK && !*needed)
		err = status_first_over(&txn, now_ms, &at, needed);
	if (err == PT_OK && !*needed)
		err = sweep_first_event(&txn, now_ms, &event, needed);
	if (err == PT_OK && !*needed)
		err = link_next_due(&txn, now_ms, &link, needed);
	txn_read_end(&txn);
	return err;
}

enum pt_err
store_sweep(struct store *store, struct instant now, unsigned budget, unsigned *handled)
{
	struct sweeping sweeping = { .caller = { .now = now }, .budget = budget };
	bool needed;

	*handled = 0;
	txn_clear_dead_readers(store);
	enum pt_err err = sweep_is_needed(store, now.wall_ms, &needed);

	if (err != PT_OK || !needed)
		return err;
	err = commit_run(store, run_sweep, &sweeping);
	if (err == PT_ERR_FULL && budget > TIGHT_BUDGET) {
		sweeping.tight = true;
		sweeping.budget = TIGHT_BUDGET;
		err = commit_run(store, run_sweep, &sweeping);
	}
	if (err == PT_OK)
		*handled = sweeping.handled;
	return err;
}

static enum pt_err
stats_count(const struct store_txn *txn, struct store_stats *out)
{
	struct counters counters;
	enum pt_err err = table_count(txn, TABLE_USERS, &out->users);

	if (err == PT_OK)
		err = table_count(txn, TABLE_SESSIONS, &out->sessions);
	if (err == PT_OK)
		err = table_count(txn, TABLE_EVENTS, &out->events);
	if (err == PT_OK)
		err = meta_counters(txn, &counters);
	if (err == PT_OK)
		out->sessions_live = counters.live_sessions;
	return err == PT_OK ? room_used(txn, &out->used_bytes) : err;
}

enum pt_err
store_stats(struct store *store, struct store_stats *out)
{
	struct store_txn txn;
	MDB_envinfo info;
	enum pt_err err = txn_read_begin(store, &txn);

	*out = (struct store_stats){ .schema = RECORD_SCHEMA };
	if (err != PT_OK)
		return err;
	err = stats_count(&txn, out);
	if (err == PT_OK)
		err = env_err(store, mdb_env_info(store->env, &info), "read the environment's figures");
	txn_read_end(&txn);
	if (err != PT_OK)
		return err;
	out->map_bytes = info.me_mapsize;
	out->readers = info.me_numreaders;
	out->readers_max = info.me_maxreaders;
	out->commits = atomic_load(&store->queue.commits);
	out->changes = atomic_load(&store->queue.changes);
	out->largest_group = atomic_load(&store->queue.largest);
	return PT_OK;
}
