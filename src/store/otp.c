/*
 * Changes of second factors: begun, confirmed, set, removed, with new recovery codes, under a new
 * master key.
 */
#include "store/store.h"

#include <string.h>

#include "store/audit.h"
#include "store/end.h"
#include "store/rows/otp_row.h"
#include "store/rows/user_row.h"

enum pt_err
store_otp_get(struct store *store, uint64_t user_number, struct otp *out, bool *found)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	*found = otp_row_get(&txn, user_number, out);
	return txn_read_end(&txn);
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
	enum store_change result;
	/* Read anew in each run: */
	struct user user;
	struct otp otp;
	bool broken;	/* what is there as a second factor does not decode */
};

static bool
otp_change_read_user(struct store_txn *txn, struct otp_change *change)
{
	const bool found = user_row_get(txn, change->user_number, &change->user);

	change->result = found ? CHANGE_DONE : CHANGE_USER_GONE;
	return found;
}

/* Reads the user and the second factor (zero where there is none); whether to go on. */
static bool
otp_change_read(struct store_txn *txn, struct otp_change *change)
{
	if (!otp_change_read_user(txn, change))
		return false;
	otp_row_get(txn, change->user_number, &change->otp);
	change->otp.user_number = change->user_number;
	return !txn_failed(txn);
}

/* The same for an administrator, who may replace one that does not decode, or remove it. */
static bool
otp_change_read_anyway(struct store_txn *txn, struct otp_change *change)
{
	if (!otp_change_read_user(txn, change))
		return false;
	change->broken = otp_row_look(txn, change->user_number, &change->otp) == ROW_BROKEN;
	return !txn_failed(txn);
}

/* Puts the second factor into the store, and what became of it into the log. */
static void
otp_change_put(struct store_txn *txn, const struct otp_change *change, enum event_kind kind)
{
	otp_row_put(txn, &change->otp);
	audit_add_user(txn, change->caller, kind, &change->user);
}

static void
otp_change_sessions(struct store_txn *txn, const struct otp_change *change)
{
	if (change->sessions.end_others)
		session_end_all(txn, change->caller, change->user_number, change->sessions.current,
		    REASON_OTP_CHANGED);
}

static enum pt_err
otp_change_commit(struct store *store, void (*run)(struct store_txn *txn, void *ctx),
    struct otp_change *change, enum store_change *result)
{
	enum pt_err err = commit_change(store, run, change);

	*result = err == PT_OK ? change->result : CHANGE_NONE;
	return err;
}

static void
run_begin(struct store_txn *txn, void *ctx)
{
	struct otp_change *change = ctx;
	struct otp *otp = &change->otp;

	if (!otp_change_read(txn, change))
		return;
	if (otp->on && (change->proof == NULL || !otp_spend(otp, change->proof))) {
		change->result = CHANGE_PROOF_REFUSED;
		return;
	}
	memcpy(otp->pending, change->sealed, sizeof(otp->pending));
	otp->pending_at = change->caller->now.wall_ms;
	otp_row_put(txn, otp);
}

enum pt_err
store_otp_begin(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const uint8_t sealed[OTP_SEALED_SIZE], const struct otp_proof *proof,
    enum store_change *result)
{
	struct otp_change change = {
		.caller = caller, .user_number = user_number, .sealed = sealed, .proof = proof,
	};
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	*result = CHANGE_NONE;
	return err != PT_OK ? err : otp_change_commit(store, run_begin, &change, result);
}

/* The session in which the first code was shown is one by a second factor from then on. */
static void
session_add_method(struct store_txn *txn, const struct otp_change *change)
{
	struct session_row row;

	if (!session_row_get(txn, change->sessions.current, &row) ||
	    row.session.user_number != change->user_number)
		return;
	row.session.methods |= LOGIN_BY_OTP;
	session_row_put(txn, &row);
}

static void
run_confirm(struct store_txn *txn, void *ctx)
{
	struct otp_change *change = ctx;

	if (!otp_change_read(txn, change))
		return;
	if (!otp_confirm(&change->otp, change->enrolment, change->caller->now.wall_ms)) {
		change->result = CHANGE_NOT_PENDING;
		return;
	}
	otp_change_put(txn, change, EVENT_OTP_ENABLED);
	session_add_method(txn, change);
	otp_change_sessions(txn, change);
}

enum pt_err
store_otp_confirm(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const struct otp_enrolment *enrolment, const struct store_otp_sessions *sessions,
    enum store_change *result)
{
	struct otp_change change = {
		.caller = caller, .user_number = user_number, .enrolment = enrolment,
		.sessions = *sessions,
	};

	return otp_change_commit(store, run_confirm, &change, result);
}

static void
run_set(struct store_txn *txn, void *ctx)
{
	struct otp_change *change = ctx;
	const int64_t now_ms = change->caller->now.wall_ms;

	if (!otp_change_read_anyway(txn, change))
		return;
	change->otp = (struct otp){
		.user_number = change->user_number, .on = true, .enrolled_at = now_ms,
		.recovery_at = now_ms,
	};
	memcpy(change->otp.sealed, change->sealed, sizeof(change->otp.sealed));
	memcpy(change->otp.recovery, change->recovery->hashes, sizeof(change->otp.recovery));
	otp_change_put(txn, change, EVENT_OTP_ENABLED);
}

enum pt_err
store_otp_set(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const uint8_t sealed[OTP_SEALED_SIZE], const struct store_otp_recovery *recovery,
    enum store_change *result)
{
	struct otp_change change = {
		.caller = caller, .user_number = user_number, .sealed = sealed,
		.recovery = recovery,
	};
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	*result = CHANGE_NONE;
	return err != PT_OK ? err : otp_change_commit(store, run_set, &change, result);
}

static void
run_remove_otp(struct store_txn *txn, void *ctx)
{
	struct otp_change *change = ctx;

	if (!otp_change_read_anyway(txn, change))
		return;
	if (change->proof) {
		if (change->broken || !otp_spend(&change->otp, change->proof))
			change->result = CHANGE_PROOF_REFUSED;
	} else if (!change->broken && !change->otp.on && change->otp.pending_at == 0) {
		change->result = CHANGE_OTP_OFF;	/* whatever is there can be removed */
	}
	if (change->result != CHANGE_DONE)
		return;
	otp_row_del(txn, change->user_number);
	audit_add_user(txn, change->caller, EVENT_OTP_DISABLED, &change->user);
	otp_change_sessions(txn, change);
}

enum pt_err
store_otp_remove(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const struct otp_proof *proof, const struct store_otp_sessions *sessions,
    enum store_change *result)
{
	struct otp_change change = {
		.caller = caller, .user_number = user_number, .proof = proof, .sessions = *sessions,
	};

	return otp_change_commit(store, run_remove_otp, &change, result);
}

static void
run_recovery(struct store_txn *txn, void *ctx)
{
	struct otp_change *change = ctx;
	struct otp *otp = &change->otp;

	if (!otp_change_read(txn, change))
		return;
	if (change->proof && !otp_spend(otp, change->proof))
		change->result = CHANGE_PROOF_REFUSED;
	else if (change->proof == NULL && !otp->on)
		change->result = CHANGE_OTP_OFF;
	if (change->result != CHANGE_DONE)
		return;
	memcpy(otp->recovery, change->recovery->hashes, sizeof(otp->recovery));
	otp->recovery_at = change->caller->now.wall_ms;
	otp_change_put(txn, change, EVENT_RECOVERY_CODES_MADE);
}

enum pt_err
store_otp_set_recovery(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const struct store_otp_recovery *recovery, const struct otp_proof *proof,
    enum store_change *result)
{
	struct otp_change change = {
		.caller = caller, .user_number = user_number, .recovery = recovery, .proof = proof,
	};

	return otp_change_commit(store, run_recovery, &change, result);
}

/* ---- under a new master key ---- */

struct otp_renewing {
	const struct store_otp_renewal *list;
	size_t count;
};

static void
renew_one(struct store_txn *txn, const struct store_otp_renewal *renewal)
{
	struct otp otp;

	/*
	 * One that does not decode stays as it is, and whoever has another one by now has it under
	 * the new key.
	 */
	if (otp_row_look(txn, renewal->user_number, &otp) != ROW_THERE ||
	    memcmp(otp.sealed, renewal->sealed, OTP_SEALED_SIZE) != 0 ||
	    memcmp(otp.pending, renewal->pending, OTP_SEALED_SIZE) != 0)
		return;
	memcpy(otp.sealed, renewal->new_sealed, OTP_SEALED_SIZE);
	memcpy(otp.pending, renewal->new_pending, OTP_SEALED_SIZE);
	otp_row_put(txn, &otp);
}

static void
run_renew(struct store_txn *txn, void *ctx)
{
	const struct otp_renewing *renewing = ctx;

	for (size_t i = 0; i < renewing->count; i++)
		renew_one(txn, &renewing->list[i]);
}

enum pt_err
store_otp_renew(struct store *store, const struct store_otp_renewal *list, size_t count)
{
	struct otp_renewing renewing = { list, count };

	return commit_change(store, run_renew, &renewing);
}
