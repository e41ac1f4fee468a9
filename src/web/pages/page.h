/*
 * Shows pintle's own pages, from the files in src/web/pages: they work without script, with a
 * keyboard and with a screen reader. Everything that came from outside is escaped.
 */
#ifndef PINTLE_WEB_PAGES_PAGE_H
#define PINTLE_WEB_PAGES_PAGE_H

#include "base/template.h"
#include "web/http/answer.h"
#include "web/http/request.h"

/*
 * A page: the fields and lists of its template, besides title, script and mount, which every page
 * has.
 */
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

void page_show(const struct request *request, struct web_response *response,
    const struct page *page);

/* The value of a field that only says yes or no. */
struct slice page_flag(bool set);

#define PAGE_TIME_SIZE 24	/* "2026-11-24 01:52 UTC" */
void page_time(int64_t wall_ms, char out[PAGE_TIME_SIZE]);

/*
 * Says why something did not work; offers the local path way_out, or, without one, to try again.
 */
void page_turned_away(const struct request *request, struct web_response *response,
    const struct refusal *refusal, struct slice way_out);

#endif
