/*
 * Who may work: there are more threads than seats. One that waits for its turn at
 * something, and needs no processor meanwhile, lends its seat to a spare one.
 * So as many work as there are seats, however many wait. After a wait nobody
 * waits for a seat: for the rest of that request there may be one more at work, and the
 * first that has finished one gets up.
 */
#ifndef PINTLE_GATE_SEATS_H
#define PINTLE_GATE_SEATS_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

struct gate_seats {
	sem_t free;
	atomic_uint surplus;	/* threads at work beyond the seats */
};

/* count is at most a few thousand. */
void gate_seats_init(struct gate_seats *seats, unsigned count);
void gate_seats_destroy(struct gate_seats *seats);

/* A thread sits down; it waits for a seat. */
void gate_seats_take(struct gate_seats *seats);

/* Between two requests: where too many are at work, gets up and waits for a seat like a new one. */
void gate_seats_yield(struct gate_seats *seats);

/* Gets up for good. Whoever waits for a seat wakes up. */
void gate_seats_leave(struct gate_seats *seats);

/* For web_request.idles; ctx is a struct gate_seats. */
void gate_seats_idle(void *ctx, bool idle);

#endif
