/*
 * Bytes in, bytes out: the two ways in which a web server hands over requests. FastCGI by libfcgi,
 * over connections that we accept ourselves, one request for each; and CGI by environment and
 * standard input. Both fill one struct web_request and write one struct web_response. Neither
 * decides what to answer; web_answer() does.
 */
#ifndef PINTLE_GATE_GATE_H
#define PINTLE_GATE_GATE_H

#include "web/web.h"

struct gate_options {
	unsigned threads;		/* threads that work at the same time */
	/* more threads, which work while others wait (base/waiting.h) */
	unsigned spares;
	/* for a request to arrive, again for its answer to be written, and for a shutdown */
	int64_t request_timeout_ms;
	/* a TCP listener: everything but authorizer requests is refused */
	bool authorizer_only;
};

/*
 * Serves the listening socket with options->threads threads until stop_fd is readable (by a pipe's
 * byte or end, or a signalfd's signal; nothing is read from it). Running requests finish, and so do
 * those that are waiting in the socket by then. PT_OK after an orderly stop, PT_ERR_FATAL if the
 * store can no longer be trusted, PT_ERR_IO if the socket fails, PT_ERR_NOMEM if a thread cannot be
 * started. Blocks no signals: the caller must have blocked or ignored SIGPIPE.
 */
enum pt_err gate_serve(int listen_fd, int stop_fd, const struct gate_options *options,
    struct web_app *app);

/*
 * Answers the one CGI request of this process (RFC 3875). PT_ERR_IO if the answer could not be
 * written.
 */
enum pt_err gate_cgi(const struct gate_options *options, struct web_app *app);

/* A Unix socket to be made. */
struct gate_socket {
	const char *path;
	unsigned mode;
	/* its owner and group, as names or numbers; NULL and "" leave it ours */
	const char *owner, *group;
	/* the user that root's workers become, likewise; the folder may belong to that user */
	const char *user;
};

/*
 * Binds a Unix stream socket that has its mode from the start, whatever the umask. The process's
 * umask changes for a moment, so call this only while there is one thread. Only root and the
 * worker's user may be able to write to the folder (base/socket_folder.h), else PT_ERR_PERM. A
 * socket left by a dead process is replaced; one that answers is not (PT_ERR_BUSY), nor is anything
 * else (PT_ERR_INVALID). Nobody removes the socket at the end, since by then it may belong to a
 * successor. Failures are logged.
 */
enum pt_err gate_listen_unix(const struct gate_socket *wanted, int *fd);

/*
 * Binds a loopback TCP address "127.0.0.1:9311" or "[::1]:9311"; any other address is
 * PT_ERR_INVALID.
 */
enum pt_err gate_listen_tcp(const char *address, int *fd);

/* What kind of descriptor the server handed over as descriptor 0. */
enum gate_fd_kind {
	GATE_FD_OTHER = 0,	/* no socket, or not open */
	GATE_FD_CONNECTED,	/* a connection */
	GATE_FD_LISTENING,	/* a listening Unix socket */
	GATE_FD_LOOPBACK,	/* a listening TCP socket that only this machine can reach */
	GATE_FD_EXPOSED,	/* any other listening socket */
};
enum gate_fd_kind gate_fd_kind(int fd);

/*
 * What a worker does, and whether its exit status names something that may go away by itself, such
 * as a failing disk.
 */
struct gate_work {
	int (*run)(void *ctx);		/* returns the exit status */
	bool (*passes)(int status);
	void *ctx;
};

/*
 * The parent of workers. Starts count processes, each of which runs the work and exits with what it
 * returns. A worker that dies is started again within a second, and ever later if it keeps dying at
 * once. TERM, INT and USR1 stop all workers by TERM, and by KILL after grace_ms; HUP replaces them
 * in the same way, one by one. Workers get a TERM when the parent dies. If one of the first workers
 * fails within a second, all are stopped and its status is returned, because a second try would
 * fail too, unless the work says that the cause may go away. Otherwise returns 0. Blocks these
 * signals and SIGCHLD, and leaves them blocked.
 */
int gate_supervise(unsigned count, int64_t grace_ms, const struct gate_work *work);

#endif
