/* /sessions: where the user is signed in, and ending or renaming that. */
#include "web/endpoint/endpoints.h"

#include "web/endpoint/device.h"
#include "web/http/form.h"
#include "web/http/report.h"
#include "web/pages/view.h"

struct sessions_writer {
	struct json_writer w;
	uint64_t current;
};

static bool
sessions_put(const struct session *session, enum reason standing, void *ctx)
{
	struct sessions_writer *writer = ctx;

	if (standing == REASON_NONE)
		view_session(&writer->w, NULL, session, session->number == writer->current);
	return true;
}

const struct refusal *
sessions_list(const struct request *request, struct outcome *out)
{
	const struct refusal *refusal = credential_demand(request, &out->who);

	if (refusal)
		return refusal;
	struct sessions_writer writer = { answer_json(out->response, 200),
	    out->who.session.number };

	out->kind = OUTCOME_WRITTEN;
	json_open(&writer.w, NULL);
	json_open_array(&writer.w, "sessions");
	enum pt_err err = store_browser_each(request->app->store, clock_now(), out->who.user.number,
	    writer.current, sessions_put, &writer);

	json_close_array(&writer.w);
	json_close(&writer.w);
	return refusal_failed(err);
}

const struct refusal *
sessions_rename(const struct request *request, struct outcome *out)
{
	static const struct refusal malformed = REFUSAL_MALFORMED("Give a name for the device.");
	struct slice device = { NULL, 0 };
	const struct body_field field = { .name = "device", .text = &device, .required = true };
	struct session session;
	const struct refusal *refusal = credential_demand(request, &out->who);

	if (refusal == NULL)
		refusal = body_demand(request, &field, 1, &out->body, &malformed);
	if (refusal == NULL)
		refusal = device_rename(request, &out->who, request->id, device, &session);
	if (refusal)
		return refusal;
	struct json_writer w = answer_json(out->response, 200);

	out->kind = OUTCOME_WRITTEN;
	view_session(&w, NULL, &session, session.number == out->who.session.number);
	return NULL;
}

static void
sessions_report(const struct request *request, const struct user *user, enum reason reason)
{
	report_event(request, &(struct report){
		.kind = EVENT_SESSION_ENDED,
		.level = LOG_LEVEL_INFO,
		.user = user,
		.reason = reason,
	});
}

const struct refusal *
sessions_end(const struct request *request, struct outcome *out)
{
	struct store_caller caller = request_caller(request);
	const struct credential *who = &out->who;
	bool found;
	const struct refusal *refusal = credential_demand(request, &out->who);

	if (refusal)
		return refusal;
	enum reason reason = slice_eq(request->id, slice_of(who->session.sid)) ?
	    REASON_LOGOUT : REASON_LOGOUT_ELSEWHERE;
	enum pt_err err = store_browser_end(request->app->store, &caller, who->user.number,
	    request->id, reason, &found);

	if (err != PT_OK)
		return refusal_failed(err);
	if (!found)
		return &device_unknown;
	sessions_report(request, &who->user, reason);
	out->kind = OUTCOME_DONE;
	return NULL;
}

/*
 * Reads ?keep=current. A query that says anything else is not taken for a request to log out
 * everywhere.
 */
static const struct refusal *
sessions_read_keep(const struct request *request, bool *keep)
{
	static const struct refusal malformed =
	    REFUSAL_MALFORMED("The query may only say keep=current, and only once.");
	struct slice value;
	struct form query;
	bool good;
	enum pt_err err = form_parse(request->query, &query, &good);

	*keep = false;
	if (err != PT_OK || !good)
		return err == PT_OK ? &malformed : refusal_failed(err);
	switch (form_get(&query, "keep", &value)) {
	case FORM_ABSENT:
		break;
	case FORM_REPEATED:
		good = false;
		break;
	case FORM_ONCE:
		*keep = good = slice_eq(value, SLICE("current"));
		break;
	}
	form_free(&query);
	return good ? NULL : &malformed;
}

const struct refusal *
sessions_end_all(const struct request *request, struct outcome *out)
{
	struct store_caller caller = request_caller(request);
	bool keep;
	const struct refusal *refusal = credential_demand(request, &out->who);

	if (refusal == NULL)
		refusal = sessions_read_keep(request, &keep);
	if (refusal)
		return refusal;
	enum pt_err err = store_session_end_all(request->app->store, &caller, out->who.user.number,
	    keep ? out->who.session.number : 0, REASON_LOGOUT_ALL, NULL);

	if (err != PT_OK)
		return refusal_failed(err);
	sessions_report(request, &out->who.user, REASON_LOGOUT_ALL);
	out->kind = OUTCOME_DONE;
	return NULL;
}
