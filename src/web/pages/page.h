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

/* A page: its template's fields and lists, beside title, script and mount, which all have. */
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

#define PAGE_TIME_SIZE 24	/* "2026-11-24 01:52 UTC" */
void page_time(int64_t wall_ms, char out[PAGE_TIME_SIZE]);

/* A page that is not shown, with the local path to which one can go from there. */
void page_turned_away(const struct request *request, struct web_response *response, const struct refusal *refusal,
    struct slice way_out);

/* What failed here, and is nobody's fault who sees it. */
void page_failure(const struct request *request, struct web_response *response, const struct refusal *refusal);

#endif
