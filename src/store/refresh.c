/*
 * Judges a presented refresh token, and writes what follows. Every judgement has two steps. The
 * first uses a snapshot, which is enough for a burst of tabs (rows 2 and 3), a stranger's cookie,
 * or a session that ended long ago. If something must be written, the token is judged again inside
 * the write transaction, by the state at that time. A refusal is logged only now and then, so that
 * a page that asks for ever costs no writes.
 *
 * See DESIGN.md, A refresh is judged from a snapshot first; DESIGN.md, Rows 2 and 3 take no write
 * transaction; DESIGN.md, Only the secret's digest is stored; DESIGN.md, The caller's deadline is
 * asked inside the transaction; DESIGN.md, A refused refresh in the audit log.
 */
#include "store/refresh.h"

#include <string.h>

#include "base/secret.h"
#include "store/audit.h"
#include "store/browser.h"
#include "store/end.h"
#include "store/rows/event_row.h"
#include "store/rows/session_row.h"
#include "store/session_standing.h"

enum purpose {
	PURPOSE_LOOK = 0,	/* store_judge: rows 1 to 5 change nothing */
	PURPOSE_REFRESH,
	PURPOSE_LOGOUT,
	PURPOSE_REVOKE,	/* a logout by a service, which has no device cookie */
};

/* What must be written. */
enum consequence {
	WRITE_NOTHING = 0,
	WRITE_END,	/* the session's end, with the judgement's reason */
	WRITE_MOVE,	/* the rotation has moved */
	WRITE_STAMP,	/* only moved_at, which was in the future */
	WRITE_UNTIL,	/* how long tokens live: longer than the record says */
	WRITE_REFUSAL,	/* an audit event: it was refused */
};

struct judging {
	const struct store_caller *caller;
	const struct store_presented *presented;
	enum purpose purpose;
	struct store_judgement *out;
	bool ended;		/* a logout or revocation ended a live session */
	enum consequence write;	/* what the first step found, */
	struct session_row row;	/* of this session, */
	uint64_t seen;		/* in this state of the store (txn_state) */
	enum pt_err err;
};

static struct judging
judging_of(enum purpose purpose, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out)
{
	return (struct judging){ .caller = caller, .presented = presented, .purpose = purpose,
	    .out = out };
}

/*
 * Finds the session of the token. Returns whether the token's secret and the browser are the
 * session's.
 */
static bool
judge_find(struct store_txn *txn, const struct judging *judging, struct session_row *row)
{
	const struct store_presented *presented = judging->presented;
	struct store_judgement *out = judging->out;

	out->reason = REASON_UNKNOWN_SESSION;
	if (!session_row_get(txn, presented->session_number, row))
		return false;
	out->verdict = STORE_FOREIGN;
	if (!secret_eq(row->session.secret_hash, presented->secret_hash, DIGEST_SIZE))
		return false;
	if (judging->purpose != PURPOSE_REVOKE &&
	    (!presented->has_device ||
	    !secret_eq(row->session.device_hash, presented->device_hash, DIGEST_SIZE))) {
		out->reason = REASON_FOREIGN_DEVICE;
		return false;
	}
	out->verdict = STORE_REFUSED;
	out->reason = REASON_NONE;
	out->session = row->session;
	return true;
}

/*
 * The age of the last move. A request may be judged a little after its time was taken, so another
 * one's move may seem to be in the future: then the age is 0. A stamp that is further ahead than a
 * request may wait comes from a copy of a later state, and is corrected.
 */
static int64_t
judge_moved_age(const struct store_txn *txn, const struct judging *judging,
    const struct rotation *rotation, bool *from_future)
{
	int64_t age = clock_age_ms(judging->caller->now.stamp, rotation->moved_at);

	*from_future = age < -txn_options(txn)->periods.quiet_ms;
	return age < 0 ? 0 : age;
}

/*
 * Without a move nothing is written, unless the new access token would live longer than the record
 * says. That happens if the session is settling long after its last move, or if the clock or the
 * settings were changed.
 */
static enum consequence
judge_until(const struct store_txn *txn, const struct judging *judging)
{
	const struct store_options *options = txn_options(txn);
	const struct store_judgement *out = judging->out;
	bool full = out->decision.answer == ROTATE_TOKEN;
	int64_t life_ms = full ? options->tokens_ms - options->periods.hand_out_ms :
	    rotate_alone_life_ms(&options->periods);

	return judging->caller->now.wall_ms + life_ms > out->session.tokens_until ?
	    WRITE_UNTIL : WRITE_NOTHING;
}

/* Applies the rotation rule to a session that is good. */
static enum consequence
judge_rotation(const struct store_txn *txn, const struct judging *judging)
{
	struct store_judgement *out = judging->out;
	const struct rotation *rotation = &out->session.rotation;
	bool from_future;
	int64_t age = judge_moved_age(txn, judging, rotation, &from_future);

	struct settling_decision settling = settling_decide(&out->session,
	    judging->presented->token, age, judging->caller->now.stamp, &txn_options(txn)->periods);

	out->decision = settling.rotate;
	out->settling = settling.settling;
	out->ends_older = settling.ends_older;
	if (out->decision.answer == ROTATE_REFUSE) {
		out->reason = out->decision.reason;
		return WRITE_END;
	}
	out->verdict = STORE_GOOD;
	if (judging->purpose != PURPOSE_REFRESH) {
		out->decision.moved = out->ends_older = false;
		out->decision.state = *rotation;
		return WRITE_NOTHING;
	}
	if (out->decision.moved)
		return WRITE_MOVE;
	return from_future && !out->settling ? WRITE_STAMP : judge_until(txn, judging);
}

/* Whether the caller asks for the session's end. */
static bool
judge_ends(const struct judging *judging)
{
	return judging->purpose == PURPOSE_LOGOUT || judging->purpose == PURPOSE_REVOKE;
}

/*
 * Whether somebody still waits for the answer, and the request is not too late, so that the token
 * was as good when it was sent as it is now. A logout is never too late.
 */
static bool
judge_is_wanted(const struct store_txn *txn, const struct judging *judging)
{
	const struct store_caller *caller = judging->caller;

	if (judge_ends(judging))
		return true;
	if (caller->clock &&
	    !rotate_in_time(clock_age_ms(caller->clock().stamp, caller->accepted),
	    &txn_options(txn)->periods))
		return false;
	return caller->peer_waits == NULL || caller->peer_waits(caller->peer_ctx);
}

/*
 * What to write about a session that is not good. Whoever sees an end first records it; but an end
 * by the clock only when the sweep would record it too, because the clock may be fast.
 */
static enum consequence
judge_end(const struct store_txn *txn, const struct judging *judging, const struct session_row *row)
{
	enum reason reason = judging->out->reason;
	bool by_time = reason == REASON_IDLE || reason == REASON_ABSOLUTE;

	if (row->session.ended != REASON_NONE)
		return WRITE_NOTHING;
	if (by_time && !judge_ends(judging) &&
	    session_row_due(row, txn_options(txn)) > judging->caller->now.wall_ms)
		return WRITE_NOTHING;
	return WRITE_END;
}

/*
 * Whether the audit log must report that this session was not refreshed: for each reason only now
 * and then.
 */
static enum consequence
judge_refusal(struct store_txn *txn, const struct judging *judging, const struct session *session)
{
	const struct event event = {
		.at = judging->caller->now.wall_ms,
		.kind = EVENT_REFRESH_REFUSED,
		.reason = judging->out->reason,
		.session_number = session->number,
	};

	return judging->purpose != PURPOSE_REFRESH || audit_has_told(txn, &event) ?
	    WRITE_NOTHING : WRITE_REFUSAL;
}

/* Judges by the state that txn sees; writes nothing. */
static enum consequence
judge(struct store_txn *txn, struct judging *judging, struct session_row *row)
{
	struct store_judgement *out = judging->out;

	*out = (struct store_judgement){ .verdict = STORE_REFUSED };
	judging->ended = false;
	if (!judge_find(txn, judging, row)) {
		/* Another browser presented this session's secret, which is worth logging. */
		return out->reason == REASON_FOREIGN_DEVICE ?
		    judge_refusal(txn, judging, &row->session) : WRITE_NOTHING;
	}
	out->reason = session_standing(txn, &row->session, judging->caller->now, &out->user);
	if (txn_failed(txn))
		return WRITE_NOTHING;
	if (out->reason != REASON_NONE) {
		enum consequence write = judge_end(txn, judging, row);

		/* If an end is recorded now, it has its own event. */
		return write != WRITE_NOTHING ? write : judge_refusal(txn, judging, &row->session);
	}
	if (!judge_ends(judging))
		return judge_rotation(txn, judging);
	out->reason = judging->purpose == PURPOSE_REVOKE ? REASON_SERVICE : REASON_LOGOUT;
	judging->ended = true;
	return WRITE_END;
}

/* Puts the record. Tokens that are handed out now live as long as the present settings say. */
static void
write_until(struct store_txn *txn, const struct judging *judging, struct session_row *row)
{
	int64_t until = judging->caller->now.wall_ms + txn_options(txn)->tokens_ms;

	/* If the clock was set back, earlier tokens live longer than new ones. */
	if (until > row->session.tokens_until)
		row->session.tokens_until = until;
	session_row_put(txn, row);
}

static void
write_move(struct store_txn *txn, const struct judging *judging, struct session_row *row)
{
	const struct store_caller *caller = judging->caller;
	const struct rotate_decision *decision = &judging->out->decision;
	struct session *session = &row->session;

	session->rotation = decision->state;
	session->moves += session->moves < UINT32_MAX;
	standing_touch(session, caller->now, &txn_options(txn)->lifetimes);
	slice_copy_printable(caller->user_agent, session->user_agent, sizeof(session->user_agent));
	slice_copy_printable(caller->address, session->address, sizeof(session->address));
	write_until(txn, judging, row);
	if (judging->out->ends_older)
		browser_end_older(txn, caller, session);
	if (decision->rule == 1) {
		struct event event = audit_event(caller, EVENT_STORE_BEHIND);

		event.rule = decision->rule;
		audit_add_session(txn, event, session);
	}
}

static void
write_stamp(struct store_txn *txn, const struct judging *judging, struct session_row *row)
{
	row->session.rotation.moved_at = judging->caller->now.stamp;
	row->session.repeats += row->session.repeats < UINT32_MAX;
	judging->out->decision.state = row->session.rotation;
	write_until(txn, judging, row);
}

static void
write_end(struct store_txn *txn, const struct judging *judging, struct session_row *row)
{
	const struct store_judgement *out = judging->out;

	session_end(txn, judging->caller, row, out->reason, out->decision.rule);
	/*
	 * The browser is logged out, with its earlier sessions. A newer login is not meant: its
	 * answer may still be under way.
	 */
	if (judge_ends(judging))
		browser_end_older(txn, judging->caller, &row->session);
}

static void
write_refusal(struct store_txn *txn, const struct judging *judging, const struct session_row *row)
{
	struct event event = audit_event(judging->caller, EVENT_REFRESH_REFUSED);

	event.reason = judging->out->reason;
	if (event_row_is_full(txn))
		audit_make_room(txn, EVENT_ROOM_REFUSALS);
	audit_add_session(txn, event, &row->session);
}

static void
write_consequence(struct store_txn *txn, const struct judging *judging, struct session_row *row,
    enum consequence write)
{
	switch (write) {
	case WRITE_NOTHING:
		break;
	case WRITE_END:
		write_end(txn, judging, row);
		break;
	case WRITE_MOVE:
		write_move(txn, judging, row);
		break;
	case WRITE_STAMP:
		write_stamp(txn, judging, row);
		break;
	case WRITE_UNTIL:
		write_until(txn, judging, row);
		break;
	case WRITE_REFUSAL:
		write_refusal(txn, judging, row);
		break;
	}
}

bool
refresh_carried_is_good(struct store_txn *txn, const struct store_caller *caller,
    const struct store_presented *presented, struct session_row *row)
{
	struct store_judgement judgement;
	struct judging judging = judging_of(PURPOSE_LOOK, caller, presented, &judgement);

	if (txn_failed(txn))
		return false;
	judge(txn, &judging, row);
	enum pt_err err = txn_take_err(txn);

	if (err != PT_ERR_CORRUPT)
		txn_fail(txn, err);
	return err == PT_OK && judgement.verdict == STORE_GOOD;
}

static void
run_judge(struct store_txn *txn, void *ctx)
{
	struct judging *judging = ctx;

	/* Asked here, because the wait for the writer is over now. */
	if (!judge_is_wanted(txn, judging)) {
		txn_fail(txn, PT_ERR_GONE);
		return;
	}
	/* If nothing has changed since the first step, the second would find the same. */
	if (judging->seen == 0 || judging->seen != txn_state(txn))
		judging->write = judge(txn, judging, &judging->row);
	judging->seen = 0;
	if (judging->write == WRITE_NOTHING)
		return;
	write_consequence(txn, judging, &judging->row, judging->write);
	/* A browser learns nothing about a session that is not its own. */
	if (judging->write != WRITE_REFUSAL)
		judging->out->session = judging->row.session;
}

/* The first step: judges each by one snapshot. */
static void
judge_look(struct store *store, struct judging *all, size_t count)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	for (struct judging *judging = all; judging < all + count; judging++) {
		judging->seen = txn_state(&txn);
		judging->write = judge(&txn, judging, &judging->row);
		if (judging->write == WRITE_NOTHING && !judge_is_wanted(&txn, judging))
			txn_fail(&txn, PT_ERR_GONE);
		judging->err = txn_take_err(&txn);
	}
	txn_read_end(&txn);
}

/*
 * The second step: judges those again about which something must be written, all in one
 * transaction.
 */
static void
judge_write(struct store *store, struct judging *all, size_t count)
{
	struct commit_item changes[STORE_TOGETHER_MAX];
	size_t written = 0;

	for (struct judging *judging = all; judging < all + count; judging++) {
		if (judging->err != PT_OK || judging->write == WRITE_NOTHING)
			continue;
		/* The end of a session always finds room. */
		if (judging->write != WRITE_END)
			judging->err = room_check(store, judging->write == WRITE_REFUSAL ?
			    ROOM_FOR_GROWTH : ROOM_FOR_REFRESH);
		if (judging->err == PT_OK)
			changes[written++].ctx = judging;
	}
	commit_changes(store, run_judge, changes, written);
	for (size_t i = 0; i < written; i++)
		((struct judging *)changes[i].ctx)->err = changes[i].err;
}

static void
judge_all(struct store *store, struct judging *all, size_t count)
{
	judge_look(store, all, count);
	judge_write(store, all, count);
	for (struct judging *judging = all; judging < all + count; judging++) {
		/*
		 * The refusal is valid even if it could not be logged; after an error the client
		 * would only retry.
		 */
		if (judging->err == PT_ERR_FULL && judging->write == WRITE_REFUSAL &&
		    judging->out->verdict != STORE_GOOD)
			judging->err = PT_OK;
		if (judging->err == PT_OK)
			continue;
		/* Only what was done is reported. */
		*judging->out = (struct store_judgement){ .verdict = STORE_REFUSED };
		judging->ended = false;
	}
}

void
store_refresh_many(struct store *store, struct store_refreshing *items, size_t count)
{
	struct judging all[STORE_TOGETHER_MAX];

	for (size_t i = 0; i < count; i++)
		all[i] = judging_of(PURPOSE_REFRESH, items[i].caller, items[i].presented,
		    items[i].out);
	judge_all(store, all, count);
	for (size_t i = 0; i < count; i++)
		items[i].err = all[i].err;
}

enum pt_err
store_refresh(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out)
{
	struct judging judging = judging_of(PURPOSE_REFRESH, caller, presented, out);

	judge_all(store, &judging, 1);
	return judging.err;
}

enum pt_err
store_judge(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out)
{
	struct judging judging = judging_of(PURPOSE_LOOK, caller, presented, out);

	judge_all(store, &judging, 1);
	return judging.err;
}

enum pt_err
store_logout(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out, bool *ended)
{
	struct judging judging = judging_of(PURPOSE_LOGOUT, caller, presented, out);

	judge_all(store, &judging, 1);
	*ended = judging.ended;
	return judging.err;
}

enum pt_err
store_revoke(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out, bool *ended)
{
	struct judging judging = judging_of(PURPOSE_REVOKE, caller, presented, out);

	judge_all(store, &judging, 1);
	*ended = judging.ended;
	return judging.err;
}
