#include "gate/seats.h"

void
gate_seats_init(struct gate_seats *seats, unsigned count)
{
	sem_init(&seats->free, 0, count);
	atomic_init(&seats->surplus, 0);
}

void
gate_seats_destroy(struct gate_seats *seats)
{
	sem_destroy(&seats->free);
}

void
gate_seats_take(struct gate_seats *seats)
{
	while (sem_wait(&seats->free) != 0)
		;	/* a signal: there is no other error */
}

void
gate_seats_yield(struct gate_seats *seats)
{
	unsigned surplus = atomic_load(&seats->surplus);

	while (surplus > 0) {
		if (atomic_compare_exchange_weak(&seats->surplus, &surplus, surplus - 1)) {
			gate_seats_take(seats);
			return;
		}
	}
}

void
gate_seats_leave(struct gate_seats *seats)
{
	sem_post(&seats->free);
}

void
gate_seats_idle(void *ctx, bool idle)
{
	struct gate_seats *seats = ctx;

	if (idle)
		sem_post(&seats->free);
	else if (sem_trywait(&seats->free) != 0)
		atomic_fetch_add(&seats->surplus, 1);
}
