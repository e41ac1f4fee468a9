/*
 * Limits the time of every answer: a peer that reads one byte at a time would otherwise hold a
 * thread for ever. The watch notes when each thread begins to write, and shuts a connection whose
 * time is over. It also checks from time to time that work goes on.
 */
#ifndef PINTLE_GATE_WATCH_H
#define PINTLE_GATE_WATCH_H

#include <stdint.h>

#include "base/error.h"

struct gate_watch;

struct gate_watch_options {
	unsigned places;	/* how many threads */
	int64_t timeout_ms;	/* for writing an answer */
	int stop_fd;		/* once it is readable, no thread has more than timeout_ms left */
	/* called from time to time; returns in how many ms at most to call it again */
	int (*look)(void *ctx);
	void *ctx;
};

/* *out is yours. */
enum pt_err gate_watch_new(const struct gate_watch_options *options, struct gate_watch **out);
void gate_watch_free(struct gate_watch *watch);

/*
 * The thread with this place begins to write to fd; it must call gate_watch_end before it closes
 * it.
 */
void gate_watch_begin(struct gate_watch *watch, unsigned place, int fd);
void gate_watch_end(struct gate_watch *watch, unsigned place);

/* A thread exits for good. */
void gate_watch_leave(struct gate_watch *watch);

/* Watches until so many threads have exited. */
void gate_watch_run(struct gate_watch *watch, unsigned threads);

#endif
