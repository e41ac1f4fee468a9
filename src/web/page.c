#include "web/page.h"

#include "base/template.h"
#include "web/pages.h"
#include "web/redirect.h"

/* What the pages name; a page uses what it wants of it. */
struct page_values {
	const char *title;
	bool script;
	struct slice message, username, return_to;
	bool in_place, silent, unsafe;
	bool sign_on;	/* the web server's own sign-on opens sessions too */
};

static struct slice
page_flag(bool set)
{
	return set ? SLICE("yes") : SLICE("");
}

/* Headers and body. No script but our own file runs here, and nobody may frame the page. */
static void
page_render(const struct request *request, struct web_response *response, int status, struct slice page,
    const struct page_values *values)
{
	struct slice return_to = redirect_is_local(values->return_to) ? values->return_to : SLICE("");
	const struct slice parts[] = { page_head_html, page, page_foot_html };
	const struct template_field fields[] = {
		{ "title", slice_of(values->title) },
		{ "script", page_flag(values->script) },
		{ "mount", slice_of(request->app->settings->mount) },
		{ "message", values->message },
		{ "username", values->username },
		{ "return", return_to },
		{ "in_place", page_flag(values->in_place) },
		{ "silent", page_flag(values->silent) },
		{ "unsafe", page_flag(values->unsafe) },
		{ "sign_on", page_flag(values->sign_on) },
	};
	const struct template_scope scope = { fields, sizeof(fields) / sizeof(fields[0]), NULL, 0 };

	response->status = status;
	answer_header(response, "Content-Type", SLICE("text/html; charset=utf-8"));
	answer_header(response, "Content-Security-Policy", SLICE("default-src 'none'; style-src 'self'; "
	    "script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"));
	answer_header(response, "Referrer-Policy", SLICE("same-origin"));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (template_render(parts[i], &scope, template_put_html, &response->body) != PT_OK)
			response->body.failed = true;
}

void
page_login(const struct request *request, struct web_response *response, const struct page_login *page)
{
	page_render(request, response, page->refusal ? page->refusal->status : 200, page_login_html,
	    &(struct page_values){
		.title = "Sign in",
		.script = true,
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
	page_render(request, response, 403, page_denied_html, &(struct page_values){
		.title = "Not allowed",
		.username = slice_of(user->name),
		.return_to = return_to,
	});
}

void
page_signed_in(const struct request *request, struct web_response *response, const struct user *user)
{
	page_render(request, response, 200, page_signed_in_html, &(struct page_values){
		.title = "Signed in",
		.username = slice_of(user->name),
	});
}

void
page_logout(const struct request *request, struct web_response *response)
{
	page_render(request, response, 200, page_sign_out_html, &(struct page_values){ .title = "Sign out" });
}

void
page_failure(const struct request *request, struct web_response *response, const struct refusal *refusal)
{
	page_render(request, response, refusal->status, page_message_html, &(struct page_values){
		.title = "That did not work",
		.message = slice_of(refusal->text),
	});
	answer_refuse_head(response, refusal);
}
