/*
 * Holds every answer to its time: a peer that takes one byte at a time would hold
 * a thread for ever. So the watch notes when each thread begins to write, and
 * shuts a connection that is over its time. It also looks, now and then, whether work goes on.
 */
#ifndef PINTLE_GATE_WATCH_H
#define PINTLE_GATE_WATCH_H

#include <stdint.h>

#include "base/error.h"

struct gate_watch;

struct gate_watch_options {
	unsigned places;	/* how many threads */
	int64_t timeout_ms;	/* for an answer */
	int stop_fd;		/* once it is readable, nobody has more than timeout_ms left */
	int (*look)(void *ctx);	/* called now and then; returns in how many ms at most again */
	void *ctx;
};

/* *out is yours. */
enum pt_err gate_watch_new(const struct gate_watch_options *options, struct gate_watch **out);
void gate_watch_free(struct gate_watch *watch);

/* The thread of place begins to write to fd; it ends before it closes it. */
void gate_watch_begin(struct gate_watch *watch, unsigned place, int fd);
void gate_watch_end(struct gate_watch *watch, unsigned place);

/* A thread leaves for good. */
void gate_watch_leave(struct gate_watch *watch);

/* Watches until so many threads have left. */
void gate_watch_run(struct gate_watch *watch, unsigned threads);

#endif
