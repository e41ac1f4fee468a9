#include "base/waiting.h"

#include <stddef.h>

static _Thread_local struct {
	void (*told)(void *ctx, bool waits);
	void *ctx;
} listener;

void
waiting_listen(void (*told)(void *ctx, bool waits), void *ctx)
{
	listener.told = told;
	listener.ctx = ctx;
}

void
waiting_tell(bool waits)
{
	if (listener.told)
		listener.told(listener.ctx, waits);
}
