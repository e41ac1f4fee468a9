/* GET /pintle.css: how the pages look. A file of its own, so that no page needs a style inside. */
#include "web/endpoints.h"

#include "web/answer.h"

enum pt_err
style_get(const struct request *request, struct web_response *response)
{
	(void)request;
	response->status = 200;
	answer_header(response, "Content-Type", SLICE("text/css; charset=utf-8"));
	buf_puts(&response->body,
	    ":root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }\n"
	    "body { margin: 0; padding: 1rem; }\n"
	    "main { max-width: 22rem; margin: 10vh auto 0; }\n"
	    "label { display: block; margin-top: 1rem; }\n"
	    "input:not([type=checkbox]) { box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; }\n"
	    "button { margin-top: 1.5rem; width: 100%; padding: .6rem; font: inherit; cursor: pointer; }\n"
	    ":focus-visible { outline: 3px solid #2a6fdb; outline-offset: 2px; }\n"
	    ".refusal { border-left: .3rem solid #c62828; padding: .25rem .75rem; }\n");
	return PT_OK;
}
