/*
 * One question to the guard, from what the server sent to the verdict on it: what the files of
 * this room hand on to one another.
 */
#ifndef PINTLE_WEB_GUARD_QUESTION_H
#define PINTLE_WEB_GUARD_QUESTION_H

#include "conf/settings.h"
#include "web/guard/mode.h"
#include "web/who/credential.h"

/* Why nobody is let through. The zero is the plainest no. */
enum guard_refusal {
	GUARD_SIGNED_OUT = 0,
	GUARD_STEP_UP,
	GUARD_NOT_ALLOWED,
	GUARD_CROSS_SITE,
	GUARD_AMBIGUOUS,
	GUARD_PREFLIGHT,	/* not let through, but answered all the same */
	GUARD_PASS,
};

/* What a request has to show, and what it showed. */
struct guard {
	const struct request *request;
	enum guard_mode mode;
	struct slice groups;	/* any of these; empty: anybody */
	int64_t max_age_s;	/* of the login; -1: any age */
	struct slice method;	/* of the request that is guarded */
	bool unsafe;
	bool navigation;
	struct slice address;	/* of that request, as the browser sent it */
	const struct guard_place *place;	/* that the server says it is about; NULL: it says none that is known */
	bool for_programs;	/* at a place that no cookie opens, a page that asks to sign in would ask for ever */
	struct credential who;
	enum guard_refusal refusal;
};

/*
 * Reads the demands that the server makes. One that is there but empty or broken is a broken
 * configuration: nobody passes.
 */
enum pt_err guard_read_demands(struct guard *guard, struct slice groups, struct slice max_age);

/* Reads what is asked for: method, address, and whether a person navigates there. */
void guard_read_target(struct guard *guard);

/*
 * Finds out which place it is about. In forward an address that does not come is a broken configuration: nobody
 * passes. Where the address falls into another place than the one that the server says, or may be read so, *strays
 * is set.
 */
enum pt_err guard_read_place(struct guard *guard, bool *strays);

/* A preflight brings no credentials, and a browser takes no refusal for an answer (Fetch standard, 3.2.2). */
bool guard_is_preflight(const struct guard *guard);

/* Decides by who asks alone: guard->refusal. */
enum pt_err guard_decide(struct guard *guard);

/* The same in a mode, where the address and the place are looked at before who asks is. */
enum pt_err guard_decide_place(struct guard *guard);

/*
 * Deny is asked after verify said no, without its demands: what verify said comes as PINTLE_REASON, where the server's
 * configuration passes it on. Never less than a refusal comes of it.
 */
enum pt_err guard_decide_deny(struct guard *guard);

/* Answers yes: the use of the session is noted, which may fail. */
enum pt_err guard_pass(const struct guard *guard, struct web_response *response);

/* Answers no. */
void guard_refuse(const struct guard *guard, struct web_response *response);

/* How a verdict is called in X-Auth-Reason and PINTLE_REASON; the empty string for GUARD_PASS. */
const char *guard_refusal_name(enum guard_refusal refusal);

#endif
