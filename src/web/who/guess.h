/*
 * Limits guessing wherever a password, a code or a link's token is checked. Before each check it
 * asks whether one more attempt is allowed. An attempt is counted first and taken back if it was
 * right, so that parallel ones cannot slip through. An attempt from a device that has signed in to
 * this account before counts only for that device, so that strangers cannot lock the owner out; any
 * other counts for the account and for the address.
 *
 * See DESIGN.md, A guess is counted before the check; DESIGN.md, A known device counts for itself;
 * DESIGN.md, Who asks for a count.
 */
#ifndef PINTLE_WEB_WHO_GUESS_H
#define PINTLE_WEB_WHO_GUESS_H

#include "store/limits/limits.h"
#include "web/http/refusal.h"
#include "web/http/request.h"

/* Whose secret is being guessed. */
struct guess_at {
	struct slice name;	/* folded; empty if what was typed is not a possible name */
	/* counts instead of it then; if empty too, only the address counts */
	struct slice typed;
	const struct user *user;	/* NULL: there is no user of that name */
	/* the user's session that asks, so its device is known; NULL: none does */
	const struct session *session;
};

/* One attempt that was counted or not allowed. All zero: there was none. */
struct guess {
	struct limits_claim claims[2];
	size_t count;
	bool counted;		/* guess_begin has asked the limits */
	bool allowed;
	bool tell;		/* not allowed, and it is time to log that */
	/* how many were not allowed since that was last logged, this one included */
	int64_t refused;
	unsigned retry_after;	/* seconds, if it is not allowed */
	struct refusal refusal;	/* of guess_refuse */
};

/*
 * Counts one attempt; guess->allowed says whether it may be made. Nothing is allowed after a
 * failure. *guess is all zero at first. The same attempt is counted only once: called again after a
 * success, nothing happens.
 */
enum pt_err guess_begin(const struct request *request, const struct guess_at *at,
    struct guess *guess);

/*
 * Ends an attempt, at most once; does nothing if it was not allowed. A wrong one stays counted. One
 * where everything that was sent was right is taken back, and so is one where nothing was compared
 * (no hashing slot, a failure).
 */
void guess_end(const struct request *request, const struct guess *guess, bool wrong);

/*
 * The refusal of an attempt that was not allowed (429 with Retry-After); it points into *guess.
 * EVENT_LOGIN_LIMITED is logged and recorded at most once a minute for each thing that is limited,
 * with the number of attempts.
 */
const struct refusal *guess_refuse(const struct request *request, const struct guess_at *at,
    struct guess *guess);

/* Both in one: counts an attempt, and refuses it if it is not allowed. */
const struct refusal *guess_demand(const struct request *request, const struct guess_at *at,
    struct guess *guess);

/*
 * Logs, counts and records a wrong guess as EVENT_LOGIN_FAILED: it is a failed login, whoever makes
 * it.
 */
enum pt_err guess_tell_wrong(const struct request *request, const struct guess_at *at,
    enum reason reason);

#endif
