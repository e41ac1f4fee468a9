#include "store/end.h"

#include "store/audit.h"

/* How many sessions one transaction ends, if everybody's end. */
#define END_BATCH 256
#define END_BATCH_TIGHT 1	/* if the map is so full that a transaction must touch few pages */

static enum event_kind
event_of(enum reason reason)
{
	if (reason == REASON_REUSED || reason == REASON_TOO_FAR_AHEAD)
		return EVENT_TOKEN_REUSED;
	return reason == REASON_LOGOUT ? EVENT_LOGOUT : EVENT_SESSION_ENDED;
}

void
session_end(struct store_txn *txn, const struct store_caller *caller, struct session_row *row,
    enum reason reason, uint32_t rule)
{
	struct session *session = &row->session;
	struct event event = audit_event(caller, event_of(reason));
	bool by_time = reason == REASON_IDLE || reason == REASON_ABSOLUTE;

	session->ended = reason;
	session->ended_at = caller->now.wall_ms;
	if (by_time && standing_end(session) < session->ended_at)
		session->ended_at = standing_end(session);
	session_row_put_end(txn, row, caller->now.wall_ms);
	event.reason = reason;
	event.rule = rule;
	if (!txn_failed(txn))
		audit_add_session(txn, event, session);
}

uint64_t
session_end_all(struct store_txn *txn, const struct store_caller *caller, uint64_t user_number,
    uint64_t keep, enum reason reason)
{
	struct session_walk walk = session_walk_user(user_number);
	struct session_row row;
	uint64_t count = 0;

	while (session_row_next(txn, &walk, &row)) {
		if (row.session.number == keep || row.session.ended != REASON_NONE)
			continue;
		session_end(txn, caller, &row, reason, 0);
		count++;
	}
	return count;
}

struct ending {
	const struct store_caller *caller;
	uint64_t user_number;
	uint64_t keep;
	enum reason reason;
	uint64_t from, upto;	/* the range of numbers, if everybody's sessions end */
	uint64_t next;		/* where the next transaction begins */
	bool tight;		/* the map is full: make room too */
	uint64_t count;
};

static void
run_end_user(struct store_txn *txn, void *ctx)
{
	struct ending *ending = ctx;

	ending->count = session_end_all(txn, ending->caller, ending->user_number, ending->keep,
	    ending->reason);
}

static void
run_end_batch(struct store_txn *txn, void *ctx)
{
	struct ending *ending = ctx;
	struct session_walk walk = session_walk_all(ending->from);
	struct session_row row;

	ending->count = 0;
	for (int i = 0; i < (ending->tight ? END_BATCH_TIGHT : END_BATCH); i++) {
		if (!session_row_next(txn, &walk, &row) || row.session.number >= ending->upto) {
			ending->next = ending->upto;
			return;
		}
		if (row.session.ended != REASON_NONE || row.session.number == ending->keep)
			continue;
		session_end(txn, ending->caller, &row, ending->reason, 0);
		if (ending->tight && !txn_failed(txn))
			audit_make_room(txn, EVENT_ROOM_SESSIONS);
		ending->count++;
	}
	ending->next = walk.from;
}

/*
 * Ends everybody's sessions in batches: a million in one transaction would occupy the only writer
 * for long.
 */
static enum pt_err
end_everybody(struct store *store, struct ending *ending)
{
	struct store_txn txn;
	uint64_t total = 0;

	/* Sessions that begin later are not ended. */
	txn_read_begin(store, &txn);
	ending->upto = session_row_next_number(&txn);
	enum pt_err err = txn_read_end(&txn);

	while (err == PT_OK && ending->from < ending->upto) {
		err = commit_change(store, run_end_batch, ending);
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
		.caller = caller, .user_number = user_number, .keep = keep_session,
		.reason = reason, .from = 1,
	};
	enum pt_err err = user_number ? commit_change(store, run_end_user, &ending) :
	    end_everybody(store, &ending);

	if (count)
		*count = ending.count;
	return err;
}
