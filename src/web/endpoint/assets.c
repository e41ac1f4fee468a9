/*
 * GET /pintle.css, /pintle.js and /link.js: what the pages load. Files of their own, so that no
 * page needs script or style inside.
 */
#include "web/endpoint/endpoints.h"

#include "web/pages/pages.h"

static const struct refusal *
assets_write(struct outcome *out, struct slice type, struct slice text)
{
	out->kind = OUTCOME_WRITTEN;
	out->response->status = 200;
	answer_header(out->response, "Content-Type", type);
	buf_put(&out->response->body, text);
	return NULL;
}

const struct refusal *
assets_style_get(const struct request *request, struct outcome *out)
{
	(void)request;
	return assets_write(out, SLICE("text/css; charset=utf-8"), page_pintle_css);
}

const struct refusal *
assets_script_get(const struct request *request, struct outcome *out)
{
	(void)request;
	return assets_write(out, SLICE("text/javascript; charset=utf-8"), page_pintle_js);
}

const struct refusal *
assets_link_script_get(const struct request *request, struct outcome *out)
{
	(void)request;
	return assets_write(out, SLICE("text/javascript; charset=utf-8"), page_link_js);
}
