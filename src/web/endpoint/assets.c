/* GET /pintle.css, /pintle.js and /link.js: what the pages load. Files of their own, so that no page needs script or style inside. */
#include "web/endpoint/endpoints.h"

#include "web/http/answer.h"
#include "web/pages/pages.h"

enum pt_err
style_get(const struct request *request, struct web_response *response)
{
	(void)request;
	response->status = 200;
	answer_header(response, "Content-Type", SLICE("text/css; charset=utf-8"));
	buf_put(&response->body, page_pintle_css);
	return PT_OK;
}

enum pt_err
script_get(const struct request *request, struct web_response *response)
{
	(void)request;
	response->status = 200;
	answer_header(response, "Content-Type", SLICE("text/javascript; charset=utf-8"));
	buf_put(&response->body, page_pintle_js);
	return PT_OK;
}

enum pt_err
link_script_get(const struct request *request, struct web_response *response)
{
	(void)request;
	response->status = 200;
	answer_header(response, "Content-Type", SLICE("text/javascript; charset=utf-8"));
	buf_put(&response->body, page_link_js);
	return PT_OK;
}
