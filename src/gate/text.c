#include "gate/text.h"

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 204, "No Content" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 409, "Conflict" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
};

static const char *
text_phrase(int status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return "Other";
}

void
gate_text_put(struct buf *out, const struct web_response *response, enum web_role role)
{
	int status = response->status ? response->status : 500;

	buf_printf(out, "Status: %d %s\r\n", status, text_phrase(status));
	buf_put(out, buf_slice(&response->head));
	/*
	 * RFC 9110, 8.6: no Content-Length with 1xx and 204; with 304 it would have to be that of
	 * the body that is not sent.
	 */
	if (role != WEB_AUTHORIZER && status >= 200 && status != 204 && status != 304)
		buf_printf(out, "Content-Length: %zu\r\n", response->body.len);
	buf_puts(out, "\r\n");
	if (!response->head_only && status != 204 && status != 304)
		buf_put(out, buf_slice(&response->body));
}

struct slice
gate_text_failure(void)
{
	return SLICE("Status: 500 Internal Server Error\r\nCache-Control: no-store\r\n\r\n");
}

void
gate_text_refuse(struct web_response *response, int status, const char *description)
{
	response->status = status;
	buf_puts(&response->head,
	    "Content-Type: application/json; charset=utf-8\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n");
	buf_printf(&response->body, "{\"error\":\"invalid_request\",\"error_description\":\"%s\"}",
	    description);
}
