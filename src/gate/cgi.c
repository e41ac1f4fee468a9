#include "gate/gate.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/secret.h"
#include "gate/input.h"
#include "gate/peer.h"
#include "gate/text.h"

extern char **environ;

/* Waits for fd to become ready for events; false once the time is over. */
static bool
cgi_wait(int fd, short events, int64_t until_ms)
{
	struct pollfd wait = { fd, events, 0 };
	int64_t left;

	while ((left = until_ms - clock_now().stamp.ms) > 0) {
		if (poll(&wait, 1, left < INT32_MAX ? (int)left : INT32_MAX) > 0)
			return true;
	}
	return false;
}

/*
 * Reads until cap bytes are there, standard input ends, or the time is over. Returns how many came.
 */
static size_t
cgi_read(char *body, size_t cap, int64_t until_ms)
{
	size_t got = 0;

	while (got < cap && cgi_wait(STDIN_FILENO, POLLIN, until_ms)) {
		ssize_t len = read(STDIN_FILENO, body + got, cap - got);

		if (len == 0 || (len < 0 && errno != EINTR && errno != EAGAIN))
			break;
		got += len > 0 ? (size_t)len : 0;
	}
	return got;
}

/*
 * How long the body is. RFC 3875, 4.2: CONTENT_LENGTH bytes, no more may be read, and without that
 * there is none. But servers give no length to a chunked request, and end the input after its body.
 */
static uint64_t
cgi_body_length(const struct web_request *request)
{
	struct slice text = web_param(request, "CONTENT_LENGTH");
	uint64_t declared = 0;

	if (text.len == 0)
		return web_param(request, "HTTP_TRANSFER_ENCODING").len ? UINT64_MAX : 0;
	return slice_to_u64(text, &declared) ? declared : 0;
}

/*
 * Reads the body, and one byte more than is allowed, which shows that it is too large. Returns how
 * much came.
 */
static uint64_t
cgi_take_body(struct web_request *request, char body[WEB_MAX_BODY + 1], uint64_t length,
    int64_t until_ms)
{
	size_t wanted = length > WEB_MAX_BODY ? WEB_MAX_BODY + 1 : (size_t)length;
	size_t got = cgi_read(body, wanted, until_ms);

	request->body_state = gate_input_body(request, got, true);
	if (request->body_state == WEB_BODY_WHOLE)
		request->body = (struct slice){ body, got };
	return got;
}

/*
 * Reads the rest of a body that was too large: mod_cgid loses the answer of a process that ends
 * without reading it all.
 */
static void
cgi_drain(uint64_t got, uint64_t length, int64_t until_ms)
{
	char part[4096];
	uint64_t end = length < GATE_DRAIN_MAX ? length : GATE_DRAIN_MAX;

	while (got < end) {
		size_t len = cgi_read(part, end - got < sizeof(part) ?
		    (size_t)(end - got) : sizeof(part), until_ms);

		if (len == 0)
			return;
		got += len;
	}
}

static enum pt_err
cgi_write(struct slice text, int64_t until_ms)
{
	while (text.len > 0) {
		if (!cgi_wait(STDOUT_FILENO, POLLOUT, until_ms))
			return PT_ERR_IO;
		ssize_t len = write(STDOUT_FILENO, text.ptr, text.len);

		if (len < 0 && errno != EINTR && errno != EAGAIN)
			return PT_ERR_IO;
		text = slice_skip(text, len > 0 ? (size_t)len : 0);
	}
	return PT_OK;
}

static enum pt_err
cgi_send(const struct web_response *response, int64_t timeout_ms)
{
	struct buf text = BUF_EMPTY;

	gate_text_put(&text, response, WEB_CGI);
	enum pt_err err = buf_status(&text);

	enum pt_err written = cgi_write(err == PT_OK ? buf_slice(&text) : gate_text_failure(),
	    clock_now().stamp.ms + timeout_ms);

	buf_free(&text);
	return err != PT_OK ? err : written;
}

enum pt_err
gate_cgi(const struct gate_options *options, struct web_app *app)
{
	struct web_param params[WEB_MAX_PARAMS];
	char body[WEB_MAX_BODY + 1];
	uint64_t length = 0, got = 0;
	int out = STDOUT_FILENO;
	struct web_request request = { .role = WEB_CGI, .accepted = clock_now(),
	    .peer_waits = gate_peer_waits,
		.peer_ctx = &out };
	struct web_response response = { .status = 0 };

	if (gate_input_params(&request, params, environ, true)) {
		length = cgi_body_length(&request);
		got = cgi_take_body(&request, body, length,
		    request.accepted.stamp.ms + options->request_timeout_ms);
		web_answer(app, &request, &response);
	} else
		gate_text_refuse(&response, 431, "too many header fields");
	enum pt_err err = cgi_send(&response, options->request_timeout_ms);

	cgi_drain(got, length, request.accepted.stamp.ms + options->request_timeout_ms);
	if (response.fatal)
		err = PT_ERR_FATAL;
	web_response_free(&response);
	secret_wipe(body, request.body.len);
	return err;
}
