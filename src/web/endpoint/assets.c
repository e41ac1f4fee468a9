/*
 * GET /pintle.css, /pintle.js and /link.js: what the pages load, in files of their own, so that no
 * page needs script or style inside. GET /client.js: what a site's own pages load. Browsers keep
 * them, and ask each time.
 */
#include "web/endpoint/endpoints.h"

#include "web/http/public.h"
#include "web/pages/client.h"
#include "web/pages/pages.h"

static const struct refusal *
assets_write(const struct request *request, struct outcome *out, const char *type,
    struct slice text)
{
	struct buf body = BUF_EMPTY;
	enum pt_err err;

	buf_put(&body, text);
	err = public_answer(request, out->response, type, 0, &body);
	if (err == PT_OK) {
		out->response->asked_again = true;
		answer_header(out->response, "Cross-Origin-Resource-Policy", SLICE("same-origin"));
	}
	buf_free(&body);
	out->kind = OUTCOME_WRITTEN;
	return refusal_failed(err);
}

const struct refusal *
assets_style_get(const struct request *request, struct outcome *out)
{
	return assets_write(request, out, "text/css; charset=utf-8", page_pintle_css);
}

const struct refusal *
assets_script_get(const struct request *request, struct outcome *out)
{
	return assets_write(request, out, "text/javascript; charset=utf-8", page_pintle_js);
}

const struct refusal *
assets_link_script_get(const struct request *request, struct outcome *out)
{
	return assets_write(request, out, "text/javascript; charset=utf-8", page_link_js);
}

const struct refusal *
assets_client_get(const struct request *request, struct outcome *out)
{
	return assets_write(request, out, "text/javascript; charset=utf-8", client_pintle_js);
}
