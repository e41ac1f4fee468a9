/*
 * Sessions whose dates lie ahead of the clock, since a wrong clock wrote them. A look at such a
 * session assumes that its dates count from now, so a session that nobody uses would stand for as
 * long as that clock was ahead. A walk through all sessions, a few at a time, writes what a look
 * only assumes.
 *
 * See DESIGN.md, Sessions ahead of the clock.
 */
#include "core/standing.h"
#include "crypto/random.h"
#include "store/rows/session_row.h"

#define AHEAD_BATCH 64	/* sessions that one transaction brings back */

struct bringing {
	struct store_caller caller;	/* the walk itself: a time and nothing else */
	uint64_t from;
	bool ended;			/* there are no others */
	uint64_t numbers[AHEAD_BATCH];
	unsigned count, brought;
};

/* A clock may be this far behind after a reboot without a battery, which is no reason to write. */
static bool
lies_ahead(const struct session *session, struct instant now)
{
	if (session->ended != REASON_NONE)
		return session->ended_at > now.wall_ms + CLOCK_SLACK_MS;
	return standing_leap_ms(session, now) < -CLOCK_SLACK_MS;
}

/*
 * Where a process that answers only one request begins its walk: not always with the same sessions.
 */
static uint64_t
begin_anywhere(struct store_txn *txn)
{
	uint64_t from;

	txn_fail(txn, random_below(session_row_next_number(txn), &from));
	return from;
}

static void
find_ahead(struct store_txn *txn, struct bringing *bringing, unsigned looks)
{
	if (bringing->from == STORE_ANYWHERE)
		bringing->from = begin_anywhere(txn);
	struct session_walk walk = session_walk_all(bringing->from);
	struct session_row row;

	for (; looks > 0 && bringing->count < AHEAD_BATCH; looks--) {
		bringing->ended = !session_row_next(txn, &walk, &row);
		if (bringing->ended)
			break;
		if (lies_ahead(&row.session, bringing->caller.now))
			bringing->numbers[bringing->count++] = row.session.number;
	}
	bringing->from = walk.from;
}

/* It may have been used or removed since it was found. */
static void
bring_one(struct store_txn *txn, struct bringing *bringing, uint64_t number)
{
	const struct instant now = bringing->caller.now;
	struct session_row row;

	if (session_row_look(txn, number, &row) != ROW_THERE || !lies_ahead(&row.session, now))
		return;
	if (row.session.ended != REASON_NONE) {
		row.session.ended_at = now.wall_ms;
	} else {
		standing_set_right(&row.session, now);
		/* should this clock be the wrong one, its dates go with it */
		row.session.seen_at = now.stamp;
	}
	bringing->brought++;
	session_row_put(txn, &row);
}

static void
run_bring(struct store_txn *txn, void *ctx)
{
	struct bringing *bringing = ctx;

	bringing->brought = 0;
	for (unsigned i = 0; i < bringing->count; i++)
		bring_one(txn, bringing, bringing->numbers[i]);
}

enum pt_err
store_bring_back(struct store *store, struct instant now, unsigned looks, uint64_t *position,
    unsigned *brought)
{
	struct bringing bringing = { .caller = { .now = now }, .from = *position };
	struct store_txn txn;

	*brought = 0;
	txn_read_begin(store, &txn);
	find_ahead(&txn, &bringing, looks);
	enum pt_err err = txn_read_end(&txn);

	if (err == PT_OK && bringing.count > 0)
		err = room_check(store, ROOM_FOR_REFRESH);
	if (err == PT_OK && bringing.count > 0)
		err = commit_change(store, run_bring, &bringing);
	/* Where there is no room, this waits for the next round. */
	if (err != PT_OK && err != PT_ERR_FULL)
		return err;
	*brought = err == PT_OK ? bringing.brought : 0;
	*position = bringing.ended ? 0 : bringing.from;
	return PT_OK;
}
