/*
 * Who works: the threads of a worker, between the door, the line of requests
 * that are whole, and their beds.
 *
 * A thread that has nothing to do takes the next request, or looks after the door if
 * nobody does, or sleeps. Waking one costs more than most requests do. So
 * nobody is woken for what the thread at hand does in a moment; but before it
 * begins something that may take long, and whenever it begins to wait
 * (base/waiting.h), it sees to it that another one is awake, if there is anything to do.
 *
 * There are more threads than seats. As many work as there are seats, however many
 * wait. After a wait nobody waits for a seat: for the rest of that request there may be
 * one more at work, and the first that has finished one takes no other.
 */
#ifndef PINTLE_GATE_SEATS_H
#define PINTLE_GATE_SEATS_H

#include <pthread.h>

#include "gate/door.h"

struct gate_seats {
	struct gate_door *door;
	unsigned seats;
	unsigned swift;		/* as many quick requests at once are worth waking somebody for */
	pthread_mutex_t lock;	/* of what follows */
	pthread_cond_t wake;
	struct gate_line ready;	/* whole requests that nobody works on yet */
	unsigned working;	/* threads that have a request and do not wait */
	unsigned slow;		/* of them, with one that may take long */
	unsigned asleep;
	bool kept;		/* somebody is at the door */
	bool shut;		/* nobody comes any more */
	uint64_t steps;		/* that have been made: so that a standstill is seen */
	uint64_t seen;		/* of them, by the last look */
	enum pt_err failure;	/* the door's */
};

/* What a thread has in hand. */
struct gate_seat {
	struct gate_seats *seats;
	bool slow;		/* what it does may take long */
	bool waits;
};

/* seats: how many threads work at once; door is borrowed. */
void gate_seats_init(struct gate_seats *seats, struct gate_door *door, unsigned count);
void gate_seats_destroy(struct gate_seats *seats);

/* The next request for the calling thread, which has finished its last one; NULL when it is time to leave. */
struct gate_conn *gate_seats_next(struct gate_seats *seats);

/* One more for a thread that has one in hand; NULL if none lies there. */
struct gate_conn *gate_seats_more(struct gate_seats *seats);

/* Puts back what that was, as the first in the line, with its request, which has been read. */
void gate_seats_give_back(struct gate_seats *seats, struct gate_conn *conn, struct gate_exchange *exchange);

/* The thread has begun to work on what gate_seats_next gave, or has finished it. */
void gate_seat_begin(struct gate_seat *seat, struct gate_seats *seats);
void gate_seat_end(struct gate_seat *seat);

/* What it works on may take long. */
void gate_seat_slow(struct gate_seat *seat);

/* For waiting_listen; ctx is a struct gate_seat. */
void gate_seat_waits(void *ctx, bool waits);

/*
 * Wakes a thread if there is something to do and nothing has been done since the last look: whoever
 * works has met with what nobody foresaw, a disk that does not answer perhaps. Returns in how many ms to look again.
 */
int gate_seats_look(void *ctx);

#endif
