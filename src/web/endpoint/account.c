#include "web/endpoint/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/endpoint/endpoints.h"
#include "web/http/body.h"
#include "web/http/redirect.h"
#include "web/http/report.h"
#include "web/pages/agent.h"
#include "web/pages/page.h"
#include "web/pages/pages.h"
#include "web/pages/second_step.h"
#include "web/pages/view.h"

/* What the page says when it is come back to; only these words can be in its address. */
static const struct {
	const char *word;
	const char *text;
} dones[ACCOUNT_DONE_COUNT] = {
	[ACCOUNT_NOTHING] = { "", "" },
	[ACCOUNT_PASSWORD_CHANGED] = { "password", "The password was changed, and all other devices were signed out." },
	[ACCOUNT_OTP_REMOVED] = { "second-factor", "The second factor was removed." },
	[ACCOUNT_SIGNED_OUT] = { "devices", "Signed out there." },
	[ACCOUNT_RENAMED] = { "name", "The device's name was saved." },
};

#define NAME_SIZE (USER_AGENT_SIZE > DEVICE_NAME_SIZE ? USER_AGENT_SIZE : DEVICE_NAME_SIZE)
#define WHEN_SIZE 24	/* "2026-11-24 01:52 UTC" */
#define DEVICE_FIELDS 7

/* One device as the page shows it. */
struct device {
	char sid[ID_SIZE];
	char name[NAME_SIZE];
	char given[DEVICE_NAME_SIZE];	/* by the person; empty: it has no name of its own */
	char address[ADDRESS_SIZE];
	char seen[WHEN_SIZE], since[WHEN_SIZE];
	bool current;
	struct template_field fields[DEVICE_FIELDS];
};

struct devices {
	struct device *rows;
	struct template_scope *scopes;
	size_t count, room;
	uint64_t current;
	bool failed;
};

/* What else a page may show. */
struct account_view {
	const struct refusal *refusal;
	const char *done;
	const struct secret_view *secret;
};

/* ---- where a refusal is shown ---- */

/* The forms of the page, by the path that each is sent to. */
enum account_form { FORM_NONE = 0, FORM_DEVICES, FORM_BEGIN, FORM_CONFIRM, FORM_RECOVERY, FORM_REMOVE, FORM_PASSWORD };
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

static enum account_form
form_of(const struct request *request)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (slice_eq(request->path, slice_of(forms[i].path)))
			return forms[i].form;
	return FORM_NONE;
}

/* What the page shows, by which forms are on it. */
struct account_shown {
	bool password;	/* its user has one */
	bool secret;	/* one waits for its first code */
	bool otp_on;
	bool required;
};

static bool
form_is_shown(enum account_form form, const struct account_shown *shown)
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

/* Whether the refusal is of this field of its form. */
static bool
refusal_is_of(const struct refusal *refusal, const char *error)
{
	return refusal && strcmp(refusal->error, error) == 0;
}

/* ---- the list of devices ---- */

static void
when_format(int64_t wall_ms, char out[WHEN_SIZE])
{
	char text[CLOCK_TEXT_SIZE];

	clock_format(wall_ms, text);
	snprintf(out, WHEN_SIZE, "%.10s %.5s UTC", text, text + 11);
}

static struct device *
devices_next(struct devices *devices)
{
	if (devices->count == devices->room) {
		size_t room = devices->room ? devices->room * 2 : 16;
		struct device *grown = realloc(devices->rows, room * sizeof(*grown));

		if (grown == NULL)
			return NULL;
		devices->rows = grown;
		devices->room = room;
	}
	return &devices->rows[devices->count++];
}

/* The person's own name for it; else what its browser is, as far as that is told. */
static void
device_put_name(struct device *device, const struct session *session)
{
	char agent[AGENT_NAME_SIZE];
	const char *name = session->user_agent[0] ? session->user_agent : "A device without a name";

	if (agent_name(slice_of(session->user_agent), agent))
		name = agent;
	snprintf(device->name, sizeof(device->name), "%s", session->device[0] ? session->device : name);
}

static bool
devices_take(const struct session *session, enum reason standing, void *ctx)
{
	struct devices *devices = ctx;
	struct device *device;

	if (standing != REASON_NONE)
		return true;
	device = devices_next(devices);
	devices->failed = device == NULL;
	if (device == NULL)
		return false;
	memset(device, 0, sizeof(*device));
	device->current = session->number == devices->current;
	memcpy(device->sid, session->sid, sizeof(device->sid));
	memcpy(device->given, session->device, sizeof(device->given));
	memcpy(device->address, session->address, sizeof(device->address));
	device_put_name(device, session);
	when_format(view_last_seen(session, device->current), device->seen);
	when_format(session->created_at, device->since);
	return true;
}

/* Only now, when the rows move no more, may anything point into them. */
static enum pt_err
devices_finish(struct devices *devices)
{
	devices->scopes = calloc(devices->count ? devices->count : 1, sizeof(*devices->scopes));
	if (devices->scopes == NULL)
		return PT_ERR_NOMEM;
	for (size_t i = 0; i < devices->count; i++) {
		struct device *device = &devices->rows[i];
		const struct template_field fields[DEVICE_FIELDS] = {
			{ "sid", slice_of(device->sid) }, { "name", slice_of(device->name) },
			{ "from", slice_of(device->address) }, { "seen", slice_of(device->seen) },
			{ "since", slice_of(device->since) }, { "current", page_flag(device->current) },
			{ "given", slice_of(device->given) },
		};

		memcpy(device->fields, fields, sizeof(fields));
		devices->scopes[i] = (struct template_scope){ .fields = device->fields, .field_count = DEVICE_FIELDS };
	}
	return PT_OK;
}

static enum pt_err
devices_gather(const struct request *request, const struct credential *who, struct devices *out)
{
	enum pt_err err;

	*out = (struct devices){ .current = who->session.number };
	err = store_browser_each(request->app->store, clock_now(), who->user.number, out->current, devices_take, out);
	if (err == PT_OK && out->failed)
		err = PT_ERR_NOMEM;
	return err == PT_OK ? devices_finish(out) : err;
}

static void
devices_free(struct devices *devices)
{
	free(devices->rows);
	free(devices->scopes);
}

/* ---- the page ---- */

static void
account_render(const struct request *request, struct web_response *response, const struct credential *who,
    const struct account_view *view, const struct otp *otp, const struct devices *devices)
{
	static const struct secret_view none;
	const struct secret_view *secret = view->secret ? view->secret : &none;
	const struct account_shown shown = {
		.password = who->user.password_hash[0] != '\0', .secret = view->secret != NULL, .otp_on = otp->on,
		.required = second_factor_required(request, &who->user),
	};
	const enum account_form sent = view->refusal ? form_of(request) : FORM_NONE;
	const enum account_form at = form_is_shown(sent, &shown) ? sent : FORM_NONE;
	const bool bad_current = refusal_is_of(view->refusal, "invalid_credentials");
	const bool bad_code = refusal_is_of(view->refusal, "otp_required");
	const bool bad_new = refusal_is_of(view->refusal, "invalid_password");
	const struct template_list list = { "devices", devices->scopes, devices->count };
	char left[12], min[12], since[WHEN_SIZE];

	snprintf(min, sizeof(min), "%u", request->app->settings->password_min);
	snprintf(left, sizeof(left), "%u", otp_recovery_left(otp));
	when_format(otp->enrolled_at, since);
	const struct template_field fields[] = {
		{ "message", view->refusal ? slice_of(view->refusal->text) : SLICE("") },
		{ "fault", page_flag(at != FORM_NONE && (bad_current || bad_code || bad_new)) },
		{ "at_top", page_flag(view->refusal && at == FORM_NONE) },
		{ "at_devices", page_flag(at == FORM_DEVICES) },
		{ "at_begin", page_flag(at == FORM_BEGIN) },
		{ "at_confirm", page_flag(at == FORM_CONFIRM) },
		{ "at_recovery", page_flag(at == FORM_RECOVERY) },
		{ "at_remove", page_flag(at == FORM_REMOVE) },
		{ "at_password", page_flag(at == FORM_PASSWORD) },
		{ "bad_current", page_flag(bad_current) },
		{ "bad_code", page_flag(bad_code) },
		{ "bad_new", page_flag(bad_new) },
		{ "done", slice_of(view->done) },
		{ "username", slice_of(who->user.name) },
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

	page_show(request, response, &(struct page){
		.status = view->refusal ? view->refusal->status : 200, .title = "Your account", .html = page_account_html,
		.fields = fields, .field_count = sizeof(fields) / sizeof(fields[0]), .lists = &list, .list_count = 1,
	});
	if (view->refusal)
		answer_refuse_head(response, view->refusal);
}

static enum pt_err
account_show(const struct request *request, struct web_response *response, const struct credential *who,
    const struct account_view *view)
{
	struct devices devices;
	struct otp otp;
	bool found;
	enum pt_err err = devices_gather(request, who, &devices);

	if (err == PT_OK)
		err = store_otp_get(request->app->store, who->user.number, &otp, &found);
	if (err == PT_OK)
		account_render(request, response, who, view, &otp, &devices);
	devices_free(&devices);
	return err;
}

/* The login page, which comes back to this one. */
static void
account_ask_login(const struct request *request, struct web_response *response, const struct refusal *refusal)
{
	struct buf back = BUF_EMPTY;

	buf_printf(&back, "%s/account", request->app->settings->mount);
	page_login(request, response, &(struct page_login){ .refusal = refusal, .return_to = buf_slice(&back) });
	buf_free(&back);
}

enum pt_err
account_demand(const struct request *request, struct web_response *response, struct credential *out)
{
	enum pt_err err;

	if (body_type(request) != BODY_FORM)
		return credential_demand(request, response, out);
	err = credential_read(request, out);
	if (err == PT_OK && !out->good)
		account_ask_login(request, response, &(struct refusal){
			.status = 401, .error = "unauthorized", .text = reason_info(out->reason)->text,
		});
	return err;
}

enum pt_err
account_refuse(const struct request *request, struct web_response *response, const struct credential *who,
    const struct refusal *refusal)
{
	if (body_type(request) == BODY_FORM)
		return account_show(request, response, who, &(struct account_view){ .refusal = refusal, .done = "" });
	answer_refuse(response, refusal);
	return PT_OK;
}

enum pt_err
account_guess(const struct request *request, struct web_response *response, const struct credential *who,
    struct guess *guess)
{
	const struct guess_at at = {
		.name = slice_of(who->user.name), .user = &who->user, .session = &who->session,
	};
	struct refusal refusal;
	enum pt_err err = guess_begin(request, &at, guess);

	if (err != PT_OK || guess->allowed)
		return err;
	err = guess_refuse(request, &at, guess, &refusal);
	return err == PT_OK ? account_refuse(request, response, who, &refusal) : err;
}

void
account_done(const struct request *request, struct web_response *response, enum account_done done)
{
	struct buf path = BUF_EMPTY;

	if (body_type(request) == BODY_FORM) {
		buf_printf(&path, "%s/account?done=%s", request->app->settings->mount, dones[done].word);
		redirect_to(request, response, buf_slice(&path));
	} else {
		answer_empty(response, 204);
	}
	buf_free(&path);
}

enum pt_err
account_show_secret(const struct request *request, struct web_response *response, const struct credential *who,
    const uint8_t secret[TOTP_SECRET_SIZE], const struct refusal *refusal)
{
	struct secret_view view;
	enum pt_err err = secret_view_make(request, &who->user, secret, &view);

	if (err == PT_OK)
		err = account_show(request, response, who, &(struct account_view){
			.refusal = refusal, .done = "", .secret = &view,
		});
	secret_view_free(&view);
	return err;
}

/* ---- GET /account ---- */

/* The sentence that ?done=WORD stands for; none for any other query. */
static enum pt_err
account_read_done(const struct request *request, const char **text)
{
	struct slice word;
	struct form query;
	bool good;
	enum pt_err err = form_parse(request->query, &query, &good);

	*text = "";
	if (err != PT_OK || !good)
		return err;
	if (form_get(&query, "done", &word) == FORM_ONCE)
		for (size_t i = 0; i < ACCOUNT_DONE_COUNT; i++)
			if (slice_eq(word, slice_of(dones[i].word)))
				*text = dones[i].text;
	form_free(&query);
	return PT_OK;
}

enum pt_err
account_page(const struct request *request, struct web_response *response)
{
	struct credential who;
	const char *done;
	enum pt_err err = credential_read(request, &who);

	if (err != PT_OK)
		return err;
	if (!who.good) {
		account_ask_login(request, response, NULL);
		return PT_OK;
	}
	err = account_read_done(request, &done);
	return err == PT_OK ? account_show(request, response, &who, &(struct account_view){ .done = done }) : err;
}

/* ---- POST /account/sign-out: what DELETE /sessions does, for a form ---- */

static enum pt_err
sign_out(const struct request *request, const struct credential *who, struct slice sid, bool others, bool *found)
{
	struct store_caller caller = request_caller(request);
	enum reason reason = others ? REASON_LOGOUT_ALL : REASON_LOGOUT_ELSEWHERE;
	enum pt_err err;

	*found = true;
	if (others)
		err = store_session_end_all(request->app->store, &caller, who->user.number, who->session.number, reason, NULL);
	else
		err = store_browser_end(request->app->store, &caller, who->user.number, sid, reason, found);
	if (err == PT_OK && *found)
		report_event(request, &(struct report){
			.kind = EVENT_SESSION_ENDED,
			.level = LOG_LEVEL_INFO,
			.user = &who->user,
			.reason = reason,
		});
	return err;
}

enum pt_err
account_sign_out(const struct request *request, struct web_response *response)
{
	struct slice sid = { NULL, 0 };
	bool others = false, good, found;
	const struct body_field fields[] = {
		{ .name = "session", .text = &sid },
		{ .name = "others", .flag = &others },
	};
	struct credential who;
	struct body body;
	enum pt_err err = account_demand(request, response, &who);

	if (err != PT_OK || !who.good)
		return err;
	err = body_read(request, fields, sizeof(fields) / sizeof(fields[0]), &body, &good);
	good = good && body_form_only(&body, fields, sizeof(fields) / sizeof(fields[0]));
	if (err == PT_OK && (!good || others == (sid.len > 0)))
		answer_malformed(response, "One session is wanted, or all others, and nothing else.");
	else if (err == PT_OK)
		err = sign_out(request, &who, sid, others, &found);
	/* Gone already is as good as gone. */
	if (err == PT_OK && response->status == 0)
		account_done(request, response, ACCOUNT_SIGNED_OUT);
	body_free(&body);
	return err;
}
