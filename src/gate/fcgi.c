#include "gate/fcgi.h"

#include <fcgiapp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "gate/input.h"
#include "gate/peer.h"
#include "gate/text.h"

/* One request and all the memory that it is read into. */
struct gate_exchange {
	struct gate_conn *conn;
	FCGX_Request fcgi;
	struct web_request request;
	struct web_response response;
	bool refused;		/* response is filled in */
	bool unread;		/* unread bytes may be left in the socket */
	char *body;		/* NULL: its body is not read */
	size_t body_len;
	struct web_param *params;
};

enum pt_err
gate_fcgi_init(void)
{
	return FCGX_Init() == 0 ? PT_OK : PT_ERR_NOMEM;
}

/* ---- reading ---- */

/*
 * Puts a request that came in pieces where libfcgi can read it again, in as few records as
 * possible. *fd is the caller's.
 */
static bool
fcgi_put_together(const struct records *records, int *fd)
{
	struct buf text = BUF_EMPTY;

	records_put(records, &text);
	*fd = memfd_create("request", MFD_CLOEXEC);
	bool good = *fd >= 0 && buf_status(&text) == PT_OK &&
	    write(*fd, text.ptr, text.len) == (ssize_t)text.len && lseek(*fd, 0, SEEK_SET) == 0;

	buf_free(&text);
	if (good)
		return true;
	if (*fd >= 0)
		close(*fd);
	return false;
}

/*
 * Hands a descriptor to libfcgi and lets it read the request, all of which has arrived, up to the
 * end of its parameters.
 *
 * FCGX_Accept_r would accept by itself, which we do not want (DESIGN.md, One request for each
 * connection). It does not if the request has a connection already, as after an earlier request on
 * a kept one. Two members that its header calls private say so: ipcFd, the connection, and
 * keepConnection, without which it would close it first. After an error it closes the descriptor
 * and tries to accept; that fails at once, because its listening socket is -1. Afterwards
 * keepConnection is whatever the peer said; it is set to 0, so that no second request is ever read.
 * "Detached" means closed at once; otherwise libfcgi would wait for a peer that keeps sending, with
 * a select() that has no room for descriptors above 1023.
 */
static bool
fcgi_receive(FCGX_Request *fcgi, int fd)
{
	FCGX_InitRequest(fcgi, -1, 0);
	fcgi->ipcFd = fd;
	fcgi->keepConnection = 1;
	FCGX_Detach(fcgi);
	if (FCGX_Accept_r(fcgi) != 0)
		return false;
	fcgi->keepConnection = 0;
	return FCGX_GetError(fcgi->in) == 0;
}

/* Reads a body that is not too large; false where there is no memory for it. */
static bool
fcgi_take_body(struct gate_exchange *x)
{
	const struct records *records = &x->conn->records;
	struct web_request *request = &x->request;

	request->body_state = gate_input_body(request, records->body_len, records->ended);
	if (request->body_state != WEB_BODY_WHOLE || records->body_len == 0)
		return true;
	x->body = malloc((size_t)records->body_len);
	if (x->body == NULL)
		return false;
	int got = FCGX_GetStr(x->body, (int)records->body_len, x->fcgi.in);

	x->body_len = got > 0 ? (size_t)got : 0;
	if (x->body_len == records->body_len)
		request->body = (struct slice){ x->body, x->body_len };
	else
		request->body_state = WEB_BODY_SHORT;
	return true;
}

/* The gate's own refusals: the status and the reason; 0 if web is to answer. */
static int
fcgi_judge(const struct gate_exchange *x, bool authorizer_only, bool fits, const char **why)
{
	unsigned role = x->conn->records.role;

	*why = "too many header fields";
	if (!fits)
		return 431;
	*why = "this address answers authorizer requests only";
	if (authorizer_only && role != ROLE_AUTHORIZER)
		return 403;
	*why = "no such FastCGI role here";
	if (role == ROLE_FILTER)
		return 501;
	*why = "too many requests of this address wait for their bodies";
	return x->conn->crowded ? 503 : 0;
}

/* Room for as many parameters as came, up to the number that we look at. */
static struct web_param *
fcgi_params_new(char *const *texts)
{
	size_t count = 0;

	while (count < WEB_MAX_PARAMS && texts[count] != NULL)
		count++;
	return malloc((count + 1) * sizeof(struct web_param));
}

static bool
fcgi_understand(struct gate_exchange *x, bool authorizer_only)
{
	const struct records *records = &x->conn->records;
	const char *why;

	x->request = (struct web_request){
		.role = records->role == ROLE_AUTHORIZER ? WEB_AUTHORIZER : WEB_RESPONDER,
		.accepted = x->conn->accepted,
		.peer_waits = gate_peer_waits,
		.peer_ctx = &x->conn->fd,
		.peer_keeps = records->peer_keeps,
	};
	x->params = fcgi_params_new(x->fcgi.envp);
	if (x->params == NULL)
		return false;
	bool fits = gate_input_params(&x->request, x->params, x->fcgi.envp, !authorizer_only);
	int status = fcgi_judge(x, authorizer_only, fits, &why);

	if (records->role != ROLE_AUTHORIZER && !fcgi_take_body(x))
		return false;
	x->refused = status != 0;
	if (x->refused)
		gate_text_refuse(&x->response, status, why);
	/* Nothing more is read, so the stream's buffer is not needed while the answer is made. */
	FCGX_FreeStream(&x->fcgi.in);
	return true;
}

/* Reads from the socket itself, or from a copy, which the socket then replaces for the answer. */
static bool
fcgi_read(struct gate_exchange *x, bool authorizer_only)
{
	struct gate_conn *conn = x->conn;
	int fd = conn->fd;

	if (!conn->direct && !fcgi_put_together(&conn->records, &fd))
		return false;
	if (!fcgi_receive(&x->fcgi, fd)) {
		/*
		 * libfcgi has closed the descriptor, unless it had the request and found an error
		 * in it.
		 */
		FCGX_Free(&x->fcgi, true);
		if (conn->direct)
			conn->fd = -1;
		return false;
	}
	bool good = fcgi_understand(x, authorizer_only);

	x->fcgi.ipcFd = conn->fd;
	if (!conn->direct)
		close(fd);
	return good;
}

struct gate_exchange *
gate_exchange_new(struct gate_conn *conn, bool authorizer_only)
{
	struct gate_exchange *x = calloc(1, sizeof(*x));

	if (x == NULL) {
		gate_conn_free(conn);
		return NULL;
	}
	x->conn = conn;
	x->unread = !conn->direct || authorizer_only;
	if (fcgi_read(x, authorizer_only))
		return x;
	LOG_SPARELY(LOG_LEVEL_WARNING, "request_not_read", NULL);
	gate_exchange_free(x);
	return NULL;
}

const struct web_request *
gate_exchange_request(const struct gate_exchange *x)
{
	return x->refused ? NULL : &x->request;
}

struct web_response *
gate_exchange_response(struct gate_exchange *x)
{
	return &x->response;
}

int
gate_exchange_fd(const struct gate_exchange *x)
{
	return x->conn->fd;
}

/* ---- writing ---- */

/*
 * Of a refusal's body Apache's authorizer shows only what arrives in one read with the head. Put in
 * one piece, libfcgi sends up to 8 KiB as one record, in one write.
 */
void
gate_exchange_send(struct gate_exchange *x)
{
	struct buf text = BUF_EMPTY;

	gate_text_put(&text, &x->response, x->request.role);
	struct slice whole = buf_status(&text) == PT_OK && text.len <= INT32_MAX ?
	    buf_slice(&text) : gate_text_failure();

	FCGX_PutStr(whole.ptr, (int)whole.len, x->fcgi.out);
	buf_free(&text);
	/* In this order, as in FCGX_Finish_r: the end of the last stream ends the request. */
	FCGX_FClose(x->fcgi.err);
	FCGX_FClose(x->fcgi.out);
}

/* If unread bytes remain at the close, TCP sends a reset and the answer may be lost on its way. */
static void
fcgi_drain(int fd)
{
	char rest[4096];

	for (int i = 0; i < GATE_DRAIN_MAX / (int)sizeof(rest); i++) {
		if (recv(fd, rest, sizeof(rest), MSG_DONTWAIT) <= 0)
			return;
	}
}

void
gate_exchange_free(struct gate_exchange *x)
{
	/* Parameters and body held cookies, passwords and tokens. */
	for (char **text = x->fcgi.envp; text != NULL && *text != NULL; text++)
		secret_wipe(*text, strlen(*text));
	if (x->body)
		secret_wipe(x->body, x->body_len);
	FCGX_Free(&x->fcgi, false);
	web_response_free(&x->response);
	if (x->unread && x->conn->fd >= 0)
		fcgi_drain(x->conn->fd);
	gate_conn_free(x->conn);
	free(x->params);
	free(x->body);
	free(x);
}
