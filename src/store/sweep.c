/* Care: what has expired goes, in short transactions; and the figures of the store. */
#include "store/internal.h"

#include "crypto/random.h"

#define TIGHT_BUDGET 1	/* in a map so full that a transaction must touch few pages */
#define LINK_LOOKS 4096	/* one-time links that one call looks at: some milliseconds, without the writer */
#define LINK_BATCH 64	/* and of which it removes no more */

/* What the sweep goes through, a record of each in turn: a backlog of one keeps none of the others waiting. */
enum sweep_kind {
	SWEEP_SESSIONS = 0,
	SWEEP_LINKS,
	SWEEP_STATUS,
	SWEEP_EVENTS,
	SWEEP_KINDS
};

struct sweeping {
	struct store_caller caller;	/* the sweep itself: a time and nothing else */
	unsigned budget;
	bool tight;			/* the map is full: make room as well */
	unsigned first;			/* the kind that begins: with a budget of one it is the only one */
	unsigned handled;
	uint64_t links[LINK_BATCH];	/* users whose links were found due */
	unsigned links_due, links_done;
};

/* The entry of the expiry index that comes first, if its time has come. */
static enum pt_err
sweep_first_due(const struct store_txn *txn, int64_t now_ms, struct key *at, bool *found)
{
	struct key first = key_none();
	enum pt_err err = table_ceil(txn, TABLE_EXPIRY, &first, at, NULL, found);

	if (err != PT_OK || !*found)
		return err;
	/* What is no entry of ours is taken away at once. */
	*found = at->len != 16 || (now_ms >= 0 && record_get_u64(at->bytes) <= (uint64_t)now_ms);
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

	if (err == PT_ERR_CORRUPT)
		reason = REASON_NONE;	/* the user's record: its time is over all the same */
	else if (err != PT_OK)
		return err;
	if (err == PT_OK && reason == REASON_NONE) {
		/* The clock was set: what it says is over has not lasted so long yet. */
		standing_set_right(&row->session, caller->now);
		return session_row_file(txn, row);
	}
	/* The entry stays where it is: the next look files it again, or removes the session. */
	err = session_row_end(txn, caller, row, reason != REASON_NONE ? reason : REASON_IDLE, 0);
	return err == PT_OK && sweeping->tight ? audit_make_room(txn, EVENT_ROOM_SESSIONS) : err;
}

/* A session that does not decode is filed where no sweep comes: store_verify reports it, store_mend removes it. */
static enum pt_err
sweep_set_aside(struct store_txn *txn, const struct key *at, uint64_t number)
{
	struct key aside = key_pair(INT64_MAX, number);
	enum pt_err err = table_del(txn, TABLE_EXPIRY, at);

	return err != PT_OK ? err : table_put(txn, TABLE_EXPIRY, &aside, SLICE(""));
}

static enum pt_err
sweep_one_session(struct store_txn *txn, struct sweeping *sweeping, bool *found)
{
	struct session_row row;
	struct key at;
	enum pt_err err = sweep_first_due(txn, sweeping->caller.now.wall_ms, &at, found);

	if (err != PT_OK || !*found)
		return err;
	if (at.len != 16)
		return table_del(txn, TABLE_EXPIRY, &at);
	uint64_t number = record_get_u64(at.bytes + 8);
	bool there;

	err = session_row_get(txn, number, &row, &there);
	if (err == PT_ERR_CORRUPT)
		return sweep_set_aside(txn, &at, number);
	if (err != PT_OK)
		return err;
	if (there && (uint64_t)row.filed_at == record_get_u64(at.bytes))
		return sweep_session(txn, sweeping, &row);
	return table_del(txn, TABLE_EXPIRY, &at);	/* of no session: damage, and no reason to stop */
}

/* The audit event that is older, or one more, than is kept. */
static enum pt_err
sweep_first_event(const struct store_txn *txn, int64_t now_ms, struct audit_oldest *oldest, bool *found)
{
	const struct store_options *options = &txn->store->options;
	enum pt_err err = audit_over(txn, options->audit_max, oldest, found);

	if (err != PT_OK || *found)
		return err;
	err = audit_oldest(txn, now_ms, oldest, found);
	if (err == PT_OK && *found)
		*found = oldest->dated && now_ms - oldest->event.at > options->audit_keep_ms;
	return err;
}

static enum pt_err
sweep_one_event(struct store_txn *txn, struct sweeping *sweeping, bool *found)
{
	struct audit_oldest oldest;
	enum pt_err err = sweep_first_event(txn, sweeping->caller.now.wall_ms, &oldest, found);

	return err != PT_OK || !*found ? err : audit_remove_oldest(txn, &oldest);
}

/* An index of the status list that no token can hold any more. */
static enum pt_err
sweep_one_status(struct store_txn *txn, struct sweeping *sweeping, bool *found)
{
	struct key at;
	enum pt_err err = status_first_over(txn, sweeping->caller.now.wall_ms, &at, found);

	return err != PT_OK || !*found ? err : status_free(txn, &at);
}

static enum pt_err
sweep_one_link(struct store_txn *txn, struct sweeping *sweeping, bool *found)
{
	*found = sweeping->links_done < sweeping->links_due;
	return *found ? link_expire(txn, &sweeping->caller, sweeping->links[sweeping->links_done++]) : PT_OK;
}

static enum pt_err
run_sweep(struct store_txn *txn, void *ctx)
{
	static enum pt_err (*const one[SWEEP_KINDS])(struct store_txn *txn, struct sweeping *sweeping, bool *found) = {
		[SWEEP_SESSIONS] = sweep_one_session,
		[SWEEP_LINKS] = sweep_one_link,
		[SWEEP_STATUS] = sweep_one_status,
		[SWEEP_EVENTS] = sweep_one_event,
	};
	struct sweeping *sweeping = ctx;
	unsigned idle = 0;	/* kinds in a row that have nothing */
	enum pt_err err = PT_OK;

	sweeping->handled = sweeping->links_done = 0;
	for (unsigned kind = sweeping->first; sweeping->handled < sweeping->budget && idle < SWEEP_KINDS; kind++) {
		bool found = false;

		err = one[kind % SWEEP_KINDS](txn, sweeping, &found);
		if (err != PT_OK)
			return err;
		sweeping->handled += found;
		idle = found ? 0 : idle + 1;
	}
	return err;
}

/* Where the first walk of this process begins: anywhere, if one call does not look at all of them. */
static enum pt_err
sweep_begin_links(const struct store_txn *txn, uint64_t *from)
{
	struct counters counters;
	uint64_t count, chance = 0;
	enum pt_err err = table_count(txn, TABLE_LINKS, &count);

	*from = 0;
	if (err != PT_OK || count <= LINK_LOOKS)
		return err;
	err = meta_counters(txn, &counters);
	if (err == PT_OK)
		err = random_bytes(&chance, sizeof chance);
	*from = err == PT_OK && counters.next_user > 0 ? chance % counters.next_user : 0;
	return err;
}

/* Looks at a part of the links, from where the last call left off; *more says that there are others to be looked at. */
static enum pt_err
sweep_find_links(const struct store_txn *txn, struct sweeping *sweeping, bool *more)
{
	struct store *store = txn->store;
	struct link_walk walk = {
		.now_ms = sweeping->caller.now.wall_ms, .from = atomic_load(&store->links_from), .looks = LINK_LOOKS,
	};
	enum pt_err err = walk.from == LINKS_FROM_ANYWHERE ? sweep_begin_links(txn, &walk.from) : PT_OK;
	/* What comes before the place where the walk began waits for the next round. */
	bool whole = walk.from == 0 || atomic_load(&store->links_whole), found = true;

	while (err == PT_OK && found && sweeping->links_due < LINK_BATCH && sweeping->links_due < sweeping->budget) {
		err = link_next_due(txn, &walk, &found);
		if (err == PT_OK && found)
			sweeping->links[sweeping->links_due++] = walk.user_number;
	}
	atomic_store(&store->links_from, walk.ended ? 0 : walk.from);
	*more = !walk.ended || !whole;
	atomic_store(&store->links_whole, whole);
	return err;
}

/* Whether there is anything to do: mostly there is not, and the writer is left alone. */
static enum pt_err
sweep_is_needed(struct store *store, struct sweeping *sweeping, bool *needed, bool *more)
{
	const int64_t now_ms = sweeping->caller.now.wall_ms;
	struct audit_oldest oldest;
	struct store_txn txn;
	struct key at;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	err = sweep_first_due(&txn, now_ms, &at, needed);
	if (err == PT_OK && !*needed)
		err = status_first_over(&txn, now_ms, &at, needed);
	if (err == PT_OK && !*needed)
		err = sweep_first_event(&txn, now_ms, &oldest, needed);
	if (err == PT_OK)
		err = sweep_find_links(&txn, sweeping, more);
	*needed = *needed || sweeping->links_due > 0;
	txn_read_end(&txn);
	return err;
}

enum pt_err
store_sweep(struct store *store, struct instant now, unsigned budget, struct store_swept *out)
{
	struct sweeping sweeping = {
		.caller = { .now = now }, .budget = budget, .first = atomic_fetch_add(&store->sweeps, 1) % SWEEP_KINDS,
	};
	bool needed, more = false;

	*out = (struct store_swept){ 0 };
	txn_clear_dead_readers(store);
	enum pt_err err = sweep_is_needed(store, &sweeping, &needed, &more);

	if (err == PT_OK && needed)
		err = commit_run(store, run_sweep, &sweeping);
	if (err == PT_ERR_FULL && budget > TIGHT_BUDGET) {
		sweeping.tight = true;
		sweeping.budget = TIGHT_BUDGET;
		err = commit_run(store, run_sweep, &sweeping);
	}
	if (err == PT_OK)
		*out = (struct store_swept){ sweeping.handled, more || sweeping.handled > 0 };
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
	MDB_stat stat;
	enum pt_err err = txn_read_begin(store, &txn);

	*out = (struct store_stats){ .schema = RECORD_SCHEMA };
	if (err != PT_OK)
		return err;
	err = stats_count(&txn, out);
	if (err == PT_OK)
		err = env_err(store, mdb_env_info(store->env, &info), "read the environment's figures");
	if (err == PT_OK)
		err = env_err(store, mdb_env_stat(store->env, &stat), "read the environment's figures");
	txn_read_end(&txn);
	if (err != PT_OK)
		return err;
	out->map_bytes = info.me_mapsize;
	out->file_bytes = (info.me_last_pgno + 1) * stat.ms_psize;
	out->readers = info.me_numreaders;
	out->readers_max = info.me_maxreaders;
	out->commits = atomic_load(&store->queue.commits);
	out->changes = atomic_load(&store->queue.changes);
	out->largest_group = atomic_load(&store->queue.largest);
	return PT_OK;
}
