/* The counters: what is given out in sequence is never given again, and what lives is counted right. */
#include "store/care/mend.h"

#include <string.h>

#define MEND_MARGIN 1048576	/* numbers passed over where it is not known which were given last */

static enum pt_err
last_number(const struct store_txn *txn, enum table table, uint64_t *least)
{
	struct key none = key_none();
	uint64_t number;
	bool found;
	enum pt_err err = table_prev(txn, table, &none, UINT64_MAX, &number, &found);

	if (err == PT_OK && found && number >= *least)
		*least = number + 1;
	return err;
}

/* Nothing that was given may be given again: what was given to records that are gone is passed over by a margin. */
static enum pt_err
counters_guess(const struct store_txn *txn, int64_t now_ms, struct counters *out)
{
	enum pt_err err;
	uint64_t indices = 0;

	*out = (struct counters){ .next_user = 1, .next_session = 1, .next_event = 1 };
	err = last_number(txn, TABLE_USERS, &out->next_user);
	if (err == PT_OK)
		err = last_number(txn, TABLE_SESSIONS, &out->next_session);
	if (err == PT_OK)
		err = last_number(txn, TABLE_EVENTS, &out->next_event);
	if (err == PT_OK)
		err = last_number(txn, TABLE_STATUS, &indices);
	out->next_user += MEND_MARGIN;
	out->next_session += MEND_MARGIN;
	out->next_event += MEND_MARGIN;
	/* Never less than before: there were more indices than the highest that is held, and twice as many as were held. */
	out->status_capacity = STATUS_LEAST_CAPACITY;
	while (out->status_capacity < indices)
		out->status_capacity *= 2;
	out->status_version = (uint64_t)now_ms;
	return err;
}

/* Counts what lives by the index that holds just these. */
static enum pt_err
run_counters(struct store_txn *txn, void *ctx)
{
	struct mending *m = ctx;
	struct counters counters, before = { 0 };
	uint64_t live;
	enum pt_err err = meta_counters(txn, &counters);

	m->text[0] = '\0';
	if (err == PT_ERR_CORRUPT)
		err = counters_guess(txn, m->caller.now.wall_ms, &counters);
	else
		before = counters;
	if (err == PT_OK)
		err = table_count(txn, TABLE_DEVICES, &live);
	if (err == PT_OK)
		err = last_number(txn, TABLE_SESSIONS, &counters.next_session);
	if (err == PT_OK)
		err = last_number(txn, TABLE_USERS, &counters.next_user);
	if (err == PT_OK)
		err = last_number(txn, TABLE_EVENTS, &counters.next_event);
	if (err != PT_OK)
		return err;
	counters.live_sessions = live;
	if (memcmp(&counters, &before, sizeof counters) == 0)
		return PT_OK;
	mend_did(m, "the counters were made anew");
	return meta_set_counters(txn, &counters);
}

enum pt_err
mend_counters(struct mending *m)
{
	enum pt_err err = commit_run(m->store, run_counters, m);

	if (err == PT_OK)
		mend_said(m);
	return err;
}
