/*
 * A thread that waits for something, and needs no processor meanwhile, says so:
 * whoever shares out the work can let another one work in its place.
 */
#ifndef PINTLE_BASE_WAITING_H
#define PINTLE_BASE_WAITING_H

#include <stdbool.h>

/* From now on told(ctx, true) is called when the calling thread begins to wait, told(ctx, false) when it goes on. NULL: nobody is. */
void waiting_listen(void (*told)(void *ctx, bool waits), void *ctx);

/* The calling thread begins to wait, or goes on. */
void waiting_tell(bool waits);

#endif
