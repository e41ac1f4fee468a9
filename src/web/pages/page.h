/*
 * The pages that pintle itself shows, from the files of src/web/pages: they work
 * without script, with a keyboard and a screen reader. Everything that came from
 * outside is escaped.
 */
#ifndef PINTLE_WEB_PAGES_PAGE_H
#define PINTLE_WEB_PAGES_PAGE_H

#include "base/template.h"
#include "web/http/answer.h"
#include "web/http/request.h"

/* A page of one's own: its template's fields and lists, beside title, script and mount, which all have. */
struct page {
	int status;
	const char *title;
	bool script;
	struct slice html;
	const struct template_field *fields;
	size_t field_count;
	const struct template_list *lists;
	size_t list_count;
};

void page_show(const struct request *request, struct web_response *response, const struct page *page);

/* What a field is where it only says yes or no. */
struct slice page_flag(bool set);

struct page_login {
	const struct refusal *refusal;	/* of the try before: its status and its text are shown; NULL: none */
	struct slice username;		/* what was typed then */
	struct slice return_to;		/* where to go afterwards, if it is a local path */
	bool in_place;			/* shown at a guarded address, which is loaded again afterwards */
	bool silent;			/* one try to refresh before the form is shown */
	bool unsafe;			/* in the place of what an unsafe request asked: that is not sent again */
};

void page_login(const struct request *request, struct web_response *response, const struct page_login *page);

/* 403 at a guarded address: signed in, but not allowed there. */
void page_denied(const struct request *request, struct web_response *response, const struct user *user,
    struct slice return_to);

/* "Signed in as", with the way out. */
void page_signed_in(const struct request *request, struct web_response *response, const struct user *user);

/* Asks whether to log out: a GET changes nothing. */
void page_logout(const struct request *request, struct web_response *response);

/* A page that is not shown, with the local path to which one can go from there. */
void page_turned_away(const struct request *request, struct web_response *response, const struct refusal *refusal,
    struct slice way_out);

/* A form that could not be answered. */
void page_failure(const struct request *request, struct web_response *response, const struct refusal *refusal);

#endif
