/*
 * Which threads work: the threads of a worker, between the door, the line of whole requests, and
 * sleep.
 *
 * A free thread takes the next request, or looks after the door if no other thread does, or sleeps.
 * A thread wakes another one only before something that may take long, and before it waits
 * (base/waiting.h), and only if there is work: DESIGN.md, Threads that wake threads.
 *
 * There are more threads than seats. As many threads work as there are seats, however many wait. A
 * thread that has finished waiting does not queue for a seat: for the rest of its request one more
 * than that may be at work, and the first thread to finish a request then takes no other.
 */
#ifndef PINTLE_GATE_SEATS_H
#define PINTLE_GATE_SEATS_H

#include <pthread.h>

#include "gate/door.h"

struct gate_seats {
	struct gate_door *door;
	unsigned seats;
	unsigned swift;		/* so many quick requests in line are worth waking a thread for */
	pthread_mutex_t lock;	/* of what follows */
	pthread_cond_t wake;
	struct gate_line ready;	/* whole requests that no thread has taken yet */
	unsigned working;	/* threads that have a request and are not waiting */
	unsigned slow;		/* of them, those whose request may take long */
	unsigned asleep;
	bool kept;		/* a thread is at the door */
	bool shut;		/* no more connections will come */
	uint64_t steps;		/* steps made so far, which show a standstill */
	uint64_t seen;		/* of them, at the last check */
	enum pt_err failure;	/* how the door failed */
};

/* What a thread is working on. */
struct gate_seat {
	struct gate_seats *seats;
	bool slow;		/* its work may take long */
	bool waits;
};

/* seats: how many threads work at once; door is borrowed. */
void gate_seats_init(struct gate_seats *seats, struct gate_door *door, unsigned count);
void gate_seats_destroy(struct gate_seats *seats);

/*
 * The next request for the calling thread, which has finished its last one; NULL when it is time to
 * exit.
 */
struct gate_conn *gate_seats_next(struct gate_seats *seats);

/* One more request for a thread that already has one; NULL if none waits. */
struct gate_conn *gate_seats_more(struct gate_seats *seats);

/* Puts that request back, already read, as the first in the line. */
void gate_seats_give_back(struct gate_seats *seats, struct gate_conn *conn,
    struct gate_exchange *exchange);

/* The thread has begun to work on what gate_seats_next gave, or has finished it. */
void gate_seat_begin(struct gate_seat *seat, struct gate_seats *seats);
void gate_seat_end(struct gate_seat *seat);

/* The thread's work may take long from here on. */
void gate_seat_slow(struct gate_seat *seat);

/* For waiting_listen; ctx is a struct gate_seat. */
void gate_seat_waits(void *ctx, bool waits);

/*
 * Wakes a thread if there is work and nothing has happened since the last check: the working
 * threads are blocked by something unforeseen, such as a disk that does not answer. Returns in how
 * many ms to check again.
 */
int gate_seats_look(void *ctx);

#endif
