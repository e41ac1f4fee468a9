/* Logins: the session begins, its browser's sessions are settling, the caps are kept. */
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

/*
 * The session whose good token came along is in use: logins whose answers are lost, one after the other,
 * must not push out what the browser holds. *kept is its number; 0 if none came.
 */
static enum pt_err
login_use_carried(struct store_txn *txn, const struct login_change *change, uint64_t *kept)
{
	const struct store_login *login = change->login;
	struct session_row row;
	bool good;

	*kept = 0;
	for (size_t i = 0; i < login->carried_count; i++) {
		enum pt_err err = judge_carried(txn, change->caller, &login->carried[i], &row, &good);

		if (err != PT_OK)
			return err;
		if (!good || row.session.number <= *kept ||
		    memcmp(row.session.device_hash, login->device_hash, DIGEST_LEN) != 0)
			continue;
		*kept = row.session.number;
		standing_touch(&row.session, change->caller->now, &txn->store->options.lifetimes);
		err = session_row_put(txn, &row);
		if (err != PT_OK)
			return err;
	}
	return PT_OK;
}

/* Makes room for one session more, of the user and of the browser. */
static enum pt_err
login_make_room(struct store_txn *txn, const struct login_change *change)
{
	const uint8_t *device_hash = change->login->device_hash;
	uint64_t kept;
	enum pt_err err = login_use_carried(txn, change, &kept);

	if (err == PT_OK)
		err = cap_keep(txn, change->caller, change->user, device_hash);
	return err != PT_OK ? err : browser_make_room(txn, change->caller, device_hash, kept);
}

/* As of now: the quiet period is counted from the commit, and this login may have waited for it. */
static enum pt_err
login_settle(struct store_txn *txn, const struct login_change *change, struct session *session)
{
	struct stamp now = change->login->clock ? change->login->clock().stamp : change->caller->now.stamp;

	return browser_settle(txn, session, now);
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
	} };
	memcpy(session->secret_hash, login->secret_hash, DIGEST_LEN);
	memcpy(session->device_hash, login->device_hash, DIGEST_LEN);
	slice_copy_printable(login->device, session->device, sizeof session->device);
	slice_copy_printable(change->caller->user_agent, session->user_agent, sizeof session->user_agent);
	slice_copy_printable(change->caller->address, session->address, sizeof session->address);
	standing_begin(session, change->caller->now, &txn->store->options.lifetimes);
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
	err = login_make_room(txn, change);
	if (err == PT_OK)
		err = login_new_session(txn, change, &row);
	if (err == PT_OK)
		err = login_settle(txn, change, &row.session);
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
