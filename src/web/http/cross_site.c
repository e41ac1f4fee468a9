#include "web/http/cross_site.h"

#include <string.h>

#include "web/http/answer.h"

const struct refusal *
cross_site_demand(const struct request *request)
{
	static const struct refusal foreign = {
		.status = 403, .error = "cross_origin",
		.text = "This page is not allowed to request this.",
	};

	return request->unsafe && request->site == ORIGIN_REFUSED ? &foreign : NULL;
}

static bool
cross_site_listed(const struct request *request)
{
	return origin_is_listed(request->origin, slice_of(request->app->settings->allowed_origins));
}

void
cross_site_put_headers(const struct request *request, struct web_response *response)
{
	if (slice_of(request->app->settings->allowed_origins).len == 0)
		return;
	answer_header(response, "Vary", SLICE("Origin"));
	if (!cross_site_listed(request))
		return;
	answer_header(response, "Access-Control-Allow-Origin", request->origin);
	answer_header(response, "Access-Control-Allow-Credentials", SLICE("true"));
	answer_header(response, "Access-Control-Expose-Headers",
	    SLICE("Retry-After, WWW-Authenticate"));
}

void
cross_site_options(const struct request *request, struct web_response *response,
    const struct buf *methods)
{
	answer_empty(response, 204);
	answer_header_buf(response, "Allow", methods);
	if (request_param(request, "HTTP_ACCESS_CONTROL_REQUEST_METHOD").len &&
	    cross_site_listed(request)) {
		answer_header_buf(response, "Access-Control-Allow-Methods", methods);
		answer_header(response, "Access-Control-Allow-Headers",
		    SLICE("Authorization, Content-Type, Prefer"));
		answer_header(response, "Access-Control-Max-Age", SLICE("600"));
	}
}

/*
 * Whether a list of methods or header names may be echoed: tokens (RFC 9110, 5.6.2) separated by
 * commas and blanks.
 */
static bool
cross_site_is_list(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9');

		if (!alnum && (c == '\0' || strchr("!#$%&'*+-.^_`|~, ", c) == NULL))
			return false;
	}
	return text.len > 0;
}

void
cross_site_preflight(const struct request *request, struct web_response *response, int status)
{
	struct slice method = request_param(request, "HTTP_ACCESS_CONTROL_REQUEST_METHOD");
	struct slice headers = request_param(request, "HTTP_ACCESS_CONTROL_REQUEST_HEADERS");

	answer_empty(response, status);
	if (!cross_site_listed(request))
		return;
	if (cross_site_is_list(method))
		answer_header(response, "Access-Control-Allow-Methods", method);
	if (cross_site_is_list(headers))
		answer_header(response, "Access-Control-Allow-Headers", headers);
	answer_header(response, "Access-Control-Max-Age", SLICE("600"));
}
