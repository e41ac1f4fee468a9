/*
 * What a presented refresh token is worth, and what is to be written about it.
 * Every judgement is made in two steps: first from a snapshot, which is all that
 * a burst of tabs (rows 2 and 3), a stranger's cookie or a session long ended
 * need; and, where something has to be written, once more inside the write
 * transaction, from the state as it is then. A refusal is written about now and
 * then only: a page that asks for ever costs no writes.
 */
#include "store/internal.h"

#include <string.h>

#include "base/secret.h"

enum purpose {
	PURPOSE_LOOK = 0,	/* store_judge: rows 1 to 5 change nothing */
	PURPOSE_REFRESH,
	PURPOSE_LOGOUT,
	PURPOSE_REVOKE,	/* a logout by a service, which has no device to show */
};

/* What the judgement asks to be written. */
enum consequence {
	WRITE_NOTHING = 0,
	WRITE_END,	/* the session's end, with the judgement's reason */
	WRITE_MOVE,	/* the rotation has moved */
	WRITE_STAMP,	/* moved_at alone, which lay in the future */
	WRITE_UNTIL,	/* how long tokens live, which is less than is to be handed out */
	WRITE_REFUSAL,	/* that it was refused, into the audit log alone */
};

struct judging {
	const struct store_caller *caller;
	const struct store_presented *presented;
	enum purpose purpose;
	struct store_judgement *out;
	bool *ended;		/* of a logout or revocation: whether it was alive */
	enum consequence write;	/* what the look came to */
	enum pt_err err;
};

/* The session of the token, if the token's secret and the browser are the session's own. */
static enum pt_err
judge_find(const struct store_txn *txn, const struct judging *judging, struct session_row *row, bool *own)
{
	const struct store_presented *presented = judging->presented;
	struct store_judgement *out = judging->out;
	enum pt_err err = session_row_get(txn, presented->session_number, row, own);

	if (err != PT_OK)
		return err;
	if (!*own) {
		out->reason = REASON_UNKNOWN_SESSION;
		return PT_OK;
	}
	*own = false;
	out->verdict = STORE_FOREIGN;
	if (!secret_eq(row->session.secret_hash, presented->secret_hash, DIGEST_LEN)) {
		out->reason = REASON_UNKNOWN_SESSION;
		return PT_OK;
	}
	if (judging->purpose != PURPOSE_REVOKE &&
	    (!presented->has_device || !secret_eq(row->session.device_hash, presented->device_hash, DIGEST_LEN))) {
		out->reason = REASON_FOREIGN_DEVICE;
		return PT_OK;
	}
	*own = true;
	out->verdict = STORE_REFUSED;
	out->session = row->session;
	return PT_OK;
}

/*
 * The age of the last move. A request may be judged a little after its time was
 * taken, so that another one's move seems to lie ahead of it: that is none. More
 * than a request may wait is a stamp from a copy of the future, and is mended.
 */
static int64_t
judge_age(const struct store_txn *txn, const struct judging *judging, const struct rotation *rotation,
    bool *from_future)
{
	int64_t age = clock_age_ms(judging->caller->now.stamp, rotation->moved_at);

	*from_future = age < -txn->store->options.periods.quiet_ms;
	return age < 0 ? 0 : age;
}

/*
 * What does not move writes nothing, unless the token that is handed out would live longer than the session
 * knows of: it is settling long after its last move, or the clock was set, or the settings are others.
 */
static enum consequence
judge_until(const struct store_txn *txn, const struct judging *judging)
{
	const struct store_options *options = &txn->store->options;
	const struct store_judgement *out = judging->out;
	bool full = out->decision.answer == ROTATE_TOKEN;
	int64_t life_ms = full ? options->tokens_ms - options->periods.hand_out_ms :
	    rotate_alone_life_ms(&options->periods);

	return judging->caller->now.wall_ms + life_ms > out->session.tokens_until ? WRITE_UNTIL : WRITE_NOTHING;
}

/* Applies the rotation rule to a session that stands. */
static enum consequence
judge_rotation(const struct store_txn *txn, const struct judging *judging)
{
	struct store_judgement *out = judging->out;
	const struct rotation *rotation = &out->session.rotation;
	bool from_future;
	int64_t age = judge_age(txn, judging, rotation, &from_future);

	struct settling_decision settling = settling_decide(&out->session, judging->presented->token, age,
	    judging->caller->now.stamp, &txn->store->options.periods);

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

/* Whether it is the session's end that is asked for. */
static bool
judge_ends(const struct judging *judging)
{
	return judging->purpose == PURPOSE_LOGOUT || judging->purpose == PURPOSE_REVOKE;
}

/*
 * A refresh that has waited for long may find nobody there to take what would be
 * handed out, and any token that has may have been good when it was sent. A
 * logout does not depend on when it was asked for.
 */
static bool
judge_is_wanted(const struct judging *judging)
{
	const struct store_caller *caller = judging->caller;

	return judge_ends(judging) || caller->wanted == NULL || caller->wanted(caller->wanted_ctx);
}

/*
 * What to write of a session that does not stand. An end that came by itself is recorded by
 * whoever sees it first, but one by the clock only when the sweep would do it too: the clock may be fast.
 */
static enum consequence
judge_end(const struct store_txn *txn, const struct judging *judging, const struct session_row *row)
{
	enum reason reason = judging->out->reason;
	bool by_time = reason == REASON_IDLE || reason == REASON_ABSOLUTE;

	if (row->session.ended != REASON_NONE)
		return WRITE_NOTHING;
	if (by_time && !judge_ends(judging) &&
	    session_row_due(row, &txn->store->options) > judging->caller->now.wall_ms)
		return WRITE_NOTHING;
	return WRITE_END;
}

/* Whether the audit log is to tell that this session was not refreshed: for each reason now and then. */
static enum pt_err
judge_refusal(const struct store_txn *txn, const struct judging *judging, const struct session *session,
    enum consequence *write)
{
	bool told = true;
	enum pt_err err = PT_OK;

	if (judging->purpose == PURPOSE_REFRESH)
		err = audit_has_told(txn, &(struct event){
			.at = judging->caller->now.wall_ms,
			.kind = EVENT_REFRESH_REFUSED,
			.reason = judging->out->reason,
			.session_number = session->number,
		}, &told);
	if (err == PT_OK && !told)
		*write = WRITE_REFUSAL;
	return err;
}

/* Judges by the state that txn sees, without writing. */
static enum pt_err
judge(const struct store_txn *txn, const struct judging *judging, struct session_row *row, enum consequence *write)
{
	struct store_judgement *out = judging->out;
	enum reason standing;
	bool own;

	*out = (struct store_judgement){ .verdict = STORE_REFUSED };
	*write = WRITE_NOTHING;
	if (judging->ended)
		*judging->ended = false;
	enum pt_err err = judge_find(txn, judging, row, &own);

	/* Whose browser it is not has the secret all the same: that is worth knowing. */
	if (err == PT_OK && out->reason == REASON_FOREIGN_DEVICE)
		return judge_refusal(txn, judging, &row->session, write);
	if (err != PT_OK || !own)
		return err;
	err = session_row_standing(txn, &row->session, judging->caller->now, &out->user, &standing);
	if (err != PT_OK)
		return err;
	if (standing != REASON_NONE) {
		out->reason = standing;
		*write = judge_end(txn, judging, row);
		/* An end that is recorded now is told of by that. */
		if (*write == WRITE_NOTHING)
			return judge_refusal(txn, judging, &row->session, write);
	} else if (judge_ends(judging)) {
		out->reason = judging->purpose == PURPOSE_REVOKE ? REASON_SERVICE : REASON_LOGOUT;
		*judging->ended = true;
		*write = WRITE_END;
	} else {
		*write = judge_rotation(txn, judging);
	}
	return PT_OK;
}

/* Puts the record, with tokens allowed to live on. */
static enum pt_err
write_until(struct store_txn *txn, const struct judging *judging, struct session_row *row)
{
	status_extend(txn, &row->session, judging->caller->now.wall_ms);
	return session_row_put(txn, row);
}

static enum pt_err
write_move(struct store_txn *txn, const struct judging *judging, struct session_row *row)
{
	const struct store_caller *caller = judging->caller;
	const struct rotate_decision *decision = &judging->out->decision;
	struct session *session = &row->session;

	session->rotation = decision->state;
	session->moves += session->moves < UINT32_MAX;
	standing_touch(session, caller->now, &txn->store->options.lifetimes);
	slice_copy_printable(caller->user_agent, session->user_agent, sizeof session->user_agent);
	slice_copy_printable(caller->address, session->address, sizeof session->address);
	enum pt_err err = write_until(txn, judging, row);

	if (err == PT_OK && judging->out->ends_older)
		err = browser_end_older(txn, caller, session);
	if (err != PT_OK || decision->row != 1)
		return err;
	struct event event = audit_event(caller, EVENT_STORE_BEHIND);

	event.row = decision->row;
	return audit_add_session(txn, event, session);
}

static enum pt_err
write_stamp(struct store_txn *txn, const struct judging *judging, struct session_row *row)
{
	row->session.rotation.moved_at = judging->caller->now.stamp;
	row->session.repeats += row->session.repeats < UINT32_MAX;
	judging->out->decision.state = row->session.rotation;
	return write_until(txn, judging, row);
}

static enum pt_err
write_end(struct store_txn *txn, const struct judging *judging, struct session_row *row)
{
	const struct store_judgement *out = judging->out;
	enum pt_err err = session_row_end(txn, judging->caller, row, out->reason, out->decision.row);

	/* Logged out is the browser, and with it what it had before. A newer login is not meant: its answer may be under way. */
	if (err == PT_OK && judge_ends(judging))
		err = browser_end_older(txn, judging->caller, &row->session);
	return err;
}

static enum pt_err
write_refusal(struct store_txn *txn, const struct judging *judging, const struct session_row *row)
{
	struct event event = audit_event(judging->caller, EVENT_REFRESH_REFUSED);
	bool full;
	enum pt_err err = room_audit_is_full(txn, &full);

	event.reason = judging->out->reason;
	if (err == PT_OK && full)
		err = audit_make_room(txn, EVENT_ROOM_REFUSALS);
	return err == PT_OK ? audit_add_session(txn, event, &row->session) : err;
}

static enum pt_err
write_consequence(struct store_txn *txn, const struct judging *judging, struct session_row *row,
    enum consequence write)
{
	switch (write) {
	case WRITE_NOTHING:
		return PT_OK;
	case WRITE_END:
		return write_end(txn, judging, row);
	case WRITE_MOVE:
		return write_move(txn, judging, row);
	case WRITE_STAMP:
		return write_stamp(txn, judging, row);
	case WRITE_UNTIL:
		return write_until(txn, judging, row);
	case WRITE_REFUSAL:
		return write_refusal(txn, judging, row);
	}
	return PT_ERR_INVALID;
}

enum pt_err
judge_carried(const struct store_txn *txn, const struct store_caller *caller, const struct store_presented *presented,
    struct session_row *row, bool *good)
{
	struct store_judgement judgement;
	struct judging judging = { caller, presented, PURPOSE_LOOK, &judgement, .ended = NULL };
	enum consequence write;
	enum pt_err err = judge(txn, &judging, row, &write);

	*good = err == PT_OK && judgement.verdict == STORE_GOOD;
	/* One that cannot be read is not good; the login that it came along with is another's matter. */
	return err == PT_ERR_CORRUPT ? PT_OK : err;
}

static enum pt_err
run_judge(struct store_txn *txn, void *ctx)
{
	const struct judging *judging = ctx;
	struct session_row row;
	enum consequence write;

	/* Asked here, where a wait for the writer is over. */
	if (!judge_is_wanted(judging))
		return PT_ERR_GONE;
	enum pt_err err = judge(txn, judging, &row, &write);

	if (err == PT_OK && write != WRITE_NOTHING) {
		err = write_consequence(txn, judging, &row, write);
		/* Of a session that it has nothing to do with a browser is told nothing. */
		if (write != WRITE_REFUSAL)
			judging->out->session = row.session;
	}
	return err;
}

/* The first step: what a snapshot says. */
static void
judge_look(const struct store_txn *txn, struct judging *judging)
{
	struct session_row row;

	judging->err = judge(txn, judging, &row, &judging->write);
	if (judging->err != PT_OK)
		judging->write = WRITE_NOTHING;
	else if (judging->write == WRITE_NOTHING && !judge_is_wanted(judging))
		judging->err = PT_ERR_GONE;
}

/* Whether there is room for what is to be written. What ends a session always finds some. */
static void
judge_room(struct store *store, struct judging *judging)
{
	if (judging->write == WRITE_NOTHING || judging->write == WRITE_END)
		return;
	judging->err = room_check(store, judging->write == WRITE_REFUSAL ? ROOM_FOR_GROWTH : ROOM_FOR_REFRESH);
}

/* How it has come out. */
static enum pt_err
judge_outcome(struct judging *judging)
{
	/* Refused it is, told of or not: a browser that was answered with a failure would only ask again. */
	if (judging->err == PT_ERR_FULL && judging->write == WRITE_REFUSAL && judging->out->verdict != STORE_GOOD)
		judging->err = PT_OK;
	/* Of what was not done nothing is told. */
	if (judging->err != PT_OK)
		*judging->out = (struct store_judgement){ .verdict = STORE_REFUSED };
	return judging->err;
}

static enum pt_err
judge_and_write(struct store *store, struct judging *judging)
{
	struct store_txn txn;

	judging->err = txn_read_begin(store, &txn);
	if (judging->err == PT_OK) {
		judge_look(&txn, judging);
		txn_read_end(&txn);
	}
	judge_room(store, judging);
	if (judging->err == PT_OK && judging->write != WRITE_NOTHING)
		judging->err = commit_run(store, run_judge, judging);
	return judge_outcome(judging);
}

static void
judge_look_at_all(struct store *store, struct judging *all, size_t count)
{
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	for (size_t i = 0; i < count; i++) {
		all[i].err = err;
		if (err == PT_OK)
			judge_look(&txn, &all[i]);
	}
	if (err == PT_OK)
		txn_read_end(&txn);
}

void
store_refresh_many(struct store *store, struct store_refreshing *items, size_t count)
{
	struct judging all[STORE_TOGETHER_MAX];
	struct commit_item changes[STORE_TOGETHER_MAX];
	size_t written = 0;

	for (size_t i = 0; i < count; i++)
		all[i] = (struct judging){ items[i].caller, items[i].presented, PURPOSE_REFRESH, items[i].out, .ended = NULL };
	judge_look_at_all(store, all, count);
	for (size_t i = 0; i < count; i++) {
		judge_room(store, &all[i]);
		if (all[i].err == PT_OK && all[i].write != WRITE_NOTHING)
			changes[written++].ctx = &all[i];
	}
	commit_run_many(store, run_judge, changes, written);
	for (size_t i = 0; i < written; i++)
		((struct judging *)changes[i].ctx)->err = changes[i].err;
	for (size_t i = 0; i < count; i++)
		items[i].err = judge_outcome(&all[i]);
}

enum pt_err
store_refresh(struct store *store, const struct store_caller *caller, const struct store_presented *presented,
    struct store_judgement *out)
{
	struct judging judging = { caller, presented, PURPOSE_REFRESH, out, .ended = NULL };

	return judge_and_write(store, &judging);
}

enum pt_err
store_judge(struct store *store, const struct store_caller *caller, const struct store_presented *presented,
    struct store_judgement *out)
{
	struct judging judging = { caller, presented, PURPOSE_LOOK, out, .ended = NULL };

	return judge_and_write(store, &judging);
}

static enum pt_err
judge_and_end(struct store *store, struct judging *judging)
{
	enum pt_err err = judge_and_write(store, judging);

	if (err != PT_OK)
		*judging->ended = false;
	return err;
}

enum pt_err
store_logout(struct store *store, const struct store_caller *caller, const struct store_presented *presented,
    struct store_judgement *out, bool *ended)
{
	struct judging judging = { caller, presented, PURPOSE_LOGOUT, out, .ended = ended };

	return judge_and_end(store, &judging);
}

enum pt_err
store_revoke(struct store *store, const struct store_caller *caller, const struct store_presented *presented,
    struct store_judgement *out, bool *ended)
{
	struct judging judging = { caller, presented, PURPOSE_REVOKE, out, .ended = ended };

	return judge_and_end(store, &judging);
}
