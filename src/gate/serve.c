#include "gate/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/log.h"
#include "gate/fcgi.h"
#include "gate/seats.h"
#include "gate/watch.h"

#define SERVE_STRAGGLERS 512	/* connections taken after a stop: as many as can wait in the socket */
#define SERVE_BACK_OFF_MS 100	/* without descriptors or memory: until the next try to accept */

/*
 * The threads that have a seat take turns: one waits for a connection, the others work or wait
 * for their turn. So a connection wakes one thread, not all of them.
 */
struct server {
	int listen_fd;
	int stop_fd;
	int halt_fd;		/* an eventfd: readable when a thread says that all shall stop */
	const struct gate_options *options;
	struct web_app *app;
	struct gate_seats seats;
	pthread_mutex_t turn;
	struct gate_watch *watch;
	int stragglers;		/* how many more may be taken; under turn */
	_Atomic(enum pt_err) failure;	/* the first one */
};

/* What a thread is started with: its server and the number of its place under the watch. */
struct worker {
	struct server *server;
	unsigned place;
	pthread_t thread;
};

static void
serve_halt(struct server *server, enum pt_err failure)
{
	enum pt_err none = PT_OK;
	uint64_t one = 1;

	atomic_compare_exchange_strong(&server->failure, &none, failure);
	if (write(server->halt_fd, &one, sizeof one) != (ssize_t)sizeof one)
		abort();	/* an eventfd takes 2^64 - 2 of these */
}

/* Waits at most timeout_ms (-1: for ever). False if it is time to stop; *ready: there may be a connection. */
static bool
serve_wait(const struct server *server, bool listen, int timeout_ms, bool *ready)
{
	struct pollfd fds[] = {
		{ server->stop_fd, POLLIN, 0 },
		{ server->halt_fd, POLLIN, 0 },
		{ listen ? server->listen_fd : -1, POLLIN, 0 },
	};

	*ready = false;
	if (poll(fds, sizeof fds / sizeof fds[0], timeout_ms) < 0)
		return true;
	*ready = fds[2].revents != 0;
	return fds[0].revents == 0 && fds[1].revents == 0;
}

/* After accept failed: false if no try can ever succeed. */
static bool
serve_survives(struct server *server, int error)
{
	bool ready;

	switch (error) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		LOG(LOG_LEVEL_WARNING, "accept_backs_off", LOG_NUM("errno", error));
		serve_wait(server, false, SERVE_BACK_OFF_MS, &ready);
		return true;
	case EBADF:
	case EINVAL:
	case ENOTSOCK:
	case EOPNOTSUPP:
		LOG(LOG_LEVEL_ERROR, "accept_failed", LOG_NUM("errno", error));
		serve_halt(server, PT_ERR_IO);
		return false;
	}
	/* Another process was quicker, the peer left, or its network did (accept(2)). */
	return true;
}

/* After a stop: a connection that was made before it, whose server waits and knows nothing; -1 if there is none. */
static int
serve_straggler(struct server *server)
{
	if (atomic_load(&server->failure) != PT_OK || server->stragglers == 0)
		return -1;
	server->stragglers--;
	return accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
}

/* The next connection, or -1 when it is time to leave. */
static int
serve_next(struct server *server)
{
	int fd = -1;
	bool ready;

	pthread_mutex_lock(&server->turn);
	while (fd < 0 && serve_wait(server, true, -1, &ready)) {
		if (!ready)
			continue;
		fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && !serve_survives(server, errno))
			break;
	}
	if (fd < 0)
		fd = serve_straggler(server);
	pthread_mutex_unlock(&server->turn);
	return fd;
}

static bool
serve_set_timeouts(int fd, int64_t ms)
{
	struct timeval wait = { (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000) };

	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0;
}

static void *
serve_thread(void *arg)
{
	const struct worker *worker = arg;
	struct server *server = worker->server;
	int fd;

	gate_seats_take(&server->seats);
	while ((fd = serve_next(server)) >= 0) {
		enum pt_err err = PT_OK;

		gate_watch_begin(server->watch, worker->place, fd);
		if (serve_set_timeouts(fd, server->options->request_timeout_ms))
			err = gate_fcgi_answer(fd, server->options->authorizer_only, &server->seats, server->app);
		gate_watch_end(server->watch, worker->place);
		close(fd);
		if (err != PT_OK)
			serve_halt(server, err);
		gate_seats_yield(&server->seats);
	}
	gate_seats_leave(&server->seats);
	gate_watch_leave(server->watch);
	return NULL;
}

/* Starts the threads, watches over them until the last has left, and takes them in. */
static void
serve_run(struct server *server, struct worker *workers, unsigned count)
{
	unsigned started = 0;

	for (; started < count; started++) {
		workers[started] = (struct worker){ .server = server, .place = started };
		if (pthread_create(&workers[started].thread, NULL, serve_thread, &workers[started]) != 0) {
			LOG(LOG_LEVEL_ERROR, "thread_not_started", LOG_NUM("started", started));
			serve_halt(server, PT_ERR_NOMEM);
			break;
		}
	}
	gate_watch_run(server->watch, started);
	while (started > 0)
		pthread_join(workers[--started].thread, NULL);
}

/* Among several processes that poll, one gets the connection: accept must not hold up the others. */
static bool
serve_set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

enum pt_err
gate_serve(int listen_fd, int stop_fd, const struct gate_options *options, struct web_app *app)
{
	struct server server = { .listen_fd = listen_fd, .stop_fd = stop_fd, .halt_fd = -1, .options = options,
		.app = app, .turn = PTHREAD_MUTEX_INITIALIZER, .stragglers = SERVE_STRAGGLERS };
	unsigned threads = options->threads + options->spares;
	struct worker *workers = calloc(threads, sizeof *workers);
	enum pt_err err = PT_ERR_NOMEM;

	gate_seats_init(&server.seats, options->threads);
	if (workers == NULL)
		goto out;
	err = gate_fcgi_init();
	if (err)
		goto out;
	err = PT_ERR_IO;
	server.halt_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server.halt_fd < 0 || !serve_set_nonblocking(listen_fd))
		goto out;
	err = gate_watch_new(threads, options->threads, options->request_timeout_ms, stop_fd, &server.watch);
	if (err)
		goto out;
	serve_run(&server, workers, threads);
	err = atomic_load(&server.failure);
out:
	gate_watch_free(server.watch);
	if (server.halt_fd >= 0)
		close(server.halt_fd);
	gate_seats_destroy(&server.seats);
	free(workers);
	return err;
}
