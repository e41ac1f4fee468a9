/*
 * The counters: what is given out in sequence is never given again, and what lives is counted
 * right.
 */
#include "store/care/mend.h"

#include <string.h>

#include "store/rows/counters.h"
#include "store/rows/status_row.h"

/* numbers passed over where it is not known which were given last */
#define MEND_MARGIN 1048576

/* The number after the last of the table, if that is more than least. */
static uint64_t
number_after(struct store_txn *txn, enum table table, uint64_t least)
{
	struct key none = key_none();
	uint64_t last;

	return entry_prev(txn, table, &none, UINT64_MAX, &last) && last >= least ? last + 1 : least;
}

/*
 * Nothing that was given may be given again: what was given to records that are gone is passed over
 * by a margin.
 */
static struct counters
counters_guess(struct store_txn *txn, int64_t now_ms)
{
	struct counters counters = {
		.next_user = number_after(txn, TABLE_USERS, 1) + MEND_MARGIN,
		.next_session = number_after(txn, TABLE_SESSIONS, 1) + MEND_MARGIN,
		.next_event = number_after(txn, TABLE_EVENTS, 1) + MEND_MARGIN,
		.status_capacity = STATUS_LEAST_CAPACITY,
		.status_version = (uint64_t)now_ms,
	};
	uint64_t indices = number_after(txn, TABLE_STATUS, 0);

	/* Never less than before: indices are dealt out of twice as many as are held. */
	while (counters.status_capacity < indices)
		counters.status_capacity *= 2;
	return counters;
}

static void
run_counters(struct store_txn *txn, void *ctx)
{
	struct mending *m = ctx;
	struct counters counters, before = { 0 };

	m->text[0] = '\0';
	if (counters_look(txn, &counters) == ROW_THERE)
		before = counters;
	else
		counters = counters_guess(txn, m->caller.now.wall_ms);
	counters.next_session = number_after(txn, TABLE_SESSIONS, counters.next_session);
	counters.next_user = number_after(txn, TABLE_USERS, counters.next_user);
	counters.next_event = number_after(txn, TABLE_EVENTS, counters.next_event);
	/* The index of devices holds those sessions that live, and no others. */
	counters.live_sessions = entry_count(txn, TABLE_DEVICES);
	if (memcmp(&counters, &before, sizeof(counters)) == 0)
		return;
	mend_did(m, "the counters were made anew");
	counters_put(txn, &counters);
}

enum pt_err
mend_counters(struct mending *m)
{
	enum pt_err err = commit_change(m->store, run_counters, m);

	if (err == PT_OK)
		mend_said(m);
	return err;
}
