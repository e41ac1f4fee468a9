#include "web/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/tally.h"
#include "core/address.h"
#include "web/endpoint/refresh.h"
#include "web/guard/guard.h"
#include "web/http/answer.h"
#include "web/http/body.h"
#include "web/http/cross_site.h"
#include "web/pages/present.h"
#include "web/route.h"

/* A request on its way to its answer. */
struct work {
	struct request request;
	struct web_response *response;
	const struct route *route;	/* NULL: none was found */
	struct outcome outcome;
	/* answered together with others: it may wait while the store answers all of them */
	bool together;
	bool waits;		/* it waits, and refresh has begun */
	struct refresh refresh;
};

/* The path is known, but not with this method; OPTIONS asks which methods are. */
static const struct refusal *
web_refuse_method(const struct request *request, struct outcome *out)
{
	static const struct refusal other_method = {
		.status = 405, .error = "invalid_request",
		.text = "This address does not support that method.",
	};
	const bool asks = request->method == METHOD_OPTIONS;
	struct buf methods = BUF_EMPTY;

	route_put_methods(request, &methods);
	if (asks)
		cross_site_options(request, out->response, &methods);
	else
		answer_header_buf(out->response, "Allow", &methods);
	buf_free(&methods);
	out->kind = OUTCOME_WRITTEN;
	return asks ? NULL : &other_method;
}

/* Refuses a body that is not to be read. */
static const struct refusal *
web_demand_body(const struct request *request)
{
	static const struct refusal large = {
		.status = 413, .error = "invalid_request",
		.text = "The body is larger than 16 KiB.",
	};
	static const struct refusal short_of_length =
	    REFUSAL_MALFORMED("The body is shorter than its length says.");
	static const struct refusal other_type = {
		.status = 415, .error = "invalid_request",
		.text = "The body is neither JSON nor a form, in UTF-8.",
	};

	switch (request->raw->body_state) {
	case WEB_BODY_TOO_LARGE:
		return &large;
	case WEB_BODY_SHORT:
		return &short_of_length;
	case WEB_BODY_WHOLE:
		break;
	}
	if (request->raw->body.len == 0 || body_type(request) == BODY_JSON ||
	    body_type(request) == BODY_FORM)
		return NULL;
	return &other_type;
}

static const struct refusal *
web_refuse_repeated(const struct request *request, struct outcome *out)
{
	snprintf(out->text, sizeof(out->text),
	    "The header field %s came twice, so it is not clear which one is meant.",
	    request->repeated);
	return outcome_refuse(out, (struct refusal)REFUSAL_MALFORMED(out->text));
}

/* Calls the endpoint, or the first half of it. */
static const struct refusal *
web_call(struct work *work, const struct route *route)
{
	work->route = route;
	work->outcome.for_person = route_shows_page(route, &work->request);
	if (work->together && route->answer == refresh_post)
		return refresh_begin(&work->request, &work->outcome, &work->refresh, &work->waits);
	return route->answer(&work->request, &work->outcome);
}

/*
 * Finds the route and calls its endpoint if the request meets the common demands. A refusal before
 * that is shown as JSON.
 */
static const struct refusal *
web_ask_route(struct work *work)
{
	static const struct refusal nothing = {
		.status = 404, .error = "not_found", .text = "There is nothing at this address.",
	};
	struct request *request = &work->request;
	const struct route *route;
	const struct refusal *refusal;

	if (request->repeated)
		return web_refuse_repeated(request, &work->outcome);
	switch (route_find(request, &route)) {
	case ROUTE_UNKNOWN:
		return &nothing;
	case ROUTE_OTHER_METHOD:
		return web_refuse_method(request, &work->outcome);
	case ROUTE_FOUND:
		break;
	}
	refusal = cross_site_demand(request);
	if (refusal == NULL)
		refusal = web_demand_body(request);
	if (refusal == NULL)
		refusal = route_demand_query(route, request);
	return refusal ? refusal : web_call(work, route);
}

/*
 * From the request to its result. Only the web server can set a mode (a client's headers arrive as
 * HTTP_...); an unknown mode must not let anybody through.
 */
static const struct refusal *
web_dispatch(struct work *work)
{
	struct request *request = &work->request;
	enum guard_mode mode = guard_mode_of(request);

	if (mode == GUARD_UNKNOWN) {
		LOG_SPARELY(LOG_LEVEL_ERROR, "unknown_mode", NULL,
		    LOG_STR("request_id", request->request_id),
		    LOG_TEXT("mode", request_param(request, "PINTLE_MODE")));
		return refusal_failed(PT_ERR_INVALID);
	}
	if (request->repeated)
		LOG_SPARELY(LOG_LEVEL_INFO, "header_repeated", request->repeated,
		    LOG_STR("request_id", request->request_id),
		    LOG_STR("address", request->address), LOG_STR("header", request->repeated));
	if (mode == GUARD_NONE)
		return web_ask_route(work);
	work->outcome.kind = OUTCOME_WRITTEN;
	return refusal_failed(guard_answer(request, mode, work->response));
}

/*
 * Logs what failed, and discards what was filled in; the client is only told that something failed.
 */
static void
web_fail(const struct request *request, struct web_response *response, enum pt_err err)
{
	const bool passing = err == PT_ERR_BUSY || err == PT_ERR_GONE;

	LOG_SPARELY(passing ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR, "request_failed",
	    pt_err_text(err),
	    LOG_STR("request_id", request->request_id), LOG_STR("address", request->address),
	    LOG_TEXT("path", request->path), LOG_STR("cause", pt_err_text(err)));
	answer_reset(response);
	response->fatal = err == PT_ERR_FATAL;
}

static enum pt_err
web_show(struct work *work, const struct refusal *refusal)
{
	if (refusal && refusal->failure)
		web_fail(&work->request, work->response, refusal->failure);
	if (work->outcome.for_person)
		return present_page(&work->request, refusal, &work->outcome, work->route->page);
	return present_json(&work->request, refusal, &work->outcome);
}

/* Shows the result; if that fails, shows the failure. */
static void
web_present(struct work *work, const struct refusal *refusal)
{
	enum pt_err err = web_show(work, refusal);

	if (err != PT_OK)
		err = web_show(work, refusal_failed(err));
	if (err != PT_OK)
		answer_reset(work->response);
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

/* Adds the headers of every answer. */
static void
web_put_headers(const struct request *request, struct web_response *response)
{
	if (response->max_age)
		buf_printf(&response->head, "Cache-Control: public, max-age=%u\r\n",
		    response->max_age);
	else if (response->asked_again)
		answer_header(response, "Cache-Control", SLICE("public, no-cache"));
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
	/*
	 * Apache adds the headers of an authorizer's yes to the guarded page, which has its own
	 * caching rules.
	 */
	if (request->raw->role != WEB_AUTHORIZER || response->status != 200)
		web_put_headers(request, response);
	if (buf_status(&response->head) == PT_OK && buf_status(&response->body) == PT_OK)
		return;
	/* Half an answer could lack the headers that protect it: send none at all. */
	answer_reset(response);
	response->status = 500;
}

void
web_sender(const struct web_app *app, struct slice peer, struct slice forwarded,
    char out[ADDRESS_SIZE])
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

/* Whether the web server asks as a guard, not on behalf of a client. */
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
	    (web_ends_in(web_param(raw, "SCRIPT_NAME"), refresh) ||
	    web_ends_in(web_param(raw, "PATH_INFO"), refresh));
}

bool
web_is_quick(const struct web_request *raw)
{
	return web_is_guards(raw) || web_goes_together(raw);
}

static void
web_begin(struct work *work, const struct web_app *app, const struct web_request *raw,
    struct web_response *response, bool together)
{
	const struct refusal *refusal;

	work->response = response;
	work->route = NULL;
	work->together = together;
	work->waits = false;
	memset(&work->outcome, 0, sizeof(work->outcome));
	work->outcome.response = response;
	refusal = refusal_failed(request_read(app, raw, &work->request));
	if (refusal == NULL)
		refusal = web_dispatch(work);
	if (!work->waits)
		web_present(work, refusal);
}

static void
web_end(struct work *work)
{
	web_finish(&work->request, work->response);
	web_count(work->response);
	outcome_free(&work->outcome);
	request_release(&work->request);
}

void
web_answer(struct web_app *app, const struct web_request *raw, struct web_response *response)
{
	struct work work;

	web_begin(&work, app, raw, response, false);
	web_end(&work);
}

/* Asks the store about all requests that wait for it. */
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
		web_present(works[i], refresh_end(&works[i]->refresh, questions[answered++].err));
	}
}

void
web_answer_together(struct web_app *app, const struct web_request *const raws[],
    struct web_response *const responses[], size_t count)
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
