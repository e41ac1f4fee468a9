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
#include "web/http/answer.h"
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
	char text[128];		/* and the sentence that says so */
};

/* Counts one try; guess->allowed says whether it may be made. A failure allows nothing: answer it as such. */
enum pt_err guess_begin(const struct request *request, const struct guess_at *at, struct guess *guess);

enum guess_outcome {
	GUESS_WRONG = 0,	/* stays counted */
	GUESS_RIGHT,		/* all that was sent was right: taken back, and no more than that is */
	GUESS_NOT_MADE,		/* nothing was compared (no hashing slot, a failure): taken back */
};

/* Tells what came of a try that was allowed; at most once. Does nothing for one that was not. A failure leaves it counted. */
void guess_end(const struct request *request, const struct guess *guess, enum guess_outcome outcome);

/*
 * The refusal of a try that was not allowed (429 with Retry-After), borrowed from
 * guess; reports and records EVENT_LOGIN_LIMITED at most once a minute for what is limited, with how many there were.
 */
enum pt_err guess_refuse(const struct request *request, const struct guess_at *at, struct guess *guess,
    struct refusal *refusal);

#endif
