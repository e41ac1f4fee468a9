#include "base/u64.h"

#include <endian.h>
#include <string.h>

void
u64_put(uint8_t *at, uint64_t value)
{
	uint64_t big = htobe64(value);

	memcpy(at, &big, U64_SIZE);
}

uint64_t
u64_get(const uint8_t *at)
{
	uint64_t big;

	memcpy(&big, at, U64_SIZE);
	return be64toh(big);
}
