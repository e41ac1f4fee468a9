#include "web/pages/page.h"

#include <stdio.h>
#include <string.h>

#include "web/http/redirect.h"
#include "web/pages/pages.h"

#define PAGE_FIELDS 40

struct slice
page_flag(bool set)
{
	return set ? SLICE("yes") : SLICE("");
}

void
page_time(int64_t wall_ms, char out[PAGE_TIME_SIZE])
{
	char text[CLOCK_TEXT_SIZE];

	clock_format(wall_ms, text);
	snprintf(out, PAGE_TIME_SIZE, "%.10s %.5s UTC", text, text + 11);
}

/* Fills in headers and body. Only our own script file runs here, and no site may frame the page. */
void
page_show(const struct request *request, struct web_response *response, const struct page *page)
{
	const struct slice parts[] = { page_head_html, page->html, page_foot_html };
	const struct template_field common[] = {
		{ "title", slice_of(page->title) },
		{ "script", page_flag(page->script) },
		{ "mount", slice_of(request->app->settings->mount) },
	};
	const struct template_part shared[] = { { "error", &page_error_html } };
	struct template_field fields[PAGE_FIELDS];
	size_t count = sizeof(common) / sizeof(common[0]);

	memcpy(fields, common, sizeof(common));
	for (size_t i = 0; i < page->field_count && count < PAGE_FIELDS; i++)
		fields[count++] = page->fields[i];
	const struct template_scope scope = { .fields = fields, .field_count = count,
		.lists = page->lists, .list_count = page->list_count,
		.parts = shared, .part_count = sizeof(shared) / sizeof(shared[0]) };

	response->status = page->status;
	answer_header(response, "Content-Type", SLICE("text/html; charset=utf-8"));
	answer_header(response, "Content-Security-Policy",
	    SLICE("default-src 'none'; style-src 'self'; "
	    "script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
	    "base-uri 'none'"));
	answer_header(response, "Referrer-Policy", SLICE("same-origin"));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (template_render(parts[i], &scope, template_put_html, &response->body) != PT_OK)
			response->body.failed = true;
}

void
page_turned_away(const struct request *request, struct web_response *response,
    const struct refusal *refusal, struct slice way_out)
{
	char text[REFUSAL_TEXT_SIZE];
	const struct template_field fields[] = {
		{ "message", refusal_text(refusal, text) },
		{ "return", redirect_is_local(way_out) ? way_out : SLICE("") },
	};

	page_show(request, response, &(struct page){
		.status = refusal->status, .title = "That did not work", .html = page_message_html,
		.fields = fields, .field_count = sizeof(fields) / sizeof(fields[0]),
	});
	answer_refuse_head(response, refusal);
}
