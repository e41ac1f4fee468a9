#include "web/pages/second_step.h"

#include <stdio.h>
#include <string.h>

#include "base/base32.h"
#include "base/qr.h"
#include "base/secret.h"
#include "token/login_ticket.h"
#include "web/http/redirect.h"
#include "web/pages/page.h"
#include "web/pages/pages.h"
#include "web/who/session_cookie.h"

/* What a ticket is bound to: if any of it changes, the person begins again. */
static enum pt_err
ticket_bind(const struct user *user, const struct otp *otp, const uint8_t *device, uint8_t out[DIGEST_SIZE])
{
	struct buf text = BUF_EMPTY;

	buf_append(&text, user->password_hash, sizeof(user->password_hash));
	buf_append(&text, device, SESSION_DEVICE_SIZE);
	buf_append(&text, otp->on ? otp->sealed : otp->pending, OTP_SEALED_SIZE);
	enum pt_err err = buf_status(&text);

	if (err == PT_OK)
		err = digest_sha256(text.ptr, text.len, out);
	buf_free(&text);
	return err;
}

static enum pt_err
ticket_make(const struct request *request, const struct second_step *step, char out[LOGIN_TICKET_CHARS + 1])
{
	struct login_ticket ticket = { .user_number = step->user->number, .made_at_ms = clock_now().wall_ms };
	struct mac_key *key = NULL;
	enum pt_err err = ticket_bind(step->user, step->otp, step->device, ticket.binding);

	if (err == PT_OK)
		err = keyring_derive(request->keys, LOGIN_TICKET_LABEL, &key);
	if (err == PT_OK)
		err = login_ticket_format(&ticket, key, out);
	mac_key_free(key);
	return err;
}

enum pt_err
second_step_read(const struct request *request, struct slice text, const uint8_t *device, struct user *user, bool *good)
{
	struct login_ticket ticket;
	uint8_t binding[DIGEST_SIZE];
	struct otp otp;
	bool found;
	struct mac_key *key = NULL;
	enum pt_err err = keyring_derive(request->keys, LOGIN_TICKET_LABEL, &key);

	*good = false;
	if (err == PT_OK)
		err = login_ticket_parse(text, key, clock_now().wall_ms, &ticket, good);
	mac_key_free(key);
	if (err != PT_OK || !*good)
		return err;
	err = store_user_by_number(request->app->store, ticket.user_number, user, good);
	if (err == PT_OK && *good)
		err = store_otp_get(request->app->store, user->number, &otp, &found);
	if (err == PT_OK && *good)
		err = ticket_bind(user, &otp, device, binding);
	*good = err == PT_OK && *good && !user->disabled && secret_eq(binding, ticket.binding, sizeof(binding));
	return err;
}

/* Shows html with the fields that both steps have, and those of a secret where there is one. */
static enum pt_err
step_show(const struct request *request, struct web_response *response, const struct second_step *step,
    const struct secret_view *view, const struct page *page)
{
	static const struct secret_view none;
	const struct secret_view *secret = view ? view : &none;
	char ticket[LOGIN_TICKET_CHARS + 1];
	enum pt_err err = ticket_make(request, step, ticket);
	struct page whole = *page;

	if (err != PT_OK)
		return err;
	const struct template_field fields[] = {
		{ "message", slice_of(step->refusal->text) },
		{ "fault", page_flag(true) },
		{ "username", slice_of(step->user->name) },
		{ "return", redirect_is_local(step->return_to) ? step->return_to : SLICE("") },
		{ "remember", page_flag(step->remember) },
		{ "device", step->device_name },
		{ "ticket", slice_of(ticket) },
		{ "qr_path", buf_slice(&secret->path) },
		{ "qr_size", slice_of(secret->size) },
		{ "secret", slice_of(secret->text) },
		{ "address", buf_slice(&secret->address) },
	};

	whole.status = step->refusal->status;
	whole.fields = fields;
	whole.field_count = sizeof(fields) / sizeof(fields[0]);
	page_show(request, response, &whole);
	answer_refuse_head(response, step->refusal);
	session_cookie_set_device(request, response, step->device);
	secret_wipe(ticket, sizeof(ticket));
	return PT_OK;
}

enum pt_err
second_step_ask(const struct request *request, struct web_response *response, const struct second_step *step)
{
	return step_show(request, response, step, NULL, &(struct page){
		.title = "One more step", .html = page_code_html,
	});
}

enum pt_err
second_step_enrol(const struct request *request, struct web_response *response, const struct second_step *step,
    const uint8_t secret[TOTP_SECRET_SIZE])
{
	struct secret_view view;
	enum pt_err err = secret_view_make(request, step->user, secret, &view);

	if (err == PT_OK)
		err = step_show(request, response, step, &view, &(struct page){
			.title = "Set up a second factor", .html = page_enrol_html,
		});
	secret_view_free(&view);
	return err;
}

void
second_step_codes(const struct request *request, struct web_response *response, const struct recovery_codes *codes,
    struct slice return_to)
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

enum pt_err
secret_view_make(const struct request *request, const struct user *user, const uint8_t secret[TOTP_SECRET_SIZE],
    struct secret_view *out)
{
	char text[BASE32_LEN(TOTP_SECRET_SIZE) + 1];
	unsigned size;
	enum pt_err err;

	*out = (struct secret_view){ .path = BUF_EMPTY, .address = BUF_EMPTY };
	base32_encode(secret, TOTP_SECRET_SIZE, text);
	for (size_t i = 0, at = 0; text[i]; i++) {
		if (i > 0 && i % 4 == 0)
			out->text[at++] = ' ';
		out->text[at++] = text[i];
	}
	secret_wipe(text, sizeof(text));
	otp_address_put(&out->address, slice_of(request->app->settings->issuer), slice_of(user->name), secret);
	err = buf_status(&out->address);
	if (err == PT_OK)
		err = qr_put_path(buf_slice(&out->address), &out->path, &size);
	if (err == PT_OK)
		snprintf(out->size, sizeof(out->size), "%u", size);
	return err;
}

void
secret_view_free(struct secret_view *view)
{
	buf_free(&view->path);
	buf_free(&view->address);
	secret_wipe(view, sizeof(*view));
}
