/* Second factors: a table of their own, so that a user's record carries no secret about. */
#include "store/internal.h"

#include <string.h>

enum pt_err
store_otp_get(struct store *store, uint64_t user_number, struct otp *out, bool *found)
{
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	*found = false;
	if (err != PT_OK)
		return err;
	err = otp_get(&txn, user_number, out, found);
	txn_read_end(&txn);
	return err;
}

/* ---- changes ---- */

struct otp_change {
	const struct store_caller *caller;
	uint64_t user_number;
	const struct otp_proof *proof;	/* NULL: an administrator asks */
	const struct otp_enrolment *enrolment;
	const uint8_t *sealed;
	const struct store_otp_recovery *recovery;
	struct store_otp_sessions sessions;
	bool *done;
};

/* Reads the user and its second factor (zero where there is none); *change->done tells whether there is such a user. */
static enum pt_err
change_begin(struct store_txn *txn, struct otp_change *change, struct user *user, struct otp *otp)
{
	bool found;
	enum pt_err err = user_get(txn, change->user_number, user, change->done);

	if (err == PT_OK)
		err = otp_get(txn, change->user_number, otp, &found);
	otp->user_number = change->user_number;
	return err;
}

/* The same for an administrator, who may put another in the place of one that does not decode (*broken), or remove it. */
static enum pt_err
change_begin_anyway(struct store_txn *txn, struct otp_change *change, struct user *user, struct otp *otp, bool *broken)
{
	bool found;
	enum pt_err err = user_get(txn, change->user_number, user, change->done);

	*broken = false;
	if (err != PT_OK || !*change->done)
		return err;
	err = otp_get(txn, change->user_number, otp, &found);
	*broken = err == PT_ERR_CORRUPT;
	return *broken ? PT_OK : err;
}

static enum pt_err
change_sessions(struct store_txn *txn, const struct otp_change *change)
{
	uint64_t count = 0;

	if (!change->sessions.end_others)
		return PT_OK;
	return old_session_row_end_all(txn, change->caller, change->user_number, change->sessions.current,
	    REASON_OTP_CHANGED, &count);
}

static enum pt_err
run_begin(struct store_txn *txn, void *ctx)
{
	struct otp_change *change = ctx;
	struct user user;
	struct otp otp;
	enum pt_err err = change_begin(txn, change, &user, &otp);

	if (err != PT_OK || !*change->done)
		return err;
	*change->done = !otp.on || (change->proof && otp_spend(&otp, change->proof));
	if (!*change->done)
		return PT_OK;
	memcpy(otp.pending, change->sealed, sizeof otp.pending);
	otp.pending_at = change->caller->now.wall_ms;
	return otp_put(txn, &otp);
}

enum pt_err
store_otp_begin(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const uint8_t sealed[OTP_SEALED_SIZE], const struct otp_proof *proof, bool *done)
{
	struct otp_change change = {
		.caller = caller, .user_number = user_number, .sealed = sealed, .proof = proof, .done = done,
	};
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	*done = false;
	return err != PT_OK ? err : commit_run(store, run_begin, &change);
}

/* The session in which the first code was shown is one by a second factor from then on. */
static enum pt_err
session_add_method(struct store_txn *txn, const struct otp_change *change)
{
	struct session_row row;
	bool found;
	enum pt_err err = old_session_row_get(txn, change->sessions.current, &row, &found);

	if (err != PT_OK || !found || row.session.user_number != change->user_number)
		return err;
	row.session.methods |= LOGIN_BY_OTP;
	return old_session_row_put(txn, &row);
}

static enum pt_err
run_confirm(struct store_txn *txn, void *ctx)
{
	struct otp_change *change = ctx;
	struct user user;
	struct otp otp;
	enum pt_err err = change_begin(txn, change, &user, &otp);

	if (err != PT_OK || !*change->done)
		return err;
	*change->done = otp_confirm(&otp, change->enrolment, change->caller->now.wall_ms);
	if (!*change->done)
		return PT_OK;
	err = otp_put(txn, &otp);
	if (err == PT_OK)
		err = session_add_method(txn, change);
	if (err == PT_OK)
		err = audit_add_user(txn, change->caller, EVENT_OTP_ENABLED, &user);
	return err != PT_OK ? err : change_sessions(txn, change);
}

enum pt_err
store_otp_confirm(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const struct otp_enrolment *enrolment, const struct store_otp_sessions *sessions, bool *done)
{
	struct otp_change change = {
		.caller = caller, .user_number = user_number, .enrolment = enrolment, .sessions = *sessions, .done = done,
	};

	*done = false;
	return commit_run(store, run_confirm, &change);
}

static enum pt_err
run_set(struct store_txn *txn, void *ctx)
{
	struct otp_change *change = ctx;
	struct user user;
	struct otp otp;
	bool broken;
	enum pt_err err = change_begin_anyway(txn, change, &user, &otp, &broken);

	if (err != PT_OK || !*change->done)
		return err;
	otp = (struct otp){
		.user_number = user.number, .on = true,
		.enrolled_at = change->caller->now.wall_ms, .recovery_at = change->caller->now.wall_ms,
	};
	memcpy(otp.sealed, change->sealed, sizeof otp.sealed);
	memcpy(otp.recovery, change->recovery->hashes, sizeof otp.recovery);
	err = otp_put(txn, &otp);
	return err != PT_OK ? err : audit_add_user(txn, change->caller, EVENT_OTP_ENABLED, &user);
}

enum pt_err
store_otp_set(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const uint8_t sealed[OTP_SEALED_SIZE], const struct store_otp_recovery *recovery, bool *done)
{
	struct otp_change change = {
		.caller = caller, .user_number = user_number, .sealed = sealed, .recovery = recovery, .done = done,
	};
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	*done = false;
	return err != PT_OK ? err : commit_run(store, run_set, &change);
}

static enum pt_err
run_remove(struct store_txn *txn, void *ctx)
{
	struct otp_change *change = ctx;
	struct user user;
	struct otp otp;
	bool broken;
	enum pt_err err = change_begin_anyway(txn, change, &user, &otp, &broken);

	if (err != PT_OK || !*change->done)
		return err;
	if (change->proof)
		*change->done = !broken && otp_spend(&otp, change->proof);
	else
		*change->done = broken || otp.on || otp.pending_at != 0;
	if (!*change->done)
		return PT_OK;
	err = otp_del(txn, user.number);
	if (err == PT_OK)
		err = audit_add_user(txn, change->caller, EVENT_OTP_DISABLED, &user);
	return err != PT_OK ? err : change_sessions(txn, change);
}

enum pt_err
store_otp_remove(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const struct otp_proof *proof, const struct store_otp_sessions *sessions, bool *done)
{
	struct otp_change change = {
		.caller = caller, .user_number = user_number, .proof = proof, .sessions = *sessions, .done = done,
	};

	*done = false;
	return commit_run(store, run_remove, &change);
}

static enum pt_err
run_recovery(struct store_txn *txn, void *ctx)
{
	struct otp_change *change = ctx;
	struct user user;
	struct otp otp;
	enum pt_err err = change_begin(txn, change, &user, &otp);

	if (err != PT_OK || !*change->done)
		return err;
	*change->done = change->proof ? otp_spend(&otp, change->proof) : otp.on;
	if (!*change->done)
		return PT_OK;
	memcpy(otp.recovery, change->recovery->hashes, sizeof otp.recovery);
	otp.recovery_at = change->caller->now.wall_ms;
	err = otp_put(txn, &otp);
	return err != PT_OK ? err : audit_add_user(txn, change->caller, EVENT_RECOVERY_CODES_MADE, &user);
}

enum pt_err
store_otp_set_recovery(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const struct store_otp_recovery *recovery, const struct otp_proof *proof, bool *done)
{
	struct otp_change change = {
		.caller = caller, .user_number = user_number, .recovery = recovery, .proof = proof, .done = done,
	};

	*done = false;
	return commit_run(store, run_recovery, &change);
}

/* ---- under a new master key ---- */

struct otp_renewing {
	const struct store_otp_renewal *list;
	size_t count;
};

static enum pt_err
run_renew(struct store_txn *txn, void *ctx)
{
	const struct otp_renewing *renewing = ctx;

	for (size_t i = 0; i < renewing->count; i++) {
		const struct store_otp_renewal *renewal = &renewing->list[i];
		struct otp otp;
		bool found;
		enum pt_err err = otp_get(txn, renewal->user_number, &otp, &found);

		if (err == PT_ERR_CORRUPT)
			continue;
		if (err != PT_OK)
			return err;
		if (!found || memcmp(otp.sealed, renewal->sealed, OTP_SEALED_SIZE) != 0 ||
		    memcmp(otp.pending, renewal->pending, OTP_SEALED_SIZE) != 0)
			continue;
		memcpy(otp.sealed, renewal->new_sealed, OTP_SEALED_SIZE);
		memcpy(otp.pending, renewal->new_pending, OTP_SEALED_SIZE);
		err = otp_put(txn, &otp);
		if (err != PT_OK)
			return err;
	}
	return PT_OK;
}

enum pt_err
store_otp_renew(struct store *store, const struct store_otp_renewal *list, size_t count)
{
	struct otp_renewing renewing = { list, count };

	return commit_run(store, run_renew, &renewing);
}
