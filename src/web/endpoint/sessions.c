/* /sessions: where the user is signed in, and the ways to end it there. */
#include "web/endpoint/endpoints.h"

#include "web/endpoint/account.h"
#include "web/http/answer.h"
#include "web/http/body.h"
#include "web/http/report.h"
#include "web/pages/view.h"
#include "web/who/credential.h"

struct sessions_list {
	struct json_writer w;
	uint64_t current;
};

static bool
sessions_put(const struct session *session, enum reason standing, void *ctx)
{
	struct sessions_list *list = ctx;

	if (standing == REASON_NONE)
		view_session(&list->w, NULL, session, session->number == list->current);
	return true;
}

enum pt_err
sessions_list(const struct request *request, struct web_response *response)
{
	struct credential who;
	enum pt_err err = credential_demand(request, response, &who);

	if (err != PT_OK || !who.good)
		return err;
	struct sessions_list list = { answer_json(response, 200), who.session.number };

	json_open(&list.w, NULL);
	json_open_array(&list.w, "sessions");
	err = store_browser_each(request->app->store, clock_now(), who.user.number, list.current, sessions_put, &list);
	json_close_array(&list.w);
	json_close(&list.w);
	return err;
}

/* The same for another user's session as for none: ids are not to be tried out. */
static const struct refusal unknown = {
	.status = 404, .error = "not_found", .text = "There is no such session.",
};
static const struct refusal bad_name = {
	.status = 400, .error = "invalid_request", .text = "The device's name is too long, or has a control character.",
};

/* Renames one of the own sessions; *refusal says why not, or is NULL. */
static enum pt_err
sessions_name(const struct request *request, const struct credential *who, struct slice id, struct slice device,
    struct session *session, const struct refusal **refusal)
{
	struct store_caller caller = request_caller(request);
	bool found;
	enum pt_err err;

	*refusal = &bad_name;
	if (device.len >= DEVICE_NAME_SIZE || slice_has_control(device))
		return PT_OK;
	err = store_session_rename(request->app->store, &caller, who->user.number, id, device, session, &found);
	*refusal = found ? NULL : &unknown;
	return err;
}

static enum pt_err
sessions_rename_to(const struct request *request, struct web_response *response, const struct credential *who,
    struct slice device)
{
	const struct refusal *refusal;
	struct session session;
	enum pt_err err = sessions_name(request, who, request->id, device, &session, &refusal);

	if (err != PT_OK)
		return err;
	if (refusal) {
		answer_refuse(response, refusal);
		return PT_OK;
	}
	struct json_writer w = answer_json(response, 200);

	view_session(&w, NULL, &session, session.number == who->session.number);
	return PT_OK;
}

enum pt_err
sessions_rename(const struct request *request, struct web_response *response)
{
	struct slice device = { NULL, 0 };
	const struct body_field field = { .name = "device", .text = &device, .required = true };
	struct credential who;
	struct body body;
	bool good;
	enum pt_err err = credential_demand(request, response, &who);

	if (err != PT_OK || !who.good)
		return err;
	err = body_read(request, &field, 1, &body, &good);
	if (err == PT_OK && good)
		err = sessions_rename_to(request, response, &who, device);
	else if (err == PT_OK)
		answer_malformed(response, "A name for the device is wanted.");
	body_free(&body);
	return err;
}

static enum pt_err
sessions_rename_by_form(const struct request *request, struct web_response *response, const struct credential *who,
    struct slice id, struct slice device)
{
	const struct refusal *refusal;
	struct session session;
	enum pt_err err = sessions_name(request, who, id, device, &session, &refusal);

	if (err == PT_OK && refusal)
		return account_refuse(request, response, who, refusal);
	if (err == PT_OK)
		account_done(request, response, ACCOUNT_RENAMED);
	return err;
}

enum pt_err
account_rename(const struct request *request, struct web_response *response)
{
	struct slice id = { NULL, 0 }, device = { NULL, 0 };
	const struct body_field fields[] = {
		{ .name = "session", .text = &id, .required = true },
		{ .name = "device", .text = &device, .required = true },
	};
	struct credential who;
	struct body body;
	bool good;
	enum pt_err err = account_demand(request, response, &who);

	if (err != PT_OK || !who.good)
		return err;
	err = body_read(request, fields, sizeof(fields) / sizeof(fields[0]), &body, &good);
	if (err == PT_OK && good)
		err = sessions_rename_by_form(request, response, &who, id, slice_trim(device));
	else if (err == PT_OK)
		answer_malformed(response, "A session and a name for its device are wanted.");
	body_free(&body);
	return err;
}

enum pt_err
sessions_end(const struct request *request, struct web_response *response)
{
	struct store_caller caller = request_caller(request);
	struct credential who;
	bool found;
	enum pt_err err = credential_demand(request, response, &who);

	if (err != PT_OK || !who.good)
		return err;
	enum reason reason = slice_eq(request->id, slice_of(who.session.sid)) ? REASON_LOGOUT : REASON_LOGOUT_ELSEWHERE;

	err = store_browser_end(request->app->store, &caller, who.user.number, request->id, reason, &found);
	if (err != PT_OK)
		return err;
	if (!found) {
		answer_refuse(response, &unknown);
		return PT_OK;
	}
	report_event(request, &(struct report){
		.kind = EVENT_SESSION_ENDED,
		.level = LOG_LEVEL_INFO,
		.user = &who.user,
		.reason = reason,
	});
	answer_empty(response, 204);
	return PT_OK;
}

/*
 * Whether ?keep=current came. A query that says anything else about it is no
 * request to log out everywhere: *good is false.
 */
static enum pt_err
sessions_read_keep(const struct request *request, bool *keep, bool *good)
{
	struct slice value;
	struct form query;
	enum pt_err err = form_parse(request->query, &query, good);

	*keep = false;
	if (err != PT_OK || !*good)
		return err;
	switch (form_get(&query, "keep", &value)) {
	case FORM_ABSENT:
		break;
	case FORM_REPEATED:
		*good = false;
		break;
	case FORM_ONCE:
		*keep = *good = slice_eq(value, SLICE("current"));
		break;
	}
	form_free(&query);
	return PT_OK;
}

enum pt_err
sessions_end_all(const struct request *request, struct web_response *response)
{
	struct store_caller caller = request_caller(request);
	struct credential who;
	bool keep, good;
	enum pt_err err = credential_demand(request, response, &who);

	if (err != PT_OK || !who.good)
		return err;
	err = sessions_read_keep(request, &keep, &good);
	if (err != PT_OK)
		return err;
	if (!good) {
		answer_malformed(response, "The query can only say keep=current, once.");
		return PT_OK;
	}
	err = store_session_end_all(request->app->store, &caller, who.user.number, keep ? who.session.number : 0,
	    REASON_LOGOUT_ALL, NULL);
	if (err != PT_OK)
		return err;
	report_event(request, &(struct report){
		.kind = EVENT_SESSION_ENDED,
		.level = LOG_LEVEL_INFO,
		.user = &who.user,
		.reason = REASON_LOGOUT_ALL,
	});
	answer_empty(response, 204);
	return PT_OK;
}
