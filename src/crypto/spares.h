/*
 * Things that are ready to be used again: a thread takes one, or makes one where none is
 * there, and gives it back. So as many are made as are used at the same time.
 */
#ifndef PINTLE_CRYPTO_SPARES_H
#define PINTLE_CRYPTO_SPARES_H

#include <pthread.h>

#define SPARES_MAX 16

struct spares {
	pthread_mutex_t lock;
	unsigned count;
	void *kept[SPARES_MAX];
	void (*release)(void *thing);	/* what ends one that is not kept; NULL is none */
};

void spares_init(struct spares *spares, void (*release)(void *thing));

/* Ends all that are kept. */
void spares_destroy(struct spares *spares);

/* NULL if none is there. */
void *spares_take(struct spares *spares);
void spares_give(struct spares *spares, void *thing);

#endif
