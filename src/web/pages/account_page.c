#include "web/pages/account_page.h"

#include <stdio.h>
#include <string.h>

#include "web/http/form.h"
#include "web/pages/device_list.h"
#include "web/pages/login_page.h"
#include "web/pages/page.h"
#include "web/pages/pages.h"
#include "web/pages/secret_view.h"

/* What the page says after a change; only these words can be in its address. */
static const struct {
	const char *next;
	const char *text;
} dones[] = {
	{ ACCOUNT_PAGE_PASSWORD_CHANGED,
	    "Your password was changed, and all other devices were signed out." },
	{ ACCOUNT_PAGE_OTP_REMOVED, "Two-step sign-in was turned off." },
	{ ACCOUNT_PAGE_SIGNED_OUT, "That device was signed out." },
	{ ACCOUNT_PAGE_OTHERS_SIGNED_OUT, "All other devices were signed out." },
	{ ACCOUNT_PAGE_RENAMED, "The name of the device was saved." },
};

/* The sentence that the query stands for; empty for any other query. */
static const char *
account_done(const struct request *request)
{
	struct slice path, query;

	if (request->method != METHOD_GET)
		return "";
	for (size_t i = 0; i < sizeof(dones) / sizeof(dones[0]); i++) {
		slice_cut(slice_of(dones[i].next), '?', &path, &query);
		if (slice_eq(request->query, query))
			return dones[i].text;
	}
	return "";
}

/* The forms of the page, by the path that each is sent to. */
enum account_form { FORM_NONE = 0, FORM_DEVICES, FORM_BEGIN, FORM_CONFIRM, FORM_RECOVERY,
    FORM_REMOVE, FORM_PASSWORD };
static const struct {
	const char *path;
	enum account_form form;
} forms[] = {
	{ "/account/sign-out", FORM_DEVICES },
	{ "/account/rename", FORM_DEVICES },
	{ "/otp", FORM_BEGIN },
	{ "/otp/confirm", FORM_CONFIRM },
	{ "/otp/recovery", FORM_RECOVERY },
	{ "/account/otp-remove", FORM_REMOVE },
	{ "/password", FORM_PASSWORD },
};

/* What decides which forms are on the page. */
struct account_shown {
	bool password;	/* the user has a password */
	bool secret;	/* a new second factor waits for its first code */
	bool otp_on;
	bool required;
};

static struct account_shown
account_shown_of(const struct request *request, const struct outcome *out, const struct otp *otp)
{
	return (struct account_shown){
		.password = out->who.user.password_hash[0] != '\0',
		.secret = out->has_secret,
		.otp_on = otp->on,
		.required = second_factor_required(request, &out->who.user),
	};
}

static bool
account_form_is_shown(enum account_form form, const struct account_shown *shown)
{
	switch (form) {
	case FORM_NONE:
		return false;
	case FORM_DEVICES:
		return true;
	case FORM_BEGIN:
		return shown->password && !shown->secret;
	case FORM_CONFIRM:
		return shown->password && shown->secret;
	case FORM_RECOVERY:
		return shown->password && !shown->secret && shown->otp_on;
	case FORM_REMOVE:
		return shown->password && !shown->secret && shown->otp_on && !shown->required;
	case FORM_PASSWORD:
		return shown->password;
	}
	return false;
}

/* The form that was sent, if it is on the page. */
static enum account_form
account_form_sent(const struct request *request, const struct account_shown *shown)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (slice_eq(request->path, slice_of(forms[i].path)) &&
		    account_form_is_shown(forms[i].form, shown))
			return forms[i].form;
	return FORM_NONE;
}

/* Whether the refusal is about the field with this error code. */
static bool
account_refused_for(const struct refusal *refusal, const char *error)
{
	return refusal && strcmp(refusal->error, error) == 0;
}

static void
account_render(const struct request *request, const struct refusal *refusal,
    const struct outcome *out, const struct secret_view *secret, const struct otp *otp,
    const struct device_list *devices)
{
	const struct user *user = &out->who.user;
	const struct account_shown shown = account_shown_of(request, out, otp);
	const enum account_form at = refusal ? account_form_sent(request, &shown) : FORM_NONE;
	const bool bad_current = account_refused_for(refusal, "invalid_credentials");
	const bool bad_code = account_refused_for(refusal, "otp_required");
	const bool bad_new = account_refused_for(refusal, "invalid_password");
	const struct template_list list = { "devices", devices->scopes, devices->count };
	char left[12], min[12], since[PAGE_TIME_SIZE], text[REFUSAL_TEXT_SIZE];

	snprintf(min, sizeof(min), "%u", request->app->settings->password_min);
	snprintf(left, sizeof(left), "%u", otp_recovery_left(otp));
	page_time(otp->enrolled_at, since);
	const struct template_field fields[] = {
		{ "message", refusal_text(refusal, text) },
		{ "fault", page_flag(at != FORM_NONE && (bad_current || bad_code || bad_new)) },
		{ "at_top", page_flag(refusal && at == FORM_NONE) },
		{ "at_devices", page_flag(at == FORM_DEVICES) },
		{ "at_begin", page_flag(at == FORM_BEGIN) },
		{ "at_confirm", page_flag(at == FORM_CONFIRM) },
		{ "at_recovery", page_flag(at == FORM_RECOVERY) },
		{ "at_remove", page_flag(at == FORM_REMOVE) },
		{ "at_password", page_flag(at == FORM_PASSWORD) },
		{ "bad_current", page_flag(bad_current) },
		{ "bad_code", page_flag(bad_code) },
		{ "bad_new", page_flag(bad_new) },
		{ "done", slice_of(account_done(request)) },
		{ "username", slice_of(user->name) },
		{ "others", page_flag(devices->count > 1) },
		{ "password", page_flag(shown.password) },
		{ "otp_on", page_flag(otp->on && !shown.secret) },
		{ "otp_off", page_flag(!otp->on && !shown.secret && shown.password) },
		{ "otp_since", slice_of(since) },
		{ "otp_left", slice_of(left) },
		{ "min", slice_of(min) },
		{ "otp_required", page_flag(shown.required) },
		{ "qr_path", buf_slice(&secret->path) },
		{ "qr_size", slice_of(secret->size) },
		{ "secret", slice_of(secret->text) },
		{ "address", buf_slice(&secret->address) },
	};

	page_show(request, out->response, &(struct page){
		.status = refusal ? refusal->status : 200, .title = "Your account",
		.html = page_account_html,
		.fields = fields, .field_count = sizeof(fields) / sizeof(fields[0]), .lists = &list,
		.list_count = 1,
	});
	if (refusal)
		answer_refuse_head(out->response, refusal);
}

static enum pt_err
account_show(const struct request *request, const struct refusal *refusal,
    const struct outcome *out)
{
	struct secret_view secret = { .path = BUF_EMPTY };
	struct device_list devices;
	struct otp otp;
	bool found;
	enum pt_err err = device_list_gather(request, &out->who, &devices);

	if (err == PT_OK)
		err = store_otp_get(request->app->store, out->who.user.number, &otp, &found);
	if (err == PT_OK && out->has_secret)
		err = secret_view_make(request, &out->who.user, out->secret, &secret);
	if (err == PT_OK)
		account_render(request, refusal, out, &secret, &otp, &devices);
	secret_view_free(&secret);
	device_list_free(&devices);
	return err;
}

enum pt_err
account_page(const struct request *request, const struct refusal *refusal, struct outcome *out)
{
	struct buf back = BUF_EMPTY;

	if (out->who.good)
		return account_show(request, refusal, out);
	/* The login page leads back here. */
	buf_printf(&back, "%s/account", request->app->settings->mount);
	login_page_form(request, out->response,
	    &(struct login_form){ .refusal = refusal, .return_to = buf_slice(&back) });
	buf_free(&back);
	return PT_OK;
}
