#include "crypto/spares.h"

#include <stddef.h>

void
spares_init(struct spares *spares, void (*release)(void *thing))
{
	pthread_mutex_init(&spares->lock, NULL);
	spares->count = 0;
	spares->release = release;
}

void
spares_destroy(struct spares *spares)
{
	while (spares->count > 0)
		spares->release(spares->kept[--spares->count]);
	pthread_mutex_destroy(&spares->lock);
}

void *
spares_take(struct spares *spares)
{
	void *thing = NULL;

	pthread_mutex_lock(&spares->lock);
	if (spares->count > 0)
		thing = spares->kept[--spares->count];
	pthread_mutex_unlock(&spares->lock);
	return thing;
}

void
spares_give(struct spares *spares, void *thing)
{
	if (thing == NULL)
		return;
	pthread_mutex_lock(&spares->lock);
	if (spares->count < SPARES_MAX) {
		spares->kept[spares->count++] = thing;
		thing = NULL;
	}
	pthread_mutex_unlock(&spares->lock);
	if (thing)
		spares->release(thing);
}
