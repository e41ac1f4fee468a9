/*
 * A thread that waits for something, and needs no processor meanwhile, announces it here, so that
 * another thread can work in its place.
 */
#ifndef PINTLE_BASE_WAITING_H
#define PINTLE_BASE_WAITING_H

#include <stdbool.h>

/*
 * From now on told(ctx, true) is called when the calling thread begins to wait, and told(ctx,
 * false) when it goes on. NULL: nothing is called.
 */
void waiting_listen(void (*told)(void *ctx, bool waits), void *ctx);

/* To be called when the calling thread begins to wait, and when it goes on. */
void waiting_tell(bool waits);

#endif
