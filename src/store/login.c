/* Logins: the session begins, its browser's older ones are superseded, the cap is kept. */
#include "store/internal.h"

#include <string.h>

#include "crypto/random.h"

struct login_change {
	const struct store_caller *caller;
	const struct store_login *login;
	struct session *session;
	struct user *user;
	bool *done;
};

/* Walks the live sessions of a device; *from moves behind the one found. */
static enum pt_err
login_next_of_device(const struct store_txn *txn, const uint8_t device_hash[DIGEST_LEN], uint64_t *from,
    struct session_row *row, bool *found)
{
	struct key prefix = key_digest(device_hash);
	uint64_t number;
	enum pt_err err = table_next(txn, TABLE_DEVICES, &prefix, *from, &number, found);

	if (err != PT_OK || !*found)
		return err;
	*from = number + 1;
	err = session_row_get(txn, number, row, found);
	return err == PT_OK && !*found ? PT_ERR_CORRUPT : err;
}

/*
 * Marks the other live sessions of this browser. They are not ended yet: an
 * answer to one of them that arrives late would put its cookie in the place of
 * the new one, and must then still be worth something (rotation.md).
 */
static enum pt_err
login_supersede(struct store_txn *txn, const struct session *by, struct instant now)
{
	struct session_row row;
	uint64_t from = 0;
	bool found;

	for (;;) {
		enum pt_err err = login_next_of_device(txn, by->device_hash, &from, &row, &found);

		if (err != PT_OK || !found)
			return err;
		/* What is superseded already keeps its time: logging in again does not lengthen it. */
		if (row.session.number == by->number || row.session.superseded_by != 0)
			continue;
		row.session.superseded_by = by->number;
		row.session.superseded_at = now.stamp;
		err = session_row_put(txn, &row);
		/* Perhaps nobody asks for it again, so that nobody sees its end: it is foreseen here. */
		if (err == PT_OK)
			err = status_end(txn, &row.session, now.wall_ms + txn->store->options.periods.quiet_ms);
		if (err != PT_OK)
			return err;
	}
}

enum pt_err
login_end_superseded(struct store_txn *txn, const struct store_caller *caller, const struct session *session)
{
	struct session_row row;
	uint64_t from = 0;
	bool found;

	for (;;) {
		enum pt_err err = login_next_of_device(txn, session->device_hash, &from, &row, &found);

		if (err != PT_OK || !found)
			return err;
		/* By this login, or by one between the two that was never refreshed. */
		if (row.session.superseded_by == 0 || row.session.superseded_by > session->number)
			continue;
		err = session_row_end(txn, caller, &row, REASON_REPLACED, 0);
		if (err != PT_OK)
			return err;
	}
}

/* A user's sessions, counted, and which is the first to go of each kind. */
struct user_load {
	uint64_t live, ended;
	struct session_row least_used;
	struct session_row oldest_ended;
};

/* What is dead already, or waits for its end, goes before what is in use. */
static int64_t
use_of(const struct session *session, struct instant now, const struct user *user, const struct standing_rules *rules)
{
	if (session->superseded_by != 0 || standing_decide(session, user, now, rules) != REASON_NONE)
		return -1;
	return session->last_seen_at;
}

static enum pt_err
load_measure(const struct store_txn *txn, const struct user *user, struct instant now, struct user_load *out)
{
	const struct standing_rules rules = session_row_rules(txn->store);
	struct key prefix = key_number(user->number);
	struct session_row row;
	int64_t least = INT64_MAX, oldest = INT64_MAX;
	bool found;

	out->live = out->ended = 0;
	for (uint64_t number = 0;; number++) {
		enum pt_err err = table_next(txn, TABLE_USER_SESSIONS, &prefix, number, &number, &found);

		if (err != PT_OK || !found)
			return err;
		err = session_row_get(txn, number, &row, &found);
		if (err != PT_OK || !found)
			return err != PT_OK ? err : PT_ERR_CORRUPT;
		int64_t use = use_of(&row.session, now, user, &rules);

		if (row.session.ended != REASON_NONE) {
			out->ended++;
			if (row.session.ended_at < oldest) {
				oldest = row.session.ended_at;
				out->oldest_ended = row;
			}
		} else {
			out->live++;
			if (use < least) {
				least = use;
				out->least_used = row;
			}
		}
	}
}

/* Ends one session for the cap; one that is dead already, and not recorded so, for its own reason. */
static enum pt_err
cap_end(struct store_txn *txn, const struct store_caller *caller, const struct user *user, struct session_row *row)
{
	const struct standing_rules rules = session_row_rules(txn->store);
	enum reason reason = standing_decide(&row->session, user, caller->now, &rules);

	return session_row_end(txn, caller, row, reason != REASON_NONE ? reason : REASON_SESSION_CAP, 0);
}

/* Makes room for one session more: at most cap live ones, and as many that have ended. */
static enum pt_err
cap_keep(struct store_txn *txn, const struct store_caller *caller, const struct user *user)
{
	const uint64_t cap = txn->store->options.sessions_per_user;
	struct user_load load;
	enum pt_err err = load_measure(txn, user, caller->now, &load);

	while (err == PT_OK && load.live > 0 && load.live >= cap) {
		err = cap_end(txn, caller, user, &load.least_used);
		if (err == PT_OK)
			err = load_measure(txn, user, caller->now, &load);
	}
	while (err == PT_OK && load.ended > cap) {
		err = session_row_remove(txn, &load.oldest_ended);
		if (err == PT_OK)
			err = load_measure(txn, user, caller->now, &load);
	}
	return err;
}

static enum pt_err
login_new_session(struct store_txn *txn, const struct login_change *change, struct session_row *out)
{
	const struct store_login *login = change->login;
	const int64_t now_ms = change->caller->now.wall_ms;
	struct session *session = &out->session;
	struct counters counters;
	enum pt_err err = meta_counters(txn, &counters);

	if (err != PT_OK)
		return err;
	*out = (struct session_row){ .session = {
		.number = counters.next_session++, .user_number = login->user_number,
		.rotation = rotate_begin(login->nonce), .remember = login->remember, .methods = login->methods,
		.created_at = now_ms, .auth_time = now_ms, .last_seen_at = now_ms,
	} };
	memcpy(session->secret_hash, login->secret_hash, DIGEST_LEN);
	memcpy(session->device_hash, login->device_hash, DIGEST_LEN);
	slice_copy_printable(login->device, session->device, sizeof session->device);
	slice_copy_printable(change->caller->user_agent, session->user_agent, sizeof session->user_agent);
	slice_copy_printable(change->caller->address, session->address, sizeof session->address);
	standing_begin(session, now_ms, &txn->store->options.lifetimes);
	session->tokens_until = now_ms + txn->store->options.tokens_ms;
	err = status_deal(txn, &counters, session->number, &session->status_index);
	if (err == PT_OK)
		err = random_id(session->sid);
	return err != PT_OK ? err : meta_set_counters(txn, &counters);
}

/* Whether the user may have a session: still there, enabled, and with the password that was checked. */
static enum pt_err
login_user(struct store_txn *txn, const struct store_login *login, struct user *user, bool *good)
{
	enum pt_err err = user_get(txn, login->user_number, user, good);

	if (err != PT_OK || !*good)
		return err;
	*good = !user->disabled &&
	    (login->expected_hash == NULL || strcmp(login->expected_hash, user->password_hash) == 0);
	return PT_OK;
}

/* Turns on the second factor that the login confirms, or spends what it shows of the one that is on. */
static bool
login_take_otp(struct otp *otp, const struct login_change *change)
{
	const struct store_login *login = change->login;

	/* Only who has none may turn one on by a login: it takes the place of no other. */
	if (login->enrolment)
		return !otp->on && otp_confirm(otp, login->enrolment, change->caller->now.wall_ms);
	return login->proof && otp_spend(otp, login->proof);
}

static enum pt_err
login_tell_otp(struct store_txn *txn, const struct login_change *change)
{
	if (change->login->enrolment)
		return audit_add_user(txn, change->caller, EVENT_OTP_ENABLED, change->user);
	if (change->login->proof->kind == OTP_PROOF_RECOVERY)
		return audit_add_user(txn, change->caller, EVENT_RECOVERY_CODE_USED, change->user);
	return PT_OK;
}

/* The second factor of a login by password, where one is on or has to be; *good is false if it is not shown. */
static enum pt_err
login_second_factor(struct store_txn *txn, const struct login_change *change, bool *good)
{
	const struct store_options *options = &txn->store->options;
	struct otp otp;
	bool found;
	enum pt_err err;

	*good = true;
	if (!(change->login->methods & LOGIN_BY_PASSWORD))
		return PT_OK;
	err = otp_get(txn, change->user->number, &otp, &found);
	if (err != PT_OK)
		return err;
	if (!otp.on && !change->login->enrolment) {
		*good = !otp_is_required(slice_of(change->user->groups), slice_of(options->otp_required));
		return PT_OK;
	}
	*good = login_take_otp(&otp, change);
	if (*good)
		err = otp_put(txn, &otp);
	return err == PT_OK && *good ? login_tell_otp(txn, change) : err;
}

static enum pt_err
run_login(struct store_txn *txn, void *ctx)
{
	struct login_change *change = ctx;
	struct session_row row;
	enum pt_err err = login_user(txn, change->login, change->user, change->done);

	if (err == PT_OK && *change->done)
		err = login_second_factor(txn, change, change->done);
	if (err != PT_OK || !*change->done)
		return err;
	err = cap_keep(txn, change->caller, change->user);
	if (err == PT_OK)
		err = login_new_session(txn, change, &row);
	if (err == PT_OK)
		err = login_supersede(txn, &row.session, change->caller->now);
	if (err == PT_OK)
		err = session_row_add(txn, &row);
	if (err == PT_OK)
		err = settle_login(txn);
	change->user->last_login_at = change->caller->now.wall_ms;
	if (err == PT_OK)
		err = user_put(txn, change->user);
	if (err == PT_OK)
		err = device_remember(txn, row.session.user_number, row.session.device_hash, change->caller->now.wall_ms);
	if (err == PT_OK)
		err = audit_add_session(txn, audit_event(change->caller, EVENT_LOGIN), &row.session);
	*change->done = err == PT_OK;
	if (err == PT_OK)
		*change->session = row.session;
	return err;
}

enum pt_err
store_login(struct store *store, const struct store_caller *caller, const struct store_login *login,
    struct session *session, struct user *user, bool *done)
{
	struct login_change change = { caller, login, session, user, done };
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	*done = false;
	return err != PT_OK ? err : commit_run(store, run_login, &change);
}
