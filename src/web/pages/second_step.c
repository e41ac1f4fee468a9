#include "web/pages/second_step.h"

#include "base/secret.h"
#include "web/http/redirect.h"
#include "web/pages/page.h"
#include "web/pages/pages.h"
#include "web/pages/secret_view.h"
#include "web/who/session_cookie.h"
#include "web/who/step_ticket.h"

enum pt_err
second_step_page(const struct request *request, const struct refusal *refusal, struct outcome *out)
{
	const struct page asked = { .title = "Two-step sign-in", .html = page_code_html };
	const struct page enrolled = { .title = "Set up two-step sign-in",
	    .html = page_enrol_html };
	struct page page = out->has_secret ? enrolled : asked;
	struct secret_view secret = { .path = BUF_EMPTY };
	char ticket[LOGIN_TICKET_CHARS + 1], text[REFUSAL_TEXT_SIZE];
	enum pt_err err = step_ticket_make(request, &out->who.user, &out->otp, out->device, ticket);

	if (err == PT_OK && out->has_secret)
		err = secret_view_make(request, &out->who.user, out->secret, &secret);
	const struct template_field fields[] = {
		/* The page itself says what is wanted. */
		{ "message", refusal->asks ? SLICE("") : refusal_text(refusal, text) },
		{ "fault", page_flag(true) },
		{ "username", slice_of(out->who.user.name) },
		{ "return", redirect_is_local(out->return_to) ? out->return_to : SLICE("") },
		{ "remember", page_flag(out->remember) },
		{ "device", out->device_name },
		{ "ticket", slice_of(ticket) },
		{ "qr_path", buf_slice(&secret.path) },
		{ "qr_size", slice_of(secret.size) },
		{ "secret", slice_of(secret.text) },
		{ "address", buf_slice(&secret.address) },
	};

	page.status = refusal->status;
	page.fields = fields;
	page.field_count = sizeof(fields) / sizeof(fields[0]);
	if (err == PT_OK) {
		page_show(request, out->response, &page);
		answer_refuse_head(out->response, refusal);
		session_cookie_set_device(request, out->response, out->device);
	}
	secret_view_free(&secret);
	secret_wipe(ticket, sizeof(ticket));
	return err;
}

void
second_step_codes(const struct request *request, struct web_response *response,
    const struct recovery_codes *codes, struct slice return_to)
{
	struct template_field rows[OTP_RECOVERY_CODES];
	struct template_scope items[OTP_RECOVERY_CODES];
	const struct template_list list = { "codes", items, OTP_RECOVERY_CODES };
	struct buf home = BUF_EMPTY;

	buf_printf(&home, "%s/account", request->app->settings->mount);
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++) {
		rows[i] = (struct template_field){ "code", slice_of(codes->text[i]) };
		items[i] = (struct template_scope){ .fields = &rows[i], .field_count = 1 };
	}
	const struct template_field fields[] = {
		{ "next", redirect_is_local(return_to) ? return_to : buf_slice(&home) },
	};

	page_show(request, response, &(struct page){
		.status = 200, .title = "Your recovery codes", .html = page_recovery_html,
		.fields = fields, .field_count = 1, .lists = &list, .list_count = 1,
	});
	buf_free(&home);
}
