/*
 * Bytes in, bytes out: the two ways in which a web server hands over requests.
 * FastCGI by libfcgi over connections that we accept ourselves, one request a
 * connection; and CGI by environment and standard input. Both fill one struct
 * web_request and write one struct web_response; what to answer is
 * decided above no gate: by web_answer().
 */
#ifndef PINTLE_GATE_GATE_H
#define PINTLE_GATE_GATE_H

#include "web/web.h"

struct gate_options {
	unsigned threads;
	int64_t request_timeout_ms;	/* receive and send timeout of a connection, and the bound of a shutdown */
	bool authorizer_only;		/* a TCP listener: everything but authorizer requests is refused */
};

/*
 * Serves the listening socket with options->threads threads until a byte (or
 * end of file) comes out of stop_fd; running requests finish. PT_OK after an orderly stop,
 * PT_ERR_FATAL if the store is not to be trusted any more.
 */
enum pt_err gate_serve(int listen_fd, int stop_fd, const struct gate_options *options, struct web_app *app);

/* Answers the one CGI request of this process (RFC 3875). */
enum pt_err gate_cgi(struct web_app *app);

/*
 * Binds path as a Unix stream socket: chmod and chown by itself, whatever the
 * umask; a socket left by a dead process is replaced, one that answers is not
 * (PT_ERR_BUSY). owner and group: NULL leaves them.
 */
enum pt_err gate_listen_unix(const char *path, unsigned mode, const char *owner, const char *group, int *fd);

/* Binds a loopback TCP address "127.0.0.1:9311" or "[::1]:9311"; any other address is PT_ERR_INVALID. */
enum pt_err gate_listen_tcp(const char *address, int *fd);

/* Whether fd is a listening socket, a connected one, or none. */
enum gate_fd_kind { GATE_FD_OTHER = 0, GATE_FD_LISTENING, GATE_FD_CONNECTED };
enum gate_fd_kind gate_fd_kind(int fd);

/*
 * The parent of workers: starts count processes that each run work(ctx), starts
 * any that dies again within a second (backing off when one dies at once, again and again), passes
 * TERM on and waits for them at most grace_ms. Returns the exit status. The
 * signals must be blocked.
 */
int gate_supervise(unsigned count, int64_t grace_ms, int (*work)(void *ctx), void *ctx);

#endif
