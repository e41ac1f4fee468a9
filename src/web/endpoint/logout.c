/* POST /logout: ends this device's session, and clears its cookie: the only place that does. */
#include "web/endpoint/endpoints.h"

#include "web/http/answer.h"
#include "web/http/body.h"
#include "web/http/redirect.h"
#include "web/http/report.h"
#include "web/pages/page.h"
#include "web/who/gate_cookie.h"
#include "web/who/session_cookie.h"

enum pt_err
logout_page(const struct request *request, struct web_response *response)
{
	page_logout(request, response);
	return PT_OK;
}

/* Every token that came ends its session, spent or not; the store leaves those of other devices alone. */
static enum pt_err
logout_end(const struct request *request, const struct session_cookies *cookies)
{
	struct store_caller caller = request_caller(request);

	for (size_t i = 0; i < cookies->count; i++) {
		struct store_judgement judgement;
		bool ended = false;
		enum pt_err err = store_logout(request->app->store, &caller, &cookies->tokens[i].presented,
		    &judgement, &ended);

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

/* Where a form wants to go on; nowhere, if it does not say. */
static enum pt_err
logout_redirect(const struct request *request, struct web_response *response)
{
	struct slice path = { NULL, 0 };
	const struct body_field field = { .name = "return", .text = &path };
	struct body body;
	bool good;
	enum pt_err err = body_read(request, &field, 1, &body, &good);

	if (err == PT_OK)
		redirect_to(request, response, path);
	body_free(&body);
	return err;
}

enum pt_err
logout_post(const struct request *request, struct web_response *response)
{
	struct session_cookies cookies;
	enum pt_err err = session_cookies_read(request, &cookies);

	if (err == PT_OK)
		err = logout_end(request, &cookies);
	session_cookies_wipe(&cookies);
	if (err == PT_OK && body_type(request) == BODY_FORM)
		err = logout_redirect(request, response);
	else if (err == PT_OK)
		answer_empty(response, 204);
	if (err == PT_OK)
		session_cookie_clear(request, response);
	if (err == PT_OK)
		gate_cookie_clear(request, response);
	return err;
}
