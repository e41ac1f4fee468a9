#include "base/secret.h"

#include <string.h>

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
