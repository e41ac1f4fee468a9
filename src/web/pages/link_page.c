#include "web/pages/link_page.h"

#include <stdio.h>
#include <string.h>

#include "web/pages/page.h"
#include "web/pages/pages.h"

/* A good link with a bad password may be tried again: the form keeps its token. */
enum pt_err
link_page(const struct request *request, const struct refusal *refusal, struct outcome *out)
{
	const bool bad_token = refusal && strcmp(refusal->error, "invalid_link") == 0;
	const bool bad_new = refusal && strcmp(refusal->error, "invalid_password") == 0;
	/*
	 * The query never holds the token, since servers log it; it only says that the password was
	 * set.
	 */
	const bool done = refusal == NULL && slice_eq(request->query, SLICE("done"));
	char min[12], text[REFUSAL_TEXT_SIZE];

	snprintf(min, sizeof(min), "%u", request->app->settings->password_min);
	const struct template_field fields[] = {
		{ "message", refusal_text(refusal, text) },
		{ "bad_token", page_flag(bad_token) },
		{ "bad_new", page_flag(bad_new) },
		{ "fault", page_flag(bad_new) },
		{ "token", out->token },
		{ "done", page_flag(done) },
		{ "min", slice_of(min) },
	};

	page_show(request, out->response, &(struct page){
		.status = refusal ? refusal->status : 200,
		.title = "Set your password",
		.html = page_link_html,
		.fields = fields,
		.field_count = sizeof(fields) / sizeof(fields[0]),
	});
	if (refusal)
		answer_refuse_head(out->response, refusal);
	return PT_OK;
}
