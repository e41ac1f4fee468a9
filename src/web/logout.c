/* POST /logout: ends this device's session, and clears its cookie: the only place that does. */
#include "web/endpoints.h"

#include "web/answer.h"
#include "web/body.h"
#include "web/page.h"
#include "web/redirect.h"
#include "web/report.h"
#include "web/session_cookie.h"

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
		bool ended = false;
		enum pt_err err = store_logout(request->app->store, &caller, &cookies->tokens[i].presented, &ended);

		if (err != PT_OK)
			return err;
		if (ended)
			report_event(request, &(struct report){ .kind = EVENT_LOGOUT, .level = LOG_LEVEL_INFO });
	}
	return PT_OK;
}

enum pt_err
logout_post(const struct request *request, struct web_response *response)
{
	struct session_cookies cookies;
	enum pt_err err = session_cookies_read(request, &cookies);

	if (err == PT_OK)
		err = logout_end(request, &cookies);
	session_cookies_wipe(&cookies);
	if (err != PT_OK)
		return err;
	if (body_type(request) == BODY_FORM)
		redirect_to(request, response, (struct slice){ NULL, 0 });
	else
		answer_empty(response, 204);
	session_cookie_clear(request, response);
	return PT_OK;
}
