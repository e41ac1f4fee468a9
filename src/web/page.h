/*
 * The pages that pintle itself shows: plain HTML that works without script,
 * with a keyboard and a screen reader. Everything that came from outside is escaped.
 */
#ifndef PINTLE_WEB_PAGE_H
#define PINTLE_WEB_PAGE_H

#include "web/answer.h"
#include "web/request.h"

struct page_login {
	const struct refusal *refusal;	/* of the try before: its status and its text are shown; NULL: none */
	struct slice username;		/* what was typed then */
	struct slice return_to;		/* where to go afterwards, if it is a local path */
};

void page_login(const struct request *request, struct web_response *response, const struct page_login *page);

/* "Signed in as", with the way out. */
void page_signed_in(const struct request *request, struct web_response *response, const struct user *user);

/* Asks whether to log out: a GET changes nothing. */
void page_logout(const struct request *request, struct web_response *response);

/* A form that could not be answered. */
void page_failure(const struct request *request, struct web_response *response, const struct refusal *refusal);

#endif
