/*
 * Holds every connection to its time. The socket's own timeouts begin again
 * with each byte; a peer that drips one at a time would hold a thread for ever.
 * So the watch notes when each thread began, and shuts a connection that is
 * over its time: first for reading, so that the answer to what came can still be written,
 * then altogether. While every seat may be taken, the time for reading is short:
 * as many stalled peers as there are seats must not keep the others out.
 */
#ifndef PINTLE_GATE_WATCH_H
#define PINTLE_GATE_WATCH_H

#include <stdint.h>

#include "base/error.h"

struct gate_watch;

/* places: how many threads; seats: how many of them work at the same time; timeout_ms: time of a request for reading, and again for answering. *out is yours. */
enum pt_err gate_watch_new(unsigned places, unsigned seats, int64_t timeout_ms, int stop_fd, struct gate_watch **out);
void gate_watch_free(struct gate_watch *watch);

/* The thread of place begins with the connection fd; it ends before it closes it. */
void gate_watch_begin(struct gate_watch *watch, unsigned place, int fd);
void gate_watch_end(struct gate_watch *watch, unsigned place);

/* A thread leaves for good. */
void gate_watch_leave(struct gate_watch *watch);

/* Watches until so many threads have left. Once stop_fd is readable nobody has more than timeout_ms left. */
void gate_watch_run(struct gate_watch *watch, unsigned threads);

#endif
