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
	unsigned threads;		/* that work at the same time */
	unsigned spares;		/* more threads, which work while others wait (base/waiting.h) */
	int64_t request_timeout_ms;	/* for a request to come whole, again for its answer, and for a shutdown */
	bool authorizer_only;		/* a TCP listener: everything but authorizer requests is refused */
};

/*
 * Serves the listening socket with options->threads threads until stop_fd is
 * readable (a pipe's byte or end, a signalfd's signal; nothing is read from it). Running
 * requests finish, and so do those that wait in the socket by then. PT_OK after an orderly stop, PT_ERR_FATAL if the store is not to be
 * trusted any more, PT_ERR_IO if the socket or PT_ERR_NOMEM if a thread cannot be had.
 * Blocks none of the caller's signals: SIGPIPE has to be blocked or ignored.
 */
enum pt_err gate_serve(int listen_fd, int stop_fd, const struct gate_options *options, struct web_app *app);

/* Answers the one CGI request of this process (RFC 3875). PT_ERR_IO if nobody took the answer. */
enum pt_err gate_cgi(const struct gate_options *options, struct web_app *app);

/* A Unix socket that is to be made. */
struct gate_socket {
	const char *path;
	unsigned mode;
	const char *owner, *group;	/* whom it is given to: names or numbers; NULL and "" leave it ours */
	const char *user;		/* whom root's workers become, likewise; the folder may be his */
};

/*
 * Binds a Unix stream socket that has its mode from the start, whatever the umask; changes the process's
 * umask for a moment, so only while there is one thread. Only root and the worker's user may be able to write to the
 * folder (base/socket_folder.h; else PT_ERR_PERM). A socket left by a dead process is
 * replaced, one that answers is not (PT_ERR_BUSY), nor is anything but a socket
 * (PT_ERR_INVALID). Nobody removes the socket at the end: by then it may be a
 * successor's. What fails is logged.
 */
enum pt_err gate_listen_unix(const struct gate_socket *wanted, int *fd);

/* Binds a loopback TCP address "127.0.0.1:9311" or "[::1]:9311"; any other address is PT_ERR_INVALID. */
enum pt_err gate_listen_tcp(const char *address, int *fd);

/* What fd is: what a server handed over as descriptor 0. */
enum gate_fd_kind {
	GATE_FD_OTHER = 0,	/* no socket, or not open */
	GATE_FD_CONNECTED,	/* a connection */
	GATE_FD_LISTENING,	/* a listening Unix socket */
	GATE_FD_LOOPBACK,	/* a listening TCP socket that this machine alone can reach */
	GATE_FD_EXPOSED,	/* any other that listens */
};
enum gate_fd_kind gate_fd_kind(int fd);

/* What a worker does, and whether what it ended with may pass by itself: a failing disk, say. */
struct gate_work {
	int (*run)(void *ctx);		/* gives the exit status */
	bool (*passes)(int status);
	void *ctx;
};

/*
 * The parent of workers: starts count processes that each run the work and exit
 * with what it returns, and starts any that dies again within a second (backing
 * off when one dies at once, again and again). TERM, INT and USR1 stop all with a TERM, and KILL
 * after grace_ms; HUP renews all in that way without an end. Workers get a TERM when the
 * parent dies. If the first ones fail within a second, all are stopped and the
 * failed one's status is returned: a second try would fail likewise, unless the work says that it may pass. Otherwise
 * returns 0. Blocks these signals and SIGCHLD, and leaves them so.
 */
int gate_supervise(unsigned count, int64_t grace_ms, const struct gate_work *work);

#endif
