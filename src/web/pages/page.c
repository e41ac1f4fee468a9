#include "web/pages/page.h"

#include <string.h>

#include "web/http/redirect.h"
#include "web/pages/pages.h"

#define PAGE_FIELDS 40

/* What the pages name; a page uses what it wants of it. */
struct page_values {
	struct slice message, username, return_to;
	bool in_place, silent, unsafe;
	bool sign_on;	/* the web server's own sign-on opens sessions too */
};

struct slice
page_flag(bool set)
{
	return set ? SLICE("yes") : SLICE("");
}

/* Headers and body. No script but our own file runs here, and nobody may frame the page. */
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
	answer_header(response, "Content-Security-Policy", SLICE("default-src 'none'; style-src 'self'; "
	    "script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"));
	answer_header(response, "Referrer-Policy", SLICE("same-origin"));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (template_render(parts[i], &scope, template_put_html, &response->body) != PT_OK)
			response->body.failed = true;
}

static void
page_render(const struct request *request, struct web_response *response, const struct page *page,
    const struct page_values *values)
{
	struct slice return_to = redirect_is_local(values->return_to) ? values->return_to : SLICE("");
	struct page whole = *page;
	const struct template_field fields[] = {
		{ "message", values->message },
		{ "username", values->username },
		{ "return", return_to },
		{ "in_place", page_flag(values->in_place) },
		{ "silent", page_flag(values->silent) },
		{ "unsafe", page_flag(values->unsafe) },
		{ "sign_on", page_flag(values->sign_on) },
	};

	whole.fields = fields;
	whole.field_count = sizeof(fields) / sizeof(fields[0]);
	page_show(request, response, &whole);
}

void
page_login(const struct request *request, struct web_response *response, const struct page_login *page)
{
	const struct page login = {
		.status = page->refusal ? page->refusal->status : 200, .title = "Sign in", .script = true,
		.html = page_login_html,
	};

	page_render(request, response, &login, &(struct page_values){
		.message = page->refusal ? slice_of(page->refusal->text) : SLICE(""),
		.username = page->username,
		.return_to = page->return_to,
		.in_place = page->in_place,
		.silent = page->silent,
		.unsafe = page->unsafe,
		.sign_on = request->app->settings->identity == IDENTITY_REMOTE_USER,
	});
	/* In place the guard decides on the challenge: it knows who passes it on. */
	if (page->refusal && !page->in_place)
		answer_refuse_head(response, page->refusal);
}

void
page_denied(const struct request *request, struct web_response *response, const struct user *user,
    struct slice return_to)
{
	const struct page denied = { .status = 403, .title = "Not allowed", .html = page_denied_html };

	page_render(request, response, &denied, &(struct page_values){
		.username = slice_of(user->name),
		.return_to = return_to,
	});
}

void
page_signed_in(const struct request *request, struct web_response *response, const struct user *user)
{
	const struct page signed_in = { .status = 200, .title = "Signed in", .html = page_signed_in_html };

	page_render(request, response, &signed_in, &(struct page_values){ .username = slice_of(user->name) });
}

void
page_logout(const struct request *request, struct web_response *response)
{
	page_show(request, response, &(struct page){ .status = 200, .title = "Sign out", .html = page_sign_out_html });
}

void
page_turned_away(const struct request *request, struct web_response *response, const struct refusal *refusal,
    struct slice way_out)
{
	const struct page failure = {
		.status = refusal->status, .title = "That did not work", .html = page_message_html,
	};

	page_render(request, response, &failure, &(struct page_values){
		.message = slice_of(refusal->text),
		.return_to = way_out,
	});
	answer_refuse_head(response, refusal);
}

void
page_failure(const struct request *request, struct web_response *response, const struct refusal *refusal)
{
	page_turned_away(request, response, refusal, SLICE(""));
}
