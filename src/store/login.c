/* Logins: the session begins, its browser's sessions are settling, the caps are kept. */
#include <string.h>

#include "crypto/random.h"
#include "store/browser.h"
#include "store/cap.h"
#include "store/device.h"
#include "store/audit.h"
#include "store/refresh.h"
#include "store/rows/otp_row.h"
#include "store/rows/session_row.h"
#include "store/rows/user_row.h"
#include "store/settle.h"

struct login_change {
	const struct store_caller *caller;
	const struct store_login *login;
	struct user user;
	struct session_row begun;
	bool done;	/* the session has begun */
};

/*
 * The session whose good token came along is in use: logins whose answers are lost, one after the other,
 * must not push out what the browser holds. Its number; 0 if none came.
 */
static uint64_t
login_use_carried(struct store_txn *txn, const struct login_change *change)
{
	const struct store_login *login = change->login;
	struct session_row row;
	uint64_t kept = 0;

	for (size_t i = 0; i < login->carried_count; i++) {
		if (!judge_carried(txn, change->caller, &login->carried[i], &row) || row.session.number <= kept ||
		    memcmp(row.session.device_hash, login->device_hash, DIGEST_LEN) != 0)
			continue;
		kept = row.session.number;
		standing_touch(&row.session, change->caller->now, &txn_options(txn)->lifetimes);
		session_row_put(txn, &row);
	}
	return kept;
}

/* Makes room for one session more, of the user and of the browser. */
static void
login_make_room(struct store_txn *txn, const struct login_change *change)
{
	const uint8_t *device_hash = change->login->device_hash;
	uint64_t kept = login_use_carried(txn, change);

	cap_keep(txn, change->caller, &change->user, device_hash);
	browser_make_room(txn, change->caller, device_hash, kept);
}

/* Begins the session; it settles as of now: the quiet period is counted from the commit, and this login may have waited for it. */
static void
login_begin(struct store_txn *txn, struct login_change *change)
{
	const struct store_login *login = change->login;
	const struct store_caller *caller = change->caller;
	const struct store_options *options = txn_options(txn);
	struct session *session = &change->begun.session;

	change->begun = (struct session_row){ .session = {
		.user_number = login->user_number, .rotation = rotate_begin(login->nonce), .remember = login->remember,
		.methods = login->methods, .tokens_until = caller->now.wall_ms + options->tokens_ms,
	} };
	memcpy(session->secret_hash, login->secret_hash, DIGEST_LEN);
	memcpy(session->device_hash, login->device_hash, DIGEST_LEN);
	slice_copy_printable(login->device, session->device, sizeof(session->device));
	slice_copy_printable(caller->user_agent, session->user_agent, sizeof(session->user_agent));
	slice_copy_printable(caller->address, session->address, sizeof(session->address));
	standing_begin(session, caller->now, &options->lifetimes);
	txn_fail(txn, random_id(session->sid));
	browser_settle(txn, session, login->clock ? login->clock().stamp : caller->now.stamp);
	session_row_add(txn, &change->begun);
}

/* Whether the user may have a session: still there, enabled, and with the password that was checked. */
static bool
login_user(struct store_txn *txn, const struct store_login *login, struct user *user)
{
	return user_row_get(txn, login->user_number, user) && !user->disabled &&
	    (login->expected_hash == NULL || strcmp(login->expected_hash, user->password_hash) == 0);
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

static void
login_tell_otp(struct store_txn *txn, const struct login_change *change)
{
	const struct store_login *login = change->login;

	if (login->enrolment)
		audit_add_user(txn, change->caller, EVENT_OTP_ENABLED, &change->user);
	else if (login->proof->kind == OTP_PROOF_RECOVERY)
		audit_add_user(txn, change->caller, EVENT_RECOVERY_CODE_USED, &change->user);
}

/* Takes the second factor of a login by password, where one is on or has to be; false if it is not shown. */
static bool
login_second_factor(struct store_txn *txn, const struct login_change *change)
{
	struct otp otp;

	if (!(change->login->methods & LOGIN_BY_PASSWORD))
		return true;
	otp_row_get(txn, change->user.number, &otp);
	if (!otp.on && !change->login->enrolment)
		return !otp_is_required(slice_of(change->user.groups), slice_of(txn_options(txn)->otp_required));
	if (!login_take_otp(&otp, change))
		return false;
	otp_row_put(txn, &otp);
	login_tell_otp(txn, change);
	return true;
}

static void
run_login(struct store_txn *txn, void *ctx)
{
	struct login_change *change = ctx;
	const int64_t now_ms = change->caller->now.wall_ms;
	const struct session *session = &change->begun.session;

	change->done = login_user(txn, change->login, &change->user) && login_second_factor(txn, change);
	if (!change->done)
		return;
	login_make_room(txn, change);
	login_begin(txn, change);
	settle_login(txn);
	change->user.last_login_at = now_ms;
	user_row_put(txn, &change->user);
	device_use(txn, session->user_number, session->device_hash, now_ms);
	if (!txn_failed(txn))
		audit_add_session(txn, audit_event(change->caller, EVENT_LOGIN), session);
}

enum pt_err
store_login(struct store *store, const struct store_caller *caller, const struct store_login *login,
    struct session *session, struct user *user, bool *done)
{
	struct login_change change = { .caller = caller, .login = login };
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	if (err == PT_OK)
		err = commit_change(store, run_login, &change);
	*done = err == PT_OK && change.done;
	if (*done) {
		*session = change.begun.session;
		*user = change.user;
	}
	return err;
}
