/*
 * The second factor: who needs one, and the rule that no code counts twice. Pure.
 *
 * A code belongs to a time step. One whose step is at or below the last accepted step is refused,
 * whatever the clock says: it or a neighbour was used, or the clock has been set back since
 * (DESIGN.md, A code's step only goes up).
 */
#ifndef PINTLE_CORE_OTP_H
#define PINTLE_CORE_OTP_H

#include "core/records.h"

/* how long a secret waits for its first code */
#define OTP_PENDING_MS (INT64_C(15) * 60 * 1000)
#define OTP_EVERYBODY "all"	/* instead of a list of groups */

/* The proof that was shown. Zero: none. */
enum otp_proof_kind { OTP_PROOF_NONE = 0, OTP_PROOF_CODE, OTP_PROOF_RECOVERY };

struct otp_proof {
	enum otp_proof_kind kind;
	/* the secret that made the code, as in the record */
	uint8_t sealed[OTP_SEALED_SIZE];
	uint64_t step;				/* of the code */
	uint8_t hash[DIGEST_SIZE];		/* SHA-256 of the recovery code */
};

/* The first code of a new secret, and the recovery codes that go with it. */
struct otp_enrolment {
	uint8_t sealed[OTP_SEALED_SIZE];
	uint64_t step;
	uint8_t recovery[OTP_RECOVERY_CODES][DIGEST_SIZE];
};

/*
 * Whether users in these groups must have a second factor; required is a comma-separated list of
 * groups, "all", or empty.
 */
bool otp_is_required(struct slice groups, struct slice required);

/*
 * Whether the proof is good, which spends it in *otp. False, with nothing changed, if it was spent
 * before.
 */
bool otp_spend(struct otp *otp, const struct otp_proof *proof);

/* Whether a new secret still waits for its first code. */
bool otp_is_pending(const struct otp *otp, int64_t now_ms);

/* Turns on the waiting secret if it is the enrolment's; else false, with nothing changed. */
bool otp_confirm(struct otp *otp, const struct otp_enrolment *enrolment, int64_t now_ms);

/*
 * Replaces *otp, which may be zero, with an imported second factor (.on is true). If both have the
 * same secret, nothing that was spent comes back (DESIGN.md, A second factor that comes back): the
 * later step counts, and the later set of recovery codes, or of one set those that neither side has
 * spent. False if that changes nothing.
 */
bool otp_move_in(struct otp *otp, const struct otp *newcomer);

/* How many recovery codes are unspent. */
unsigned otp_recovery_left(const struct otp *otp);

#endif
