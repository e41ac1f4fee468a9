#include "gate/watch.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define WATCH_TICK_MAX_MS 500

struct watched {
	int fd;			/* -1: idle */
	int64_t began_ms;
};

struct gate_watch {
	pthread_mutex_t lock;	/* guards the places */
	struct watched *places;
	struct gate_watch_options options;
	int left_fd;		/* an eventfd that counts the threads that have left */
};

enum pt_err
gate_watch_new(const struct gate_watch_options *options, struct gate_watch **out)
{
	struct gate_watch *watch = calloc(1, sizeof(*watch));

	*out = watch;
	if (watch == NULL)
		return PT_ERR_NOMEM;
	pthread_mutex_init(&watch->lock, NULL);
	watch->left_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	watch->places = calloc(options->places, sizeof(*watch->places));
	watch->options = *options;
	if (watch->places == NULL || watch->left_fd < 0)
		goto fail;
	for (unsigned i = 0; i < options->places; i++)
		watch->places[i].fd = -1;
	return PT_OK;
fail:
	gate_watch_free(watch);
	*out = NULL;
	return PT_ERR_NOMEM;
}

void
gate_watch_free(struct gate_watch *watch)
{
	if (watch == NULL)
		return;
	if (watch->left_fd >= 0)
		close(watch->left_fd);
	free(watch->places);
	pthread_mutex_destroy(&watch->lock);
	free(watch);
}

void
gate_watch_begin(struct gate_watch *watch, unsigned place, int fd)
{
	struct watched begun = { fd, clock_now().stamp.ms };

	pthread_mutex_lock(&watch->lock);
	watch->places[place] = begun;
	pthread_mutex_unlock(&watch->lock);
}

void
gate_watch_end(struct gate_watch *watch, unsigned place)
{
	pthread_mutex_lock(&watch->lock);
	watch->places[place].fd = -1;
	pthread_mutex_unlock(&watch->lock);
}

void
gate_watch_leave(struct gate_watch *watch)
{
	uint64_t one = 1;

	if (write(watch->left_fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		abort();	/* an eventfd takes 2^64 - 2 of these */
}

/* Shuts the connections whose time is over; stopped_ms is when the stop came, 0 if it did not. */
static void
watch_look(struct gate_watch *watch, int64_t now_ms, int64_t stopped_ms)
{
	int64_t timeout_ms = watch->options.timeout_ms;

	pthread_mutex_lock(&watch->lock);
	for (unsigned i = 0; i < watch->options.places; i++) {
		const struct watched *place = &watch->places[i];

		if (place->fd >= 0 && (now_ms - place->began_ms >= timeout_ms ||
		    (stopped_ms && now_ms - stopped_ms >= timeout_ms)))
			shutdown(place->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&watch->lock);
}

static int
watch_tick_ms(const struct gate_watch *watch)
{
	int64_t tick = watch->options.timeout_ms / 8 + 1;
	int look = watch->options.look(watch->options.ctx);

	if (tick > WATCH_TICK_MAX_MS)
		tick = WATCH_TICK_MAX_MS;
	return look < tick ? look : (int)tick;
}

void
gate_watch_run(struct gate_watch *watch, unsigned threads)
{
	struct pollfd fds[] = { { watch->left_fd, POLLIN, 0 },
	    { watch->options.stop_fd, POLLIN, 0 } };
	int64_t stopped_ms = 0;
	uint64_t left = 0;

	while (left < threads) {
		uint64_t more;

		if (poll(fds, sizeof(fds) / sizeof(fds[0]), watch_tick_ms(watch)) < 0)
			continue;
		if (fds[0].revents &&
		    read(watch->left_fd, &more, sizeof(more)) == (ssize_t)sizeof(more))
			left += more;
		int64_t now_ms = clock_now().stamp.ms;

		if (fds[1].revents) {
			stopped_ms = now_ms;
			fds[1].fd = -1;	/* it stays readable, so it is watched no more */
			fds[1].revents = 0;
		}
		watch_look(watch, now_ms, stopped_ms);
	}
}
