/* The pages around signing in and out: the form, "signed in as", "not allowed", the way out. */
#ifndef PINTLE_WEB_PAGES_LOGIN_PAGE_H
#define PINTLE_WEB_PAGES_LOGIN_PAGE_H

#include "web/pages/outcome.h"

struct login_form {
	/* of the attempt before: its status and text are shown; NULL: none */
	const struct refusal *refusal;
	struct slice username;		/* what was typed then */
	struct slice return_to;		/* where to go afterwards, if it is a local path */
	/* shown at a guarded address, which is loaded again afterwards */
	bool in_place;
	bool silent;			/* one attempt to refresh before the form is shown */
	/* instead of the answer to an unsafe request, which is not sent again */
	bool unsafe;
};

void login_page_form(const struct request *request, struct web_response *response,
    const struct login_form *form);

/* 403 at a guarded address: signed in, but not allowed there. */
void login_page_denied(const struct request *request, struct web_response *response,
    const struct user *user, struct slice return_to);

/* the form, with the reason to fill it in again; or the second step of a login */
outcome_page login_page;
outcome_page login_page_home;	/* who is signed in; the form if nobody is */
/* asks whether to sign out, since a GET changes nothing */
outcome_page login_page_logout;

#endif
