#include "store/require_otp.h"

#include "store/audit.h"
#include "store/end.h"
#include "store/rows/meta_row.h"
#include "store/session_standing.h"

#define HELD_TO_UNKNOWN SLICE("?")	/* equals no setting, since no group has this name */

#define REQUIRE_LOOKS 4096	/* sessions in one snapshot: a few milliseconds */
#define REQUIRE_BATCH 64		/* sessions in one transaction of the one writer */
#define REQUIRE_BATCH_TIGHT 1	/* if the map is so full that a transaction must touch few pages */

struct requiring {
	const struct store_caller *caller;
	uint64_t from;		/* sessions with lower numbers have been checked */
	uint64_t next;		/* the same after the transaction */
	bool tight;		/* the map is full: make room too */
	bool done;
};

static struct slice
require_setting(const struct store_txn *txn)
{
	return slice_of(txn_options(txn)->otp_required);
}

void
require_otp_login(struct store_txn *txn)
{
	if (!meta_row_is_held_to(txn, require_setting(txn)))
		meta_row_set_held_to(txn, HELD_TO_UNKNOWN);
}

static bool
require_is_unfit(struct store_txn *txn, const struct session_row *row, struct instant now)
{
	struct user user;
	enum reason reason;

	/* For most sessions the user need not be read. */
	if (row->session.ended != REASON_NONE ||
	    row->session.methods & (LOGIN_BY_OTP | LOGIN_BY_WEB_SERVER))
		return false;
	/* A user whose record does not decode gets in nowhere anyway. */
	return session_standing_look(txn, &row->session, now, &user, &reason) &&
	    reason == REASON_OTP_REQUIRED;
}

/*
 * Skips the sessions that may continue. Returns whether something must be written: about the
 * session at requiring->from, which may not continue, or because the last one was reached.
 */
static bool
require_pass(struct store_txn *txn, struct requiring *requiring)
{
	struct session_walk walk = session_walk_all(requiring->from);
	struct session_row row;

	for (int i = 0; i < REQUIRE_LOOKS; i++) {
		if (!session_row_next(txn, &walk, &row))
			return true;
		requiring->from = row.session.number;
		if (require_is_unfit(txn, &row, requiring->caller->now))
			return true;
		requiring->from = walk.from;
	}
	return false;
}

/*
 * Handles a batch. If the last session is in it, notes in the same transaction that all have been
 * checked, so that no login can come in between.
 */
static void
run_require(struct store_txn *txn, void *ctx)
{
	struct requiring *requiring = ctx;
	struct session_walk walk = session_walk_all(requiring->from);
	struct session_row row;

	requiring->done = false;
	for (int i = 0; !requiring->done && i < (requiring->tight ?
	    REQUIRE_BATCH_TIGHT : REQUIRE_BATCH); i++) {
		requiring->done = !session_row_next(txn, &walk, &row);
		if (requiring->done) {
			meta_row_set_held_to(txn, require_setting(txn));
		} else if (require_is_unfit(txn, &row, requiring->caller->now)) {
			session_end(txn, requiring->caller, &row, REASON_OTP_REQUIRED, 0);
			if (requiring->tight)
				audit_make_room(txn, EVENT_ROOM_SESSIONS);
		}
	}
	requiring->next = walk.from;
}

enum pt_err
store_require_otp(struct store *store, struct instant now, uint64_t *position, bool *done)
{
	const struct store_caller caller = { .now = now };
	struct requiring requiring = { .caller = &caller, .from = *position };
	struct store_txn txn;

	txn_read_begin(store, &txn);
	requiring.done = meta_row_is_held_to(&txn, require_setting(&txn));
	bool must_write = !requiring.done && require_pass(&txn, &requiring);
	enum pt_err err = txn_read_end(&txn);

	requiring.next = requiring.from;
	if (err == PT_OK && must_write)
		err = commit_change(store, run_require, &requiring);
	if (err == PT_ERR_FULL) {
		requiring.tight = true;
		err = commit_change(store, run_require, &requiring);
	}
	*done = err == PT_OK && requiring.done;
	if (err == PT_OK)
		*position = requiring.next;
	return err;
}
