/* The sweep removes what has expired, in short transactions. */
#include "crypto/random.h"
#include "store/audit.h"
#include "store/end.h"
#include "store/link.h"
#include "store/rows/link_row.h"
#include "store/rows/session_row.h"
#include "store/rows/status_row.h"
#include "store/rows/user_row.h"
#include "store/session_standing.h"

#define TIGHT_BUDGET 1	/* if the map is so full that a transaction must touch few pages */
/* one-time links that one call reads: some milliseconds, without the writer */
#define LINK_LOOKS 4096
#define LINK_BATCH 64	/* the most of them that it removes */

/*
 * What the sweep goes through. It takes a record of each kind in turn, so that no kind waits for
 * another's backlog.
 */
enum sweep_kind {
	SWEEP_SESSIONS = 0,
	SWEEP_LINKS,
	SWEEP_STATUS,
	SWEEP_EVENTS,
	SWEEP_KINDS
};

struct sweeping {
	struct store_caller caller;	/* the sweep itself: only a time */
	unsigned budget;
	bool tight;			/* the map is full: make room too */
	unsigned first;			/* the first kind; with a budget of one the only one */
	unsigned handled;
	uint64_t links[LINK_BATCH];	/* users whose links are due */
	unsigned links_due, links_done;
};

/* One session whose entry is due; its end may have moved since the entry was made. */
static void
sweep_session(struct store_txn *txn, const struct sweeping *sweeping, struct session_row *row)
{
	const struct store_caller *caller = &sweeping->caller;
	struct user user;
	enum reason reason;

	if (session_row_due(row, txn_options(txn)) > caller->now.wall_ms) {
		session_row_file(txn, row);
		return;
	}
	if (row->session.ended != REASON_NONE) {
		session_row_remove(txn, row);
		return;
	}
	/* Even if the user's record does not decode, the session's time is over. */
	bool known = session_standing_look(txn, &row->session, caller->now, &user, &reason);

	if (known && reason == REASON_NONE) {
		/* The clock was set: the session has not really lasted that long yet. */
		standing_set_right(&row->session, caller->now);
		session_row_file(txn, row);
		return;
	}
	/* The entry stays where it is: the next sweep moves it, or removes the session. */
	session_end(txn, caller, row, known ? reason : REASON_IDLE, 0);
	if (sweeping->tight && !txn_failed(txn))
		audit_make_room(txn, EVENT_ROOM_SESSIONS);
}

static bool
sweep_one_session(struct store_txn *txn, struct sweeping *sweeping)
{
	struct session_row row;
	enum row_look look = session_row_first_due(txn, sweeping->caller.now.wall_ms, &row);

	if (look == ROW_THERE)
		sweep_session(txn, sweeping, &row);
	return look != ROW_NONE;
}

/* An audit event that is too old, or one too many. */
static bool
sweep_first_event(struct store_txn *txn, int64_t now_ms, struct audit_oldest *oldest)
{
	const struct store_options *options = txn_options(txn);

	if (audit_over(txn, options->audit_max, oldest))
		return true;
	return audit_oldest(txn, now_ms, oldest) && oldest->dated &&
	    now_ms - oldest->event.at > options->audit_keep_ms;
}

static bool
sweep_one_event(struct store_txn *txn, struct sweeping *sweeping)
{
	struct audit_oldest oldest;

	if (!sweep_first_event(txn, sweeping->caller.now.wall_ms, &oldest))
		return false;
	audit_remove_oldest(txn, &oldest);
	return true;
}

/* An index of the status list that no live token has any more. */
static bool
sweep_one_status(struct store_txn *txn, struct sweeping *sweeping)
{
	return status_row_free_over(txn, sweeping->caller.now.wall_ms);
}

static bool
sweep_one_link(struct store_txn *txn, struct sweeping *sweeping)
{
	if (sweeping->links_done >= sweeping->links_due)
		return false;
	link_expire(txn, &sweeping->caller, sweeping->links[sweeping->links_done++]);
	return true;
}

static void
run_sweep(struct store_txn *txn, void *ctx)
{
	/* Each deals with one due record, if there is one. */
	static bool (*const one[SWEEP_KINDS])(struct store_txn *txn, struct sweeping *sweeping) = {
		[SWEEP_SESSIONS] = sweep_one_session,
		[SWEEP_LINKS] = sweep_one_link,
		[SWEEP_STATUS] = sweep_one_status,
		[SWEEP_EVENTS] = sweep_one_event,
	};
	struct sweeping *sweeping = ctx;
	unsigned idle = 0;	/* kinds in a row that have nothing due */

	sweeping->handled = sweeping->links_done = 0;
	for (unsigned kind = sweeping->first; sweeping->handled < sweeping->budget &&
	    idle < SWEEP_KINDS; kind++) {
		bool found = !txn_failed(txn) && one[kind % SWEEP_KINDS](txn, sweeping);

		sweeping->handled += found;
		idle = found ? 0 : idle + 1;
	}
}

/* Where the first walk of this process begins: anywhere, if one call cannot read all links. */
static uint64_t
sweep_begin_links(struct store_txn *txn)
{
	uint64_t from;

	if (link_row_count(txn) <= LINK_LOOKS)
		return 0;
	txn_fail(txn, random_below(user_row_next_number(txn), &from));
	return from;
}

/* Reads a part of the links, from where the last call stopped. Returns whether there are more. */
static bool
sweep_find_links(struct store_txn *txn, struct sweeping *sweeping)
{
	struct sweep_place *place = env_sweep_place(txn->store);
	struct link_walk walk = {
		.now_ms = sweeping->caller.now.wall_ms, .from = atomic_load(&place->links_from),
		.looks = LINK_LOOKS,
	};

	if (walk.from == STORE_ANYWHERE)
		walk.from = sweep_begin_links(txn);
	/* Links before the place where the walk began wait for the next round. */
	bool whole = walk.from == 0 || atomic_load(&place->links_whole);

	while (sweeping->links_due < LINK_BATCH && sweeping->links_due < sweeping->budget &&
	    link_next_due(txn, &walk))
		sweeping->links[sweeping->links_due++] = walk.user_number;
	/* The next call begins where this one began. */
	if (txn_failed(txn))
		return false;
	atomic_store(&place->links_from, walk.ended ? 0 : walk.from);
	atomic_store(&place->links_whole, whole);
	return !walk.ended || !whole;
}

/* Whether there is anything to do. Usually there is not, and the writer is left alone. */
static enum pt_err
sweep_is_needed(struct store *store, struct sweeping *sweeping, bool *needed, bool *more)
{
	const int64_t now_ms = sweeping->caller.now.wall_ms;
	struct audit_oldest oldest;
	struct store_txn txn;

	txn_read_begin(store, &txn);
	*needed = session_row_any_due(&txn, now_ms) || status_row_any_over(&txn, now_ms) ||
	    sweep_first_event(&txn, now_ms, &oldest);
	*more = sweep_find_links(&txn, sweeping);
	*needed = *needed || sweeping->links_due > 0;
	return txn_read_end(&txn);
}

enum pt_err
store_sweep(struct store *store, struct instant now, unsigned budget, struct store_swept *out)
{
	unsigned turn = atomic_fetch_add(&env_sweep_place(store)->sweeps, 1);
	struct sweeping sweeping = { .caller = { .now = now }, .budget = budget,
	    .first = turn % SWEEP_KINDS };
	bool needed, more;

	*out = (struct store_swept){ 0 };
	txn_clear_dead_readers(store);
	enum pt_err err = sweep_is_needed(store, &sweeping, &needed, &more);

	if (err == PT_OK && needed)
		err = commit_change(store, run_sweep, &sweeping);
	if (err == PT_ERR_FULL && budget > TIGHT_BUDGET) {
		sweeping.tight = true;
		sweeping.budget = TIGHT_BUDGET;
		err = commit_change(store, run_sweep, &sweeping);
	}
	if (err == PT_OK)
		*out = (struct store_swept){ sweeping.handled, more || sweeping.handled > 0 };
	return err;
}
