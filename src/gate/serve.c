#include "gate/gate.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/waiting.h"
#include "gate/fcgi.h"
#include "gate/seats.h"
#include "gate/watch.h"

struct server {
	int halt_fd;		/* an eventfd: readable when a thread wants all to stop */
	const struct gate_options *options;
	struct web_app *app;
	struct gate_door *door;
	struct gate_seats seats;
	struct gate_watch *watch;
	_Atomic(enum pt_err) failure;	/* the first one */
};

/* A thread's argument: its server and its place number in the watch. */
struct serve_thread {
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
	if (write(server->halt_fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		abort();	/* an eventfd takes 2^64 - 2 of these */
}

static void
serve_send(const struct serve_thread *worker, struct gate_exchange *exchange)
{
	struct server *server = worker->server;
	bool fatal = gate_exchange_response(exchange)->fatal;

	gate_watch_begin(server->watch, worker->place, gate_exchange_fd(exchange));
	gate_exchange_send(exchange);
	gate_watch_end(server->watch, worker->place);
	gate_exchange_free(exchange);
	if (fatal)
		serve_halt(server, PT_ERR_FATAL);
}

static void
serve_answer(const struct serve_thread *worker, struct gate_seat *seat,
    struct gate_exchange *exchange)
{
	const struct web_request *request = gate_exchange_request(exchange);

	if (request && !web_is_quick(request))
		gate_seat_slow(seat);
	if (request)
		web_answer(worker->server->app, request, gate_exchange_response(exchange));
	serve_send(worker, exchange);
}

/* Answers the group with one write to the store (DESIGN.md, Groups of refreshes). */
static void
serve_answer_together(const struct serve_thread *worker, struct gate_exchange *const exchanges[],
    size_t count)
{
	const struct web_request *requests[WEB_TOGETHER_MAX];
	struct web_response *responses[WEB_TOGETHER_MAX];

	for (size_t i = 0; i < count; i++) {
		requests[i] = gate_exchange_request(exchanges[i]);
		responses[i] = gate_exchange_response(exchanges[i]);
	}
	web_answer_together(worker->server->app, requests, responses, count);
	for (size_t i = 0; i < count; i++)
		serve_send(worker, exchanges[i]);
}

static bool
serve_goes_together(const struct gate_exchange *exchange)
{
	const struct web_request *request = gate_exchange_request(exchange);

	return request && web_goes_together(request);
}

/*
 * If the first request can be grouped, all others of its kind in the line join it. Other requests
 * do not wait for them.
 */
static void
serve_gather(const struct serve_thread *worker, struct gate_seat *seat, struct gate_exchange *first)
{
	struct server *server = worker->server;
	struct gate_exchange *exchanges[WEB_TOGETHER_MAX] = { first };
	size_t count = 1;
	struct gate_conn *conn;

	while (count < WEB_TOGETHER_MAX && (conn = gate_seats_more(&server->seats))) {
		struct gate_exchange *next = gate_exchange_new(conn,
		    server->options->authorizer_only);

		if (next == NULL)
			continue;
		if (serve_goes_together(next))
			exchanges[count++] = next;
		else if (gate_exchange_request(next) == NULL ||
		    web_is_quick(gate_exchange_request(next)))
			serve_answer(worker, seat, next);
		else {
			gate_seats_give_back(&server->seats, conn, next);
			break;
		}
	}
	serve_answer_together(worker, exchanges, count);
}

static void *
serve_thread(void *arg)
{
	const struct serve_thread *worker = arg;
	struct server *server = worker->server;
	struct gate_seat seat;
	struct gate_conn *conn;

	waiting_listen(gate_seat_waits, &seat);
	while ((conn = gate_seats_next(&server->seats))) {
		gate_seat_begin(&seat, &server->seats);
		struct gate_exchange *exchange = conn->exchange;

		if (exchange == NULL)
			exchange = gate_exchange_new(conn, server->options->authorizer_only);
		if (exchange && serve_goes_together(exchange))
			serve_gather(worker, &seat, exchange);
		else if (exchange)
			serve_answer(worker, &seat, exchange);
		gate_seat_end(&seat);
	}
	gate_watch_leave(server->watch);
	return NULL;
}

/* Starts the threads, watches over them until the last has ended, and joins them. */
static void
serve_run(struct server *server, struct serve_thread *workers, unsigned count)
{
	unsigned started = 0;

	for (; started < count; started++) {
		workers[started] = (struct serve_thread){ .server = server, .place = started };
		if (pthread_create(&workers[started].thread, NULL, serve_thread,
		    &workers[started]) != 0) {
			LOG(LOG_LEVEL_ERROR, "thread_not_started", LOG_NUM("started", started));
			serve_halt(server, PT_ERR_NOMEM);
			break;
		}
	}
	gate_watch_run(server->watch, started);
	while (started > 0)
		pthread_join(workers[--started].thread, NULL);
}

static enum pt_err
serve_prepare(struct server *server, int listen_fd, int stop_fd, unsigned threads)
{
	const struct gate_options *options = server->options;
	int flags = fcntl(listen_fd, F_GETFL);

	/*
	 * Several processes may be woken for one connection, and one gets it: accept must not block
	 * the others.
	 */
	if (flags < 0 || fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return PT_ERR_IO;
	server->halt_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->halt_fd < 0)
		return PT_ERR_IO;
	enum pt_err err = gate_door_new(&(struct gate_door_options){
		.listen_fd = listen_fd,
		.stop_fd = stop_fd,
		.halt_fd = server->halt_fd,
		.timeout_ms = options->request_timeout_ms,
		.app = server->app,
	}, &server->door);

	if (err)
		return err;
	gate_seats_init(&server->seats, server->door, options->threads);
	return gate_watch_new(&(struct gate_watch_options){
		.places = threads,
		.timeout_ms = options->request_timeout_ms,
		.stop_fd = stop_fd,
		.look = gate_seats_look,
		.ctx = &server->seats,
	}, &server->watch);
}

enum pt_err
gate_serve(int listen_fd, int stop_fd, const struct gate_options *options, struct web_app *app)
{
	struct server server = { .halt_fd = -1, .options = options, .app = app };
	unsigned threads = options->threads + options->spares;
	struct serve_thread *workers = calloc(threads, sizeof(*workers));
	enum pt_err err = workers ? gate_fcgi_init() : PT_ERR_NOMEM;

	if (err == PT_OK)
		err = serve_prepare(&server, listen_fd, stop_fd, threads);
	if (err == PT_OK) {
		serve_run(&server, workers, threads);
		err = atomic_load(&server.failure);
	}
	if (err == PT_OK && server.door)
		err = server.seats.failure;
	gate_watch_free(server.watch);
	if (server.door)
		gate_seats_destroy(&server.seats);
	gate_door_free(server.door);
	if (server.halt_fd >= 0)
		close(server.halt_fd);
	free(workers);
	return err;
}
