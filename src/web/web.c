#include "web/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/tally.h"
#include "core/address.h"
#include "web/endpoint/guard.h"
#include "web/endpoint/refresh.h"
#include "web/http/answer.h"
#include "web/http/body.h"
#include "web/http/cross_site.h"
#include "web/pages/page.h"
#include "web/route.h"

/* The path is known, but not with this method; OPTIONS asks which methods are. */
static void
web_answer_method(const struct request *request, struct web_response *response)
{
	struct buf methods = BUF_EMPTY;

	route_put_methods(request, &methods);
	if (request->method == METHOD_OPTIONS) {
		cross_site_options(request, response, &methods);
	} else {
		answer_refuse(response, &(struct refusal){
			.status = 405,
			.error = "invalid_request",
			.text = "This address does not know that method.",
		});
		answer_header_buf(response, "Allow", &methods);
	}
	buf_free(&methods);
}

/* Finds the route, and answers where there is none; *route is NULL then. */
static void
web_route(struct request *request, struct web_response *response, const struct route **route)
{
	switch (route_find(request, route)) {
	case ROUTE_UNKNOWN:
		answer_refuse(response, &(struct refusal){
			.status = 404,
			.error = "not_found",
			.text = "There is nothing at this address.",
		});
		break;
	case ROUTE_OTHER_METHOD:
		web_answer_method(request, response);
		break;
	case ROUTE_FOUND:
		break;
	}
}

/* Whether the body is one that may be looked at; answers where it is not. */
static bool
web_body_good(const struct request *request, struct web_response *response)
{
	switch (request->raw->body_state) {
	case WEB_BODY_TOO_LARGE:
		answer_refuse(response, &(struct refusal){
			.status = 413,
			.error = "invalid_request",
			.text = "The body is larger than 16 KiB.",
		});
		return false;
	case WEB_BODY_SHORT:
		answer_malformed(response, "The body is shorter than its length says.");
		return false;
	case WEB_BODY_WHOLE:
		break;
	}
	if (request->raw->body.len == 0 || body_type(request) == BODY_JSON || body_type(request) == BODY_FORM)
		return true;
	answer_refuse(response, &(struct refusal){
		.status = 415,
		.error = "invalid_request",
		.text = "The body is neither JSON nor a form, in UTF-8.",
	});
	return false;
}

static void
web_refuse_repeated(const struct request *request, struct web_response *response)
{
	char text[128];

	snprintf(text, sizeof(text), "The header field %s came twice, which leaves open what is meant.", request->repeated);
	answer_malformed(response, text);
}

/* A request on its way to its answer. */
struct work {
	struct request request;
	struct web_response *response;
	bool together;		/* others are answered with it: it may wait for the store's answer to all of them */
	bool waits;		/* it does, with refresh begun */
	struct refresh refresh;
};

/* Calls the endpoint, or the first half of it. */
static enum pt_err
web_call(struct work *work, const struct route *route)
{
	if (work->together && route->answer == refresh_post)
		return refresh_begin(&work->request, work->response, &work->refresh, &work->waits);
	return route->answer(&work->request, work->response);
}

/*
 * From the request to its answer. A mode is asked for by the web server alone
 * (a client's headers arrive as HTTP_...); one that is not known must not let anybody through.
 */
static enum pt_err
web_dispatch(struct work *work)
{
	struct request *request = &work->request;
	struct web_response *response = work->response;
	const struct route *route = NULL;
	enum guard_mode mode = guard_mode_of(request);

	if (mode == GUARD_UNKNOWN) {
		LOG_SPARELY(LOG_LEVEL_ERROR, "unknown_mode", NULL, LOG_STR("request_id", request->request_id),
		    LOG_TEXT("mode", request_param(request, "PINTLE_MODE")));
		return PT_ERR_INVALID;
	}
	if (request->repeated)
		LOG_SPARELY(LOG_LEVEL_INFO, "header_repeated", request->repeated, LOG_STR("request_id", request->request_id),
		    LOG_STR("address", request->address), LOG_STR("header", request->repeated));
	if (mode != GUARD_NONE)
		return guard_answer(request, mode, response);
	if (request->repeated) {
		web_refuse_repeated(request, response);
		return PT_OK;
	}
	web_route(request, response, &route);
	if (route == NULL)
		return PT_OK;
	if (cross_site_forbids(request)) {
		cross_site_refuse(response);
		return PT_OK;
	}
	if (!web_body_good(request, response))
		return PT_OK;
	bool good;
	enum pt_err err = route_query_good(route, request, &good);

	if (err == PT_OK && !good)
		answer_malformed(response, "The query has a parameter that this request does not know.");
	return err != PT_OK || !good ? err : web_call(work, route);
}

/* A program's form comes with its credentials in a header; a person's never does. */
static bool
web_is_from_person(const struct request *request)
{
	return body_type(request) == BODY_FORM && request_param(request, "HTTP_AUTHORIZATION").len == 0;
}

/* Says to the log what failed and to the client that something did; a person at a form gets a page. */
static void
web_fail(const struct request *request, struct web_response *response, enum pt_err err)
{
	const struct refusal *refusal = answer_failure(err);

	LOG_SPARELY(err == PT_ERR_BUSY || err == PT_ERR_GONE ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR, "request_failed", pt_err_text(err),
	    LOG_STR("request_id", request->request_id), LOG_STR("address", request->address),
	    LOG_TEXT("path", request->path), LOG_STR("cause", pt_err_text(err)));
	answer_reset(response);
	response->fatal = err == PT_ERR_FATAL;
	if (web_is_from_person(request))
		page_failure(request, response, refusal);
	else
		answer_refuse(response, refusal);
}

static void
web_count(const struct web_response *response)
{
	if (response->status < 300)
		tally_add(TALLY_REQUEST_2XX, 1);
	else if (response->status < 400)
		tally_add(TALLY_REQUEST_3XX, 1);
	else if (response->status < 500)
		tally_add(TALLY_REQUEST_4XX, 1);
	else
		tally_add(TALLY_REQUEST_5XX, 1);
}

/* What every answer carries. */
static void
web_put_headers(const struct request *request, struct web_response *response)
{
	if (response->max_age)
		buf_printf(&response->head, "Cache-Control: public, max-age=%u\r\n", response->max_age);
	else
		answer_header(response, "Cache-Control", SLICE("no-store"));
	answer_header(response, "X-Content-Type-Options", SLICE("nosniff"));
	if (request->request_id[0])
		answer_header(response, "X-Request-Id", slice_of(request->request_id));
	cross_site_put_headers(request, response);
}

static void
web_finish(const struct request *request, struct web_response *response)
{
	response->head_only = request->head;
	/* To Apache the head of an authorizer's yes is the guarded page's, which says for itself who may keep it. */
	if (request->raw->role != WEB_AUTHORIZER || response->status != 200)
		web_put_headers(request, response);
	if (buf_status(&response->head) == PT_OK && buf_status(&response->body) == PT_OK)
		return;
	/* Half an answer could lack what guards it: none at all instead. */
	answer_reset(response);
	response->status = 500;
}

void
web_sender(const struct web_app *app, struct slice peer, struct slice forwarded, char out[ADDRESS_SIZE])
{
	struct address_facts hops = {
		.peer = peer,
		.forwarded = forwarded,
		.proxies = slice_of(app->settings->proxies),
	};

	(void)address_decide(&hops, out);
}

static bool
web_ends_in(struct slice text, struct slice end)
{
	return text.len >= end.len && slice_eq(slice_skip(text, text.len - end.len), end);
}

/* Whether a guard asks, and no client. */
static bool
web_is_guards(const struct web_request *raw)
{
	return raw->role == WEB_AUTHORIZER || web_param(raw, "PINTLE_MODE").ptr != NULL;
}

bool
web_goes_together(const struct web_request *raw)
{
	const struct slice refresh = SLICE("/refresh");

	return !web_is_guards(raw) &&
	    (web_ends_in(web_param(raw, "SCRIPT_NAME"), refresh) || web_ends_in(web_param(raw, "PATH_INFO"), refresh));
}

bool
web_is_quick(const struct web_request *raw)
{
	return web_is_guards(raw) || web_goes_together(raw);
}

static void
web_begin(struct work *work, const struct web_app *app, const struct web_request *raw, struct web_response *response,
    bool together)
{
	work->response = response;
	work->together = together;
	work->waits = false;
	enum pt_err err = request_read(app, raw, &work->request);

	if (err == PT_OK)
		err = web_dispatch(work);
	if (err != PT_OK)
		web_fail(&work->request, response, err);
}

static void
web_end(struct work *work)
{
	web_finish(&work->request, work->response);
	web_count(work->response);
	request_release(&work->request);
}

void
web_answer(struct web_app *app, const struct web_request *raw, struct web_response *response)
{
	struct work work;

	web_begin(&work, app, raw, response, false);
	web_end(&work);
}

/* Asks the store about all that wait for it. */
static void
web_ask_together(const struct web_app *app, struct work *const works[], size_t count)
{
	struct store_refreshing questions[WEB_TOGETHER_MAX];
	size_t asked = 0, answered = 0;

	for (size_t i = 0; i < count; i++)
		if (works[i]->waits)
			questions[asked++] = refresh_question(&works[i]->refresh);
	store_refresh_many(app->store, questions, asked);
	for (size_t i = 0; i < count; i++) {
		if (!works[i]->waits)
			continue;
		enum pt_err err = refresh_end(&works[i]->refresh, questions[answered++].err);

		if (err != PT_OK)
			web_fail(&works[i]->request, works[i]->response, err);
	}
}

void
web_answer_together(struct web_app *app, const struct web_request *const raws[], struct web_response *const responses[],
    size_t count)
{
	struct work *works[WEB_TOGETHER_MAX];
	size_t begun = 0;

	for (size_t i = 0; i < count; i++) {
		works[begun] = malloc(sizeof(*works[begun]));
		if (works[begun] == NULL)
			web_answer(app, raws[i], responses[i]);
		else
			web_begin(works[begun++], app, raws[i], responses[i], true);
	}
	web_ask_together(app, works, begun);
	for (size_t i = 0; i < begun; i++) {
		web_end(works[i]);
		free(works[i]);
	}
}
