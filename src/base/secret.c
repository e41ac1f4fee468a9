#include "base/secret.h"

#include <string.h>
#include <sys/mman.h>

void
secret_wipe(void *bytes, size_t len)
{
	explicit_bzero(bytes, len);
}

bool
secret_eq(const void *a, const void *b, size_t len)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char differs = 0;

	for (size_t i = 0; i < len; i++)
		differs |= (unsigned char)(x[i] ^ y[i]);
	return differs == 0;
}

void *
secret_alloc(size_t len)
{
	/*
	 * Not from the heap, because unlocking a heap page would unlock a neighbour's secret on the
	 * same page.
	 */
	void *bytes = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (bytes == MAP_FAILED)
		return NULL;
	/* Both are best effort: the limit on locked memory may be zero. */
	(void)mlock(bytes, len);
	(void)madvise(bytes, len, MADV_DONTDUMP);
	return bytes;
}

void
secret_free(void *bytes, size_t len)
{
	if (bytes == NULL)
		return;
	secret_wipe(bytes, len);
	munmap(bytes, len);
}
