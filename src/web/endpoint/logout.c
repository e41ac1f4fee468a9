/* POST /logout: ends this device's session and clears its cookie. Nothing else clears it. */
#include "web/endpoint/endpoints.h"

#include "web/http/report.h"
#include "web/who/gate_cookie.h"

const struct refusal *
logout_get(const struct request *request, struct outcome *out)
{
	(void)request;
	out->kind = OUTCOME_PAGE;
	return NULL;
}

/*
 * Ends the session of every token that came, spent or not; the store leaves those of other devices
 * alone.
 */
static enum pt_err
logout_end(const struct request *request, const struct session_cookies *cookies)
{
	struct store_caller caller = request_caller(request);

	for (size_t i = 0; i < cookies->count; i++) {
		struct store_judgement judgement;
		bool ended = false;
		enum pt_err err = store_logout(request->app->store, &caller,
		    &cookies->tokens[i].presented, &judgement, &ended);

		if (err != PT_OK)
			return err;
		if (ended)
			report_event(request, &(struct report){
				.kind = EVENT_LOGOUT,
				.level = LOG_LEVEL_INFO,
				.user = &judgement.user,
				.session = &judgement.session,
			});
	}
	return PT_OK;
}

/* A form may say where the person wants to go next. A program's body is not read. */
static enum pt_err
logout_read_return(const struct request *request, struct outcome *out)
{
	const struct body_field field = { .name = "return", .text = &out->return_to };
	bool good;

	out->kind = OUTCOME_DONE;
	return out->for_person ? body_read(request, &field, 1, &out->body, &good) : PT_OK;
}

const struct refusal *
logout_post(const struct request *request, struct outcome *out)
{
	struct session_cookies cookies;
	enum pt_err err = session_cookies_read(request, &cookies);

	if (err == PT_OK)
		err = logout_end(request, &cookies);
	session_cookies_wipe(&cookies);
	if (err == PT_OK)
		err = logout_read_return(request, out);
	if (err == PT_OK)
		session_cookie_clear(request, out->response);
	if (err == PT_OK)
		gate_cookie_clear(request, out->response);
	return refusal_failed(err);
}
