#include "store/settle.h"

#include "store/end.h"
#include "store/audit.h"
#include "store/rows/meta_row.h"
#include "store/session_standing.h"

#define SETTLED_UNKNOWN SLICE("?")	/* no setting: it is no group's name */

#define SETTLE_LOOKS 4096	/* sessions in one snapshot: a few milliseconds */
#define SETTLE_BATCH 64		/* sessions in one transaction of the one writer */
#define SETTLE_BATCH_TIGHT 1	/* in a map so full that a transaction must touch few pages */

struct settling {
	const struct store_caller *caller;
	uint64_t from;		/* sessions numbered below have been looked at */
	uint64_t next;		/* and below this one when the transaction is done */
	bool tight;		/* the map is full: make room as well */
	bool done;
};

static struct slice
settle_setting(const struct store_txn *txn)
{
	return slice_of(txn_options(txn)->otp_required);
}

void
settle_login(struct store_txn *txn)
{
	if (!meta_row_is_settled(txn, settle_setting(txn)))
		meta_row_set_settled(txn, SETTLED_UNKNOWN);
}

static bool
settle_is_unfit(struct store_txn *txn, const struct session_row *row, struct instant now)
{
	struct user user;
	enum reason reason;

	/* Most need no look at their user. */
	if (row->session.ended != REASON_NONE || row->session.methods & (LOGIN_BY_OTP | LOGIN_BY_WEB_SERVER))
		return false;
	/* A user whose record does not decode is let in nowhere. */
	return session_standing_look(txn, &row->session, now, &user, &reason) && reason == REASON_OTP_REQUIRED;
}

/*
 * Passes over those that may go on. Whether the writer is wanted: for the one that settling->from comes to and that
 * may not, or after the last one.
 */
static bool
settle_pass(struct store_txn *txn, struct settling *settling)
{
	struct session_walk walk = session_walk_all(settling->from);
	struct session_row row;

	for (int i = 0; i < SETTLE_LOOKS; i++) {
		if (!session_row_next(txn, &walk, &row))
			return true;
		settling->from = row.session.number;
		if (settle_is_unfit(txn, &row, settling->caller->now))
			return true;
		settling->from = walk.from;
	}
	return false;
}

static void
settle_one(struct store_txn *txn, const struct settling *settling, struct session_row *row)
{
	if (!settle_is_unfit(txn, row, settling->caller->now))
		return;
	session_end(txn, settling->caller, row, REASON_OTP_REQUIRED, 0);
	if (settling->tight && !txn_failed(txn))
		audit_make_room(txn, EVENT_ROOM_SESSIONS);
}

/*
 * A batch; and, where the last session is in it, the note that all have been looked through: no login can come in
 * between.
 */
static void
run_settle(struct store_txn *txn, void *ctx)
{
	struct settling *settling = ctx;
	struct session_walk walk = session_walk_all(settling->from);
	struct session_row row;

	settling->done = false;
	for (int i = 0; !settling->done && i < (settling->tight ? SETTLE_BATCH_TIGHT : SETTLE_BATCH); i++) {
		settling->done = !session_row_next(txn, &walk, &row);
		if (settling->done)
			meta_row_set_settled(txn, settle_setting(txn));
		else
			settle_one(txn, settling, &row);
	}
	settling->next = walk.from;
}

/* What can be seen without writing; *look says whether the writer is wanted. */
static enum pt_err
settle_look(struct store *store, struct settling *settling, bool *look)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	settling->done = meta_row_is_settled(&txn, settle_setting(&txn));
	*look = !settling->done && settle_pass(&txn, settling);
	return txn_read_end(&txn);
}

enum pt_err
store_settle(struct store *store, struct instant now, uint64_t *position, bool *done)
{
	const struct store_caller caller = { .now = now };
	struct settling settling = { .caller = &caller, .from = *position };
	bool look;
	enum pt_err err = settle_look(store, &settling, &look);

	settling.next = settling.from;
	if (err == PT_OK && look)
		err = commit_change(store, run_settle, &settling);
	if (err == PT_ERR_FULL) {
		settling.tight = true;
		err = commit_change(store, run_settle, &settling);
	}
	*done = err == PT_OK && settling.done;
	if (err == PT_OK)
		*position = settling.next;
	return err;
}
