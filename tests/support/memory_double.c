#include "support/memory_double.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static bool out;
static const char *watched;
static size_t leaked, freed;

void __real_free(void *block);
void *__wrap_malloc(size_t size);
void __wrap_free(void *block);

void
memory_run_out(bool now)
{
	out = now;
}

void
memory_watch(const char *text)
{
	watched = text;
	leaked = freed = 0;
}

size_t
memory_leaked(void)
{
	return leaked;
}

size_t
memory_freed(void)
{
	return freed;
}

/* Zeroed, so that whatever is found in a block was written there. */
void *
__wrap_malloc(size_t size)
{
	return out ? NULL : calloc(1, size);
}

void
__wrap_free(void *block)
{
	if (watched && block) {
		freed++;
		leaked += memmem(block, malloc_usable_size(block), watched, strlen(watched)) != NULL;
	}
	__real_free(block);
}
