/*
 * Logins: the session begins, its browser's sessions are settling, and the caps are applied. See
 * DESIGN.md, Codes are spent with the login.
 */
#include <string.h>

#include "core/login.h"
#include "crypto/random.h"
#include "store/browser.h"
#include "store/cap.h"
#include "store/device.h"
#include "store/audit.h"
#include "store/refresh.h"
#include "store/rows/otp_row.h"
#include "store/rows/session_row.h"
#include "store/rows/user_row.h"
#include "store/require_otp.h"

struct login_change {
	const struct store_caller *caller;
	const struct store_login *login;
	struct user user;
	struct session_row begun;
	struct otp otp;		/* the user's, with the shown code spent */
	enum login_code code;	/* what the shown code was */
	struct login_decision decision;
};

/*
 * Marks the session whose good token came along as used: repeated logins whose answers are lost
 * must not push out the session that the browser has. Returns its number; 0 if none came.
 */
static uint64_t
login_use_carried(struct store_txn *txn, const struct login_change *change)
{
	const struct store_login *login = change->login;
	struct session_row row;
	uint64_t kept = 0;

	for (size_t i = 0; i < login->carried_count; i++) {
		if (!refresh_carried_is_good(txn, change->caller, &login->carried[i], &row) ||
		    row.session.number <= kept ||
		    memcmp(row.session.device_hash, login->device_hash, DIGEST_SIZE) != 0)
			continue;
		kept = row.session.number;
		standing_touch(&row.session, change->caller->now, &txn_options(txn)->lifetimes);
		session_row_put(txn, &row);
	}
	return kept;
}

/* Makes room for one more session of the user and in the browser. */
static void
login_make_room(struct store_txn *txn, const struct login_change *change)
{
	const uint8_t *device_hash = change->login->device_hash;
	uint64_t kept = login_use_carried(txn, change);

	cap_keep(txn, change->caller, &change->user, device_hash);
	browser_make_room(txn, change->caller, device_hash, kept);
}

/*
 * Begins the session. It settles from the present time, not from the request's, because this login
 * may have waited for the writer.
 */
static void
login_begin(struct store_txn *txn, struct login_change *change)
{
	const struct store_login *login = change->login;
	const struct store_caller *caller = change->caller;
	const struct store_options *options = txn_options(txn);
	struct session *session = &change->begun.session;

	change->begun = (struct session_row){ .session = {
		.user_number = login->user_number, .rotation = rotate_begin(login->nonce),
		.remember = login->remember,
		.methods = change->decision.methods,
		.tokens_until = caller->now.wall_ms + options->tokens_ms,
	} };
	memcpy(session->secret_hash, login->secret_hash, DIGEST_SIZE);
	memcpy(session->device_hash, login->device_hash, DIGEST_SIZE);
	slice_copy_printable(login->device, session->device, sizeof(session->device));
	slice_copy_printable(caller->user_agent, session->user_agent, sizeof(session->user_agent));
	slice_copy_printable(caller->address, session->address, sizeof(session->address));
	standing_begin(session, caller->now, &options->lifetimes);
	txn_fail(txn, random_id(session->sid));
	browser_settle(txn, session, caller->clock ? caller->clock().stamp : caller->now.stamp);
	session_row_add(txn, &change->begun);
}

/*
 * What the shown code is, by the present second factor. In change->otp the code is spent, or the
 * factor turned on.
 */
static enum login_code
login_take_code(struct login_change *change)
{
	const struct store_login *login = change->login;
	struct otp *otp = &change->otp;

	if (login->enrolment)
		return otp_confirm(otp, login->enrolment, change->caller->now.wall_ms) ?
		    LOGIN_CODE_FIRST : LOGIN_CODE_WRONG;
	if (login->proof == NULL)
		return LOGIN_CODE_MISSING;
	if (!otp->on)
		return LOGIN_CODE_STRAY;
	return otp_spend(otp, login->proof) ? LOGIN_CODE_GOOD : LOGIN_CODE_SPENT;
}

/*
 * Decides by the present state: whether the user still exists, is enabled, and has the password and
 * the second factor that were checked.
 */
static struct login_decision
login_judge(struct store_txn *txn, struct login_change *change)
{
	const struct store_login *login = change->login;
	const struct user *user = &change->user;
	struct login_facts facts = { .methods = login->methods, .code = LOGIN_CODE_MISSING };

	facts.known = user_row_get(txn, login->user_number, &change->user);
	if (!facts.known)
		return login_decide(&facts);
	facts.disabled = user->disabled;
	facts.right = login->expected_hash == NULL ||
	    strcmp(login->expected_hash, user->password_hash) == 0;
	if (login->methods & LOGIN_BY_PASSWORD) {
		otp_row_get(txn, user->number, &change->otp);
		facts.otp_on = change->otp.on;
		/* A login that was to turn one on must do so, or else begins no session. */
		facts.otp_required = login->enrolment ||
		    otp_is_required(slice_of(user->groups),
		    slice_of(txn_options(txn)->otp_required));
		facts.code = login_take_code(change);
	}
	change->code = facts.code;
	return login_decide(&facts);
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

static void
run_login(struct store_txn *txn, void *ctx)
{
	struct login_change *change = ctx;
	const int64_t now_ms = change->caller->now.wall_ms;
	const struct session *session = &change->begun.session;

	change->decision = login_judge(txn, change);
	if (change->decision.result != LOGIN_GOOD)
		return;
	if (change->code == LOGIN_CODE_GOOD || change->code == LOGIN_CODE_FIRST) {
		otp_row_put(txn, &change->otp);
		login_tell_otp(txn, change);
	}
	login_make_room(txn, change);
	login_begin(txn, change);
	require_otp_login(txn);
	change->user.last_login_at = now_ms;
	user_row_put(txn, &change->user);
	device_use(txn, session->user_number, session->device_hash, now_ms);
	if (!txn_failed(txn))
		audit_add_session(txn, audit_event(change->caller, EVENT_LOGIN), session);
}

enum pt_err
store_login(struct store *store, const struct store_caller *caller, const struct store_login *login,
    struct session *session, struct user *user, struct login_decision *decision)
{
	struct login_change change = { .caller = caller, .login = login };
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	if (err == PT_OK)
		err = commit_change(store, run_login, &change);
	*decision = err == PT_OK ? change.decision :
	    (struct login_decision){ .result = LOGIN_REFUSED };
	if (decision->result == LOGIN_GOOD) {
		*session = change.begun.session;
		*user = change.user;
	}
	return err;
}
