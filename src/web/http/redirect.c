#include "web/http/redirect.h"

#include "web/http/answer.h"

bool
redirect_is_local(struct slice path)
{
	if (path.len == 0 || path.len > REDIRECT_MAX || path.ptr[0] != '/')
		return false;
	if (path.len > 1 && (path.ptr[1] == '/' || path.ptr[1] == '\\'))
		return false;
	return !slice_has_control(path);
}

/* A header value here is ASCII without blanks (RFC 3986, 2): anything else in a path is escaped. */
static void
redirect_put_path(struct buf *out, struct slice path)
{
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.ptr[i];

		if (c <= 0x20 || c >= 0x7f)
			buf_printf(out, "%%%02X", c);
		else
			buf_putc(out, (char)c);
	}
}

void
redirect_to(const struct request *request, struct web_response *response, struct slice path)
{
	struct buf location = BUF_EMPTY;

	if (redirect_is_local(path)) {
		redirect_put_path(&location, path);
	} else {
		buf_puts(&location, request->app->settings->mount);
		buf_putc(&location, '/');
	}
	answer_empty(response, 303);
	answer_header_buf(response, "Location", &location);
	buf_free(&location);
}

enum pt_err
redirect_to_page(const struct request *request, struct web_response *response, const char *path)
{
	struct buf whole = BUF_EMPTY;

	buf_printf(&whole, "%s%s", request->app->settings->mount, path);
	enum pt_err err = buf_status(&whole);

	if (err == PT_OK)
		redirect_to(request, response, buf_slice(&whole));
	buf_free(&whole);
	return err;
}
