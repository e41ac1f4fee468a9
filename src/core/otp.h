/*
 * The second factor: when it is asked for, and that no code counts twice. Pure.
 *
 * A code belongs to a step of time. One whose step is at or below the last that
 * was accepted is refused, whatever the clock says: it was used, or its
 * neighbour was, or the clock has been set back since. After a clock that was
 * wrong into the future, codes are refused until it comes there again; meanwhile
 * recovery codes are good, and an administrator can enrol anew, which forgets
 * the step together with the secret that it was of.
 */
#ifndef PINTLE_CORE_OTP_H
#define PINTLE_CORE_OTP_H

#include "core/records.h"

#define OTP_PENDING_MS (INT64_C(15) * 60 * 1000)	/* a secret waits so long for its first code */
#define OTP_EVERYBODY "all"	/* in the place of groups */

/* What was shown to prove it. Zero: nothing. */
enum otp_proof_kind { OTP_PROOF_NONE = 0, OTP_PROOF_CODE, OTP_PROOF_RECOVERY };

struct otp_proof {
	enum otp_proof_kind kind;
	uint8_t sealed[OTP_SEALED_SIZE];	/* the secret whose code it is, as it stands in the record */
	uint64_t step;				/* of the code */
	uint8_t hash[DIGEST_LEN];		/* SHA-256 of the recovery code */
};

/* A first code for a secret that was handed out, and the recovery codes that go with it. */
struct otp_enrolment {
	uint8_t sealed[OTP_SEALED_SIZE];
	uint64_t step;
	uint8_t recovery[OTP_RECOVERY_CODES][DIGEST_LEN];
};

/* Whether users of these groups must have a second factor: required is groups with commas between, "all", or empty. */
bool otp_is_required(struct slice groups, struct slice required);

/* Whether the proof is good; then it is spent in *otp. False, with nothing changed, for one that was spent before. */
bool otp_spend(struct otp *otp, const struct otp_proof *proof);

/* Whether a secret that was handed out still waits for its first code. */
bool otp_is_pending(const struct otp *otp, int64_t now_ms);

/* Turns on the secret that waits, if it is the one of the enrolment; else false, with nothing changed. */
bool otp_confirm(struct otp *otp, const struct otp_enrolment *enrolment, int64_t now_ms);

/*
 * Puts a second factor that moves in (.on is true) in the place of *otp, which may be zero. Where the secret
 * is that of *otp already, nothing comes back that was spent here: the later step stays the last one, and of the
 * recovery codes those that were made later, or, of one making, those that are spent on neither side. False, with
 * nothing changed, where all is so already.
 */
bool otp_move_in(struct otp *otp, const struct otp *newcomer);

/* How many recovery codes are not spent. */
unsigned otp_recovery_left(const struct otp *otp);

#endif
