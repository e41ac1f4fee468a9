/*
 * Guessing, where a password, a code or a link's token is checked: whether one
 * more try may be made, asked before it is. A try is counted first and given
 * back when it was right, so that parallel ones do not slip through. A try from
 * an address that the person never signed in at counts for the account and for
 * the address; one from a device that signed in to this account before counts
 * for that device alone, so that strangers cannot keep the owner out.
 */
#ifndef PINTLE_WEB_WHO_GUESS_H
#define PINTLE_WEB_WHO_GUESS_H

#include "store/limits/limits.h"
#include "web/http/refusal.h"
#include "web/http/request.h"

/* Whose secret is guessed. */
struct guess_at {
	struct slice name;	/* folded; empty if what was typed can be no name */
	struct slice typed;	/* counts in its place then; empty too: the address alone counts */
	const struct user *user;	/* NULL: there is none of that name */
	const struct session *session;	/* the user's that asks, whose device is a known one by that; NULL: none does */
};

/* One try that was counted, or was not allowed. Zero: none was made. */
struct guess {
	struct limits_claim claims[2];
	size_t count;
	bool allowed;
	bool tell;		/* not allowed, and not told to the logs lately */
	int64_t refused;	/* how many were not since they were told, with this one */
	unsigned retry_after;	/* seconds; of one that is not allowed */
	struct refusal refusal;	/* of guess_refuse */
};

/* Counts one try; guess->allowed says whether it may be made. A failure allows nothing: answer it as such. */
enum pt_err guess_begin(const struct request *request, const struct guess_at *at, struct guess *guess);

/*
 * Ends a try that was allowed, at most once; does nothing for one that was not. A wrong one stays counted. One where
 * all that was sent was right is taken back, and no more than that is, and so is one where nothing was compared
 * (no hashing slot, a failure).
 */
void guess_end(const struct request *request, const struct guess *guess, bool wrong);

/*
 * The refusal of a try that was not allowed (429 with Retry-After); it points into *guess. EVENT_LOGIN_LIMITED is
 * reported and recorded at most once a minute for what is limited, with how many there were.
 */
const struct refusal *guess_refuse(const struct request *request, const struct guess_at *at, struct guess *guess);

/* Both in one: counts a try, and refuses it if it may not be made. */
const struct refusal *guess_demand(const struct request *request, const struct guess_at *at, struct guess *guess);

/* A wrong guess is a failed login, whoever makes it: reported, counted and recorded as EVENT_LOGIN_FAILED. */
enum pt_err guess_tell_wrong(const struct request *request, const struct guess_at *at, enum reason reason);

#endif
