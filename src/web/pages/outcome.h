/*
 * What came of a request, before anybody has decided how to show it: an endpoint fills it in, and
 * gives a refusal if there is one. A program is shown JSON (present_json), a person at a form or a
 * page the page that stands beside the endpoint in the route table (present_page).
 */
#ifndef PINTLE_WEB_PAGES_OUTCOME_H
#define PINTLE_WEB_PAGES_OUTCOME_H

#include "web/http/answer.h"
#include "web/http/body.h"
#include "web/pages/grant.h"
#include "web/who/credential.h"
#include "web/who/guess.h"
#include "web/who/second_factor.h"
#include "web/who/session_cookie.h"

/* What there is to show where nothing was refused. */
enum outcome_kind {
	OUTCOME_NONE = 0,	/* nothing was filled in: shown as a failure */
	OUTCOME_WRITTEN,	/* the answer is written already, and is the same for everybody */
	OUTCOME_PAGE,		/* the page, as it is without a request before it */
	OUTCOME_DONE,		/* that it is done: 204; a person goes on to .next */
	OUTCOME_SIGNED_IN,	/* .grant; a person goes on to .return_to, by the recovery codes if there are any */
	OUTCOME_SECRET,		/* .secret, which waits for its first code */
	OUTCOME_CODES,		/* .codes, once */
};

struct outcome {
	struct web_response *response;	/* for headers that do not depend on who is shown what, and for documents */
	bool for_person;		/* shown by a page */
	enum outcome_kind kind;
	struct refusal made;		/* memory for a refusal that has to be put together, */
	char text[128];			/* and for its sentence */
	struct guess guess;		/* the same for one that guesses were limited by */
	struct credential who;		/* who asks, or has signed in */

	/* what was sent, for a page that shows it again: the slices point into body */
	struct body body;
	struct slice username;
	struct slice return_to;
	struct slice device_name;
	struct slice token;		/* of a link that is good */
	bool remember;

	const char *next;		/* a path below the mount */
	struct grant grant;
	bool has_secret;
	uint8_t secret[TOTP_SECRET_SIZE];
	bool has_codes;
	struct recovery_codes codes;

	/* a login that needs more: beside a refusal the page of the second step is shown */
	bool second_step;		/* for .who, with .secret where a second factor has to be set up */
	struct otp otp;			/* as it stands now: the page's ticket is bound to it */
	uint8_t device[SESSION_DEVICE_SIZE];	/* the bytes of the device cookie */
};

/* Shows what came of a request; refusal NULL: it went well. */
typedef enum pt_err outcome_page(const struct request *request, const struct refusal *refusal, struct outcome *out);

/* Puts a refusal together in *out. */
const struct refusal *outcome_refuse(struct outcome *out, struct refusal refusal);

/* Gives back what it holds, and wipes its secrets. */
void outcome_free(struct outcome *out);

#endif
