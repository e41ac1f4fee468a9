#include "gate/fcgi.h"

#include <fcgiapp.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "gate/input.h"
#include "gate/peer.h"
#include "gate/text.h"

/* FastCGI specification, section 8; <fastcgi.h> has them beside much that is libfcgi's own. */
enum { ROLE_RESPONDER = 1, ROLE_AUTHORIZER = 2 };

/* One request and all the memory that it is read into. */
struct exchange {
	FCGX_Request fcgi;
	struct web_request request;
	struct web_param params[WEB_MAX_PARAMS];
	char body[WEB_MAX_BODY + 1];	/* one more than may come: so more is seen */
	size_t body_len;		/* of it in use */
	int fd;
};

enum pt_err
gate_fcgi_init(void)
{
	return FCGX_Init() == 0 ? PT_OK : PT_ERR_NOMEM;
}

/*
 * Hands the connection to libfcgi, and lets it read the request up to the end
 * of its parameters.
 *
 * FCGX_Accept_r would accept by itself: without a timeout, deaf to SIGTERM in
 * any thread but one, and, on a kept connection, taking what is left of an
 * unread body for the next request's records. It accepts nothing if the
 * request has a connection already, as after an earlier request on a kept one.
 * So that is what it is told, by two members that its header calls private:
 * ipcFd, the connection, and keepConnection, without which it begins by
 * closing it. After an error it does try to accept: the listening socket is -1,
 * hence that fails at once. Afterwards keepConnection is whatever the peer
 * said, and is made 0, so that nobody's second request is ever read.
 *
 * libfcgi gets a duplicate, which it may close at any moment: the number of
 * our own cannot come to mean another connection while the watch holds it. Detached
 * means closed at once; else it would wait for a peer that sends on and on, by
 * a select() that has no room for descriptors above 1023.
 */
static bool
fcgi_receive(struct exchange *x)
{
	FCGX_InitRequest(&x->fcgi, -1, 0);
	x->fcgi.ipcFd = fcntl(x->fd, F_DUPFD_CLOEXEC, 3);
	if (x->fcgi.ipcFd < 0)
		return false;
	x->fcgi.keepConnection = 1;
	FCGX_Detach(&x->fcgi);
	if (FCGX_Accept_r(&x->fcgi) != 0)
		return false;
	x->request.peer_keeps = x->fcgi.keepConnection;
	x->fcgi.keepConnection = 0;
	/* A peer that leaves amid the parameters ends them like one that sent them all. */
	return FCGX_GetError(x->fcgi.in) == 0;
}

/* Reads what may be a body, then reads the rest away. Returns how much came in all; *ended, whether that is all there is. */
static uint64_t
fcgi_read_body(struct exchange *x, bool *ended)
{
	FCGX_Stream *in = x->fcgi.in;
	char rest[4096];
	int last = FCGX_GetStr(x->body, sizeof x->body, in);
	uint64_t got = last > 0 ? (uint64_t)last : 0;
	bool more = last == (int)sizeof x->body;

	x->body_len = (size_t)got;
	while (more && got <= GATE_DRAIN_MAX) {
		last = FCGX_GetStr(rest, sizeof rest, in);
		got += last > 0 ? (uint64_t)last : 0;
		more = last == (int)sizeof rest;
	}
	secret_wipe(rest, sizeof rest);
	*ended = !more && FCGX_GetError(in) == 0;
	return got;
}

static void
fcgi_take_body(struct exchange *x)
{
	bool ended;
	uint64_t got = fcgi_read_body(x, &ended);

	x->request.body_state = gate_input_body(&x->request, got, ended);
	if (x->request.body_state == WEB_BODY_WHOLE)
		x->request.body = (struct slice){ x->body, x->body_len };
}

/*
 * Fills x->request. Returns the status with which the gate itself refuses, and
 * why; 0 if web shall answer.
 */
static int
fcgi_understand(struct exchange *x, bool authorizer_only, const char **why)
{
	/* The role before anything else: an authorizer's peer may never end a body that it has not begun. */
	bool authorizer = x->fcgi.role == ROLE_AUTHORIZER;
	bool fits = gate_input_params(&x->request, x->params, x->fcgi.envp, !authorizer_only);

	x->request.role = authorizer ? WEB_AUTHORIZER : WEB_RESPONDER;
	x->request.peer_waits = gate_peer_waits;
	x->request.peer_ctx = &x->fd;
	if (!authorizer)
		fcgi_take_body(x);
	*why = "too many header fields";
	if (!fits)
		return 431;
	*why = "this address answers authorizer requests only";
	if (authorizer_only && !authorizer)
		return 403;
	*why = "no such FastCGI role here";
	if (!authorizer && x->fcgi.role != ROLE_RESPONDER)
		return 501;
	return 0;
}

/*
 * Apache's authorizer shows of a refusal's body what came in one read with the
 * head: put in one piece, libfcgi sends up to 8 KiB as one record, in one write.
 */
static void
fcgi_send(struct exchange *x, const struct web_response *response)
{
	struct buf text = BUF_EMPTY;

	gate_text_put(&text, response, x->request.role);
	if (buf_status(&text) == PT_OK && text.len <= INT32_MAX)
		FCGX_PutStr(text.ptr, (int)text.len, x->fcgi.out);
	buf_free(&text);
}

/* Cookies, passwords and tokens: not left behind in memory that is given back. */
static void
fcgi_wipe(struct exchange *x)
{
	for (char **text = x->fcgi.envp; *text != NULL; text++)
		secret_wipe(*text, strlen(*text));
	secret_wipe(x->body, x->body_len);
}

/* An answer that is closed above unread bytes may be lost on its way (TCP sends a reset). */
static void
fcgi_drain(int fd)
{
	char rest[4096];

	for (int i = 0; i < GATE_DRAIN_MAX / (int)sizeof rest; i++) {
		if (recv(fd, rest, sizeof rest, MSG_DONTWAIT) <= 0)
			return;
	}
}

enum pt_err
gate_fcgi_answer(int fd, bool authorizer_only, struct gate_seats *seats, struct web_app *app)
{
	struct exchange x;
	struct web_response response = { .status = 0 };
	const char *why;

	x.request = (struct web_request){ .accepted = clock_now(), .idles = gate_seats_idle, .idles_ctx = seats };
	x.body_len = 0;
	x.fd = fd;
	if (!fcgi_receive(&x)) {
		LOG(LOG_LEVEL_DEBUG, "request_not_whole", LOG_NUM("ms",
		    clock_age_ms(clock_now().stamp, x.request.accepted.stamp)));
		FCGX_Free(&x.fcgi, true);
		return PT_OK;
	}
	int refused = fcgi_understand(&x, authorizer_only, &why);

	if (refused)
		gate_text_refuse(&response, refused, why);
	else
		web_answer(app, &x.request, &response);
	bool fatal = response.fatal;

	fcgi_send(&x, &response);
	web_response_free(&response);
	fcgi_wipe(&x);
	FCGX_Finish_r(&x.fcgi);
	fcgi_drain(fd);
	return fatal ? PT_ERR_FATAL : PT_OK;
}
