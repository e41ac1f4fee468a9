/*
 * A pool of reusable things. A thread takes one, or makes one if there is none, and gives it back;
 * so there are as many as were ever used at the same time.
 */
#ifndef PINTLE_CRYPTO_SPARES_H
#define PINTLE_CRYPTO_SPARES_H

#include <pthread.h>

#define SPARES_MAX 16

struct spares {
	pthread_mutex_t lock;
	unsigned count;
	void *kept[SPARES_MAX];
	void (*release)(void *thing);	/* frees one that is not kept; NULL is ignored */
};

void spares_init(struct spares *spares, void (*release)(void *thing));

/* Frees all that are kept. */
void spares_destroy(struct spares *spares);

/* NULL if the pool is empty. */
void *spares_take(struct spares *spares);
void spares_give(struct spares *spares, void *thing);

#endif
