/* /account: the page, and what its forms about devices ask for. */
#include "web/endpoint/endpoints.h"

#include "web/endpoint/device.h"
#include "web/http/report.h"
#include "web/pages/account_page.h"

const struct refusal *
account_get(const struct request *request, struct outcome *out)
{
	out->kind = OUTCOME_PAGE;
	return refusal_failed(credential_read(request, &out->who));
}

static enum pt_err
sign_out(const struct request *request, const struct credential *who, struct slice sid, bool others)
{
	struct store_caller caller = request_caller(request);
	enum reason reason = others ? REASON_LOGOUT_ALL : REASON_LOGOUT_ELSEWHERE;
	bool found = true;
	enum pt_err err;

	if (others)
		err = store_session_end_all(request->app->store, &caller, who->user.number,
		    who->session.number, reason, NULL);
	else
		err = store_browser_end(request->app->store, &caller, who->user.number, sid, reason,
		    &found);
	/* Gone already is as good as gone. */
	if (err == PT_OK && found)
		report_event(request, &(struct report){
			.kind = EVENT_SESSION_ENDED,
			.level = LOG_LEVEL_INFO,
			.user = &who->user,
			.reason = reason,
		});
	return err;
}

const struct refusal *
account_sign_out(const struct request *request, struct outcome *out)
{
	static const struct refusal malformed =
	    REFUSAL_MALFORMED("Name one session or all others, and nothing else.");
	struct slice sid = { NULL, 0 };
	bool others = false;
	const struct body_field fields[] = {
		{ .name = "session", .text = &sid },
		{ .name = "others", .flag = &others },
	};
	const size_t count = sizeof(fields) / sizeof(fields[0]);
	const struct refusal *refusal = credential_demand(request, &out->who);

	if (refusal == NULL)
		refusal = body_demand(request, fields, count, &out->body, &malformed);
	if (refusal)
		return refusal;
	if (!body_form_only(&out->body, fields, count) || others == (sid.len > 0))
		return &malformed;
	out->kind = OUTCOME_DONE;
	out->next = others ? ACCOUNT_PAGE_OTHERS_SIGNED_OUT : ACCOUNT_PAGE_SIGNED_OUT;
	return refusal_failed(sign_out(request, &out->who, sid, others));
}

const struct refusal *
account_rename(const struct request *request, struct outcome *out)
{
	static const struct refusal malformed =
	    REFUSAL_MALFORMED("Give a session and a name for its device.");
	struct slice id = { NULL, 0 }, device = { NULL, 0 };
	const struct body_field fields[] = {
		{ .name = "session", .text = &id, .required = true },
		{ .name = "device", .text = &device, .required = true },
	};
	struct session session;
	const struct refusal *refusal = credential_demand(request, &out->who);

	if (refusal == NULL)
		refusal = body_demand(request, fields, sizeof(fields) / sizeof(fields[0]),
		    &out->body, &malformed);
	if (refusal)
		return refusal;
	out->kind = OUTCOME_DONE;
	out->next = ACCOUNT_PAGE_RENAMED;
	return device_rename(request, &out->who, id, slice_trim(device), &session);
}
