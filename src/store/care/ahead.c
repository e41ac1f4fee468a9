/*
 * Sessions whose dates lie ahead of the clock, as a clock that was wrong left them. Whoever looks at one counts it
 * from now, so that one that nobody uses would stand for as long as the clock was ahead. A walk through all sessions,
 * some at a time, writes the dates that a look only assumes.
 */
#include "store/internal.h"

#include "crypto/random.h"

#define AHEAD_BATCH 64	/* sessions that one transaction brings back */

struct bringing {
	struct store_caller caller;	/* the walk itself: a time and nothing else */
	uint64_t from;
	bool ended;			/* there are no others */
	uint64_t numbers[AHEAD_BATCH];
	unsigned count, brought;
};

/* A clock that is as far behind as one that was rebooted without its battery may be: that is no reason to write. */
static bool
lies_ahead(const struct session *session, struct instant now)
{
	if (session->ended != REASON_NONE)
		return session->ended_at > now.wall_ms + CLOCK_SLACK_MS;
	return standing_leap_ms(session, now) < -CLOCK_SLACK_MS;
}

/* Where a walk of a process that answers one request only begins: not always with the same sessions. */
static enum pt_err
begin_anywhere(const struct store_txn *txn, uint64_t *from)
{
	struct counters counters;
	uint64_t chance = 0;
	enum pt_err err = meta_counters(txn, &counters);

	if (err == PT_OK)
		err = random_bytes(&chance, sizeof chance);
	*from = err == PT_OK && counters.next_session > 0 ? chance % counters.next_session : 0;
	return err;
}

static enum pt_err
find_ahead(const struct store_txn *txn, struct bringing *bringing, unsigned looks)
{
	const struct key none = key_none();
	enum pt_err err = bringing->from == STORE_ANYWHERE ? begin_anywhere(txn, &bringing->from) : PT_OK;
	struct session_row row;
	bool found = true;

	for (; err == PT_OK && found && looks > 0 && bringing->count < AHEAD_BATCH; looks--) {
		err = old_session_row_next(txn, TABLE_SESSIONS, &none, &bringing->from, &row, &found);
		if (err == PT_OK && found && lies_ahead(&row.session, bringing->caller.now))
			bringing->numbers[bringing->count++] = row.session.number;
	}
	bringing->ended = !found;
	return err;
}

/* It may have been used or removed since it was found. */
static enum pt_err
bring_one(struct store_txn *txn, struct bringing *bringing, uint64_t number)
{
	const struct instant now = bringing->caller.now;
	struct session_row row;
	bool found;
	enum pt_err err = old_session_row_get(txn, number, &row, &found);

	if (err != PT_OK || !found || !lies_ahead(&row.session, now))
		return err == PT_ERR_CORRUPT ? PT_OK : err;
	if (row.session.ended != REASON_NONE) {
		row.session.ended_at = now.wall_ms;
	} else {
		standing_set_right(&row.session, now);
		row.session.seen_at = now.stamp;	/* should this clock be the wrong one, its dates go with it */
	}
	bringing->brought++;
	return old_session_row_put(txn, &row);
}

static enum pt_err
run_bring(struct store_txn *txn, void *ctx)
{
	struct bringing *bringing = ctx;
	enum pt_err err = PT_OK;

	bringing->brought = 0;
	for (unsigned i = 0; err == PT_OK && i < bringing->count; i++)
		err = bring_one(txn, bringing, bringing->numbers[i]);
	return err;
}

enum pt_err
store_bring_back(struct store *store, struct instant now, unsigned looks, uint64_t *position, unsigned *brought)
{
	struct bringing bringing = { .caller = { .now = now }, .from = *position };
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	*brought = 0;
	if (err != PT_OK)
		return err;
	err = find_ahead(&txn, &bringing, looks);
	txn_read_end(&txn);
	if (err == PT_OK && bringing.count > 0)
		err = room_check(store, ROOM_FOR_REFRESH);
	if (err == PT_OK && bringing.count > 0)
		err = commit_run(store, run_bring, &bringing);
	/* Where there is no room, this waits for the next round. */
	if (err != PT_OK && err != PT_ERR_FULL)
		return err;
	*brought = err == PT_OK ? bringing.brought : 0;
	*position = bringing.ended ? 0 : bringing.from;
	return PT_OK;
}
