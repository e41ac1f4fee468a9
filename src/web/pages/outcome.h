/*
 * The result of a request, before anything decides how to show it: an endpoint fills it in, or
 * returns a refusal. Programs are shown JSON (present_json). People, who look at a page or send a
 * form, are shown the page that stands beside the endpoint in the route table (present_page).
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

/* What there is to show if nothing was refused. */
enum outcome_kind {
	OUTCOME_NONE = 0,	/* nothing was filled in: shown as a failure */
	OUTCOME_WRITTEN,	/* the answer is written already and looks the same to everybody */
	OUTCOME_PAGE,		/* the page as it is before any form was sent */
	/* only that it is done: 204; a person goes on to .next, or, without one, to .return_to */
	OUTCOME_DONE,
	/* .grant; a person goes on to .return_to, after the recovery codes if there are any */
	OUTCOME_SIGNED_IN,
	OUTCOME_SECRET,		/* .secret, which waits for its first code */
	OUTCOME_CODES,		/* .codes, once */
};

struct outcome {
	/* for headers that are the same for everybody, and for documents */
	struct web_response *response;
	bool for_person;		/* shown by a page */
	enum outcome_kind kind;
	struct refusal made;		/* memory for a refusal that has to be composed, */
	char text[128];			/* and for its text */
	struct guess guess;		/* the same for the refusal of one guess too many */
	struct credential who;		/* who asks, or has signed in */

	/* What was sent, for a page that shows it again. The slices point into body. */
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

	/* A login that needs more: the page of the second step is shown with the refusal. */
	/* for .who; .secret is set if a second factor has to be set up */
	bool second_step;
	struct otp otp;			/* as it is now, since the page's ticket is bound to it */
	uint8_t device[SESSION_DEVICE_SIZE];	/* the bytes of the device cookie */
};

/* Shows the result of a request. refusal NULL: nothing was refused. */
typedef enum pt_err outcome_page(const struct request *request, const struct refusal *refusal,
    struct outcome *out);

/* Keeps a refusal that was composed in *out, and returns it. */
const struct refusal *outcome_refuse(struct outcome *out, struct refusal refusal);

/* Releases what it holds and wipes its secrets. */
void outcome_free(struct outcome *out);

#endif
