/*
 * One question to the guard, from what the server sent to the verdict: what the files of this room
 * share.
 */
#ifndef PINTLE_WEB_GUARD_QUESTION_H
#define PINTLE_WEB_GUARD_QUESTION_H

#include "conf/settings.h"
#include "web/guard/mode.h"
#include "web/who/credential.h"

/* Why nobody is let through. Zero is the plainest no. */
enum guard_refusal {
	GUARD_SIGNED_OUT = 0,
	GUARD_STEP_UP,
	GUARD_NOT_ALLOWED,
	GUARD_CROSS_SITE,
	GUARD_AMBIGUOUS,
	GUARD_PREFLIGHT,	/* a preflight: not let through, but answered */
	GUARD_PASS,
};

/* What a request has to show, and what it did show. */
struct guard {
	const struct request *request;
	enum guard_mode mode;
	struct slice groups;	/* any of these groups; empty: anybody */
	int64_t max_age_s;	/* oldest login that is accepted; -1: any age */
	struct slice method;	/* of the guarded request */
	bool unsafe;
	bool navigation;
	struct slice address;	/* of the guarded request, as the browser sent it */
	/* the place that the server names; NULL: none that is known */
	const struct guard_place *place;
	/* no cookie opens this place, so a login page would come back for ever */
	bool for_programs;
	struct credential who;
	enum guard_refusal refusal;
};

/*
 * Reads the server's demands. One that is present but empty or broken means a broken configuration:
 * nobody passes.
 */
enum pt_err guard_read_demands(struct guard *guard, struct slice groups, struct slice max_age);

/* Reads what is asked for: method, address, and whether a person navigates there. */
void guard_read_target(struct guard *guard);

/*
 * Finds the place. In forward mode a missing address means a broken configuration: nobody passes.
 * *strays is set if the address is in a different place from the one that the server names, or
 * could be read that way.
 */
enum pt_err guard_read_place(struct guard *guard, bool *strays);

/*
 * A preflight brings no credentials, and a browser takes no refusal for an answer (Fetch standard,
 * 3.2.2).
 */
bool guard_is_preflight(const struct guard *guard);

/* Sets guard->refusal according to the caller. */
enum pt_err guard_decide(struct guard *guard);

/* The same in a mode, where the address and the place are examined before the user is. */
enum pt_err guard_decide_place(struct guard *guard);

/*
 * Deny is asked after verify said no, without the demands. What verify said comes as PINTLE_REASON,
 * if the server's configuration passes it on. The verdict is always a refusal.
 */
enum pt_err guard_decide_deny(struct guard *guard);

/* Answers yes, after noting the use of the session, which may fail. */
enum pt_err guard_pass(const struct guard *guard, struct web_response *response);

/* Answers no. */
void guard_refuse(const struct guard *guard, struct web_response *response);

/* The name of a verdict in X-Auth-Reason and PINTLE_REASON; the empty string for GUARD_PASS. */
const char *guard_refusal_name(enum guard_refusal refusal);

#endif
