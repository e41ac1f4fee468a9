#include "web/pages/login_page.h"

#include "web/http/redirect.h"
#include "web/pages/page.h"
#include "web/pages/pages.h"
#include "web/pages/second_step.h"

void
login_page_form(const struct request *request, struct web_response *response,
    const struct login_form *form)
{
	char text[REFUSAL_TEXT_SIZE];
	const struct template_field fields[] = {
		{ "message", refusal_text(form->refusal, text) },
		{ "username", form->username },
		{ "return", redirect_is_local(form->return_to) ? form->return_to : SLICE("") },
		{ "in_place", page_flag(form->in_place) },
		{ "silent", page_flag(form->silent) },
		{ "unsafe", page_flag(form->unsafe) },
		/* The web server's single sign-on can open sessions too. */
		{ "sign_on", page_flag(request->app->settings->identity == IDENTITY_REMOTE_USER) },
	};

	page_show(request, response, &(struct page){
		.status = form->refusal ? form->refusal->status : 200, .title = "Sign in",
		.script = true,
		.html = page_login_html, .fields = fields,
		.field_count = sizeof(fields) / sizeof(fields[0]),
	});
	/* In place the guard sets the challenge: it knows which server passes it on. */
	if (form->refusal && !form->in_place)
		answer_refuse_head(response, form->refusal);
}

void
login_page_denied(const struct request *request, struct web_response *response,
    const struct user *user, struct slice return_to)
{
	const struct template_field fields[] = {
		{ "username", slice_of(user->name) },
		{ "return", redirect_is_local(return_to) ? return_to : SLICE("") },
	};

	page_show(request, response, &(struct page){
		.status = 403, .title = "Not allowed", .html = page_denied_html,
		.fields = fields, .field_count = sizeof(fields) / sizeof(fields[0]),
	});
}

enum pt_err
login_page(const struct request *request, const struct refusal *refusal, struct outcome *out)
{
	if (refusal && out->second_step)
		return second_step_page(request, refusal, out);
	login_page_form(request, out->response, &(struct login_form){
		.refusal = refusal, .username = out->username, .return_to = out->return_to,
	});
	return PT_OK;
}

enum pt_err
login_page_home(const struct request *request, const struct refusal *refusal, struct outcome *out)
{
	const struct template_field fields[] = { { "username", slice_of(out->who.user.name) } };

	if (refusal || !out->who.good)
		return login_page(request, refusal, out);
	page_show(request, out->response, &(struct page){
		.status = 200, .title = "Signed in", .html = page_signed_in_html, .fields = fields,
		.field_count = 1,
	});
	return PT_OK;
}

enum pt_err
login_page_logout(const struct request *request, const struct refusal *refusal, struct outcome *out)
{
	if (refusal)
		page_turned_away(request, out->response, refusal, SLICE(""));
	else
		page_show(request, out->response, &(struct page){
			.status = 200, .title = "Sign out", .html = page_sign_out_html,
		});
	return PT_OK;
}
