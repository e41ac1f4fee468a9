#include "web/page.h"

#include "base/template.h"
#include "web/redirect.h"

static void
page_put_address(struct buf *out, const struct request *request, const char *below)
{
	template_put_html(out, slice_of(request->app->settings->mount));
	buf_puts(out, below);
}

/* Headers and everything up to the page's own content. No script runs here, and nobody may frame the page. */
static struct buf *
page_begin(const struct request *request, struct web_response *response, int status, const char *title)
{
	struct buf *out = &response->body;

	response->status = status;
	answer_header(response, "Content-Type", SLICE("text/html; charset=utf-8"));
	answer_header(response, "Content-Security-Policy", SLICE("default-src 'none'; style-src 'self'; "
	    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"));
	answer_header(response, "Referrer-Policy", SLICE("same-origin"));
	buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
	template_put_html(out, slice_of(title));
	buf_puts(out, "</title>\n<link rel=\"stylesheet\" href=\"");
	page_put_address(out, request, "/pintle.css");
	buf_puts(out, "\">\n</head>\n<body>\n<main>\n<h1>");
	template_put_html(out, slice_of(title));
	buf_puts(out, "</h1>\n");
	return out;
}

static void
page_end(struct buf *out)
{
	buf_puts(out, "</main>\n</body>\n</html>\n");
}

static void
page_put_form(struct buf *out, const struct request *request, const char *action)
{
	buf_puts(out, "<form method=\"post\" action=\"");
	page_put_address(out, request, action);
	buf_puts(out, "\">\n");
}

void
page_login(const struct request *request, struct web_response *response, const struct page_login *page)
{
	struct buf *out = page_begin(request, response, page->refusal ? page->refusal->status : 200, "Sign in");

	if (page->refusal) {
		answer_refuse_head(response, page->refusal);
		buf_puts(out, "<p role=\"alert\" class=\"refusal\">");
		template_put_html(out, slice_of(page->refusal->text));
		buf_puts(out, "</p>\n");
	}
	page_put_form(out, request, "/login");
	buf_puts(out, "<label for=\"username\">Name</label>\n<input id=\"username\" name=\"username\" "
	    "autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required value=\"");
	template_put_html(out, page->username);
	buf_puts(out, "\">\n<label for=\"password\">Password</label>\n<input id=\"password\" name=\"password\" "
	    "type=\"password\" autocomplete=\"current-password\" required>\n"
	    "<label class=\"choice\"><input type=\"checkbox\" name=\"remember\"> Stay signed in on this device</label>\n");
	if (redirect_is_local(page->return_to)) {
		buf_puts(out, "<input type=\"hidden\" name=\"return\" value=\"");
		template_put_html(out, page->return_to);
		buf_puts(out, "\">\n");
	}
	buf_puts(out, "<button type=\"submit\">Sign in</button>\n</form>\n");
	page_end(out);
}

static void
page_put_logout_form(struct buf *out, const struct request *request)
{
	page_put_form(out, request, "/logout");
	buf_puts(out, "<button type=\"submit\">Sign out on this device</button>\n</form>\n");
}

void
page_signed_in(const struct request *request, struct web_response *response, const struct user *user)
{
	struct buf *out = page_begin(request, response, 200, "Signed in");

	buf_puts(out, "<p>You are signed in as <strong>");
	template_put_html(out, slice_of(user->name));
	buf_puts(out, "</strong>.</p>\n");
	page_put_logout_form(out, request);
	page_end(out);
}

void
page_logout(const struct request *request, struct web_response *response)
{
	struct buf *out = page_begin(request, response, 200, "Sign out");

	page_put_logout_form(out, request);
	page_end(out);
}

void
page_failure(const struct request *request, struct web_response *response, const struct refusal *refusal)
{
	struct buf *out = page_begin(request, response, refusal->status, "That did not work");

	answer_refuse_head(response, refusal);
	buf_puts(out, "<p role=\"alert\" class=\"refusal\">");
	template_put_html(out, slice_of(refusal->text));
	buf_puts(out, "</p>\n<p>Nothing is lost: go back and try again in a moment.</p>\n");
	page_end(out);
}
