/*
 * Who must have a second factor is a setting. A session that lacks one stands no
 * more under another setting, for whoever asks here; but the status list tells
 * only of ends that are recorded. So the store remembers under which setting all
 * sessions have been looked through, and where that is another one they are
 * looked through again, once.
 *
 * A worker that still has the old setting may let somebody in behind the look:
 * a login under another setting than the remembered one makes that unknown.
 */
#include "store/internal.h"

#define META_SETTLED SLICE("otp_required")
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

static enum pt_err
settle_is_settled(const struct store_txn *txn, bool *settled)
{
	const struct slice wanted = slice_of(txn->store->options.otp_required);
	struct key key = key_text(META_SETTLED);
	struct slice held;
	bool found;
	enum pt_err err = table_get(txn, TABLE_META, &key, &held, &found);

	/* A store that knows of none has sessions of a time when nobody had to. */
	*settled = err == PT_OK && (found ? slice_eq(held, wanted) : wanted.len == 0);
	return err;
}

static enum pt_err
settle_put(struct store_txn *txn, struct slice setting)
{
	struct key key = key_text(META_SETTLED);

	return table_put(txn, TABLE_META, &key, setting);
}

enum pt_err
settle_login(struct store_txn *txn)
{
	bool settled;
	enum pt_err err = settle_is_settled(txn, &settled);

	return err != PT_OK || settled ? err : settle_put(txn, SETTLED_UNKNOWN);
}

static enum pt_err
settle_is_unfit(const struct store_txn *txn, const struct session_row *row, struct instant now, bool *unfit)
{
	struct user user;
	enum reason reason;
	enum pt_err err;

	*unfit = false;
	/* Most need no look at their user. */
	if (row->session.ended != REASON_NONE || row->session.methods & (LOGIN_BY_OTP | LOGIN_BY_WEB_SERVER))
		return PT_OK;
	err = session_row_standing(txn, &row->session, now, &user, &reason);
	*unfit = err == PT_OK && reason == REASON_OTP_REQUIRED;
	/* A user whose record does not decode is let in nowhere. */
	return err == PT_ERR_CORRUPT ? PT_OK : err;
}

/* The next session, from *number on, which becomes its own; found is false after the last one. */
static enum pt_err
settle_next(const struct store_txn *txn, uint64_t *number, struct session_row *row, bool *found)
{
	struct key none = key_none();
	uint64_t from = *number;
	enum pt_err err = session_row_next(txn, TABLE_SESSIONS, &none, &from, row, found);

	if (err == PT_OK && *found)
		*number = row->session.number;
	return err;
}

/* Passes over those that may go on; *look says whether the writer is wanted, for one that may not or for the end. */
static enum pt_err
settle_pass(const struct store_txn *txn, struct settling *settling, bool *look)
{
	struct session_row row;
	bool found;

	*look = false;
	for (int i = 0; i < SETTLE_LOOKS; i++, settling->from++) {
		enum pt_err err = settle_next(txn, &settling->from, &row, &found);

		if (err == PT_OK && found)
			err = settle_is_unfit(txn, &row, settling->caller->now, look);
		if (err != PT_OK)
			return err;
		*look = *look || !found;
		if (*look)
			return PT_OK;
	}
	return PT_OK;
}

static enum pt_err
settle_one(struct store_txn *txn, const struct settling *settling, struct session_row *row)
{
	bool unfit;
	enum pt_err err = settle_is_unfit(txn, row, settling->caller->now, &unfit);

	if (err != PT_OK || !unfit)
		return err;
	err = session_row_end(txn, settling->caller, row, REASON_OTP_REQUIRED, 0);
	return err == PT_OK && settling->tight ? audit_make_room(txn, EVENT_ROOM_SESSIONS) : err;
}

/* A batch; and, where the last session is among it, that all have been looked through: no login is behind it. */
static enum pt_err
run_settle(struct store_txn *txn, void *ctx)
{
	struct settling *settling = ctx;
	struct session_row row;
	bool found;

	settling->next = settling->from;
	settling->done = false;
	for (int i = 0; i < (settling->tight ? SETTLE_BATCH_TIGHT : SETTLE_BATCH); i++, settling->next++) {
		enum pt_err err = settle_next(txn, &settling->next, &row, &found);

		if (err == PT_OK && !found) {
			settling->done = true;
			return settle_put(txn, slice_of(txn->store->options.otp_required));
		}
		if (err == PT_OK)
			err = settle_one(txn, settling, &row);
		if (err != PT_OK)
			return err;
	}
	return PT_OK;
}

/* What can be seen without writing. */
static enum pt_err
settle_look(struct store *store, struct settling *settling, bool *look)
{
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	*look = false;
	if (err != PT_OK)
		return err;
	err = settle_is_settled(&txn, &settling->done);
	if (err == PT_OK && !settling->done)
		err = settle_pass(&txn, settling, look);
	txn_read_end(&txn);
	return err;
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
		err = commit_run(store, run_settle, &settling);
	if (err == PT_ERR_FULL) {
		settling.tight = true;
		err = commit_run(store, run_settle, &settling);
	}
	*done = err == PT_OK && settling.done;
	if (err == PT_OK)
		*position = settling.next;
	return err;
}
