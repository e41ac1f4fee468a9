#include "base/u64.h"

void
u64_put(uint8_t *at, uint64_t value)
{
	for (int i = U64_SIZE - 1; i >= 0; i--, value >>= 8)
		at[i] = (uint8_t)value;
}

uint64_t
u64_get(const uint8_t *at)
{
	uint64_t value = 0;

	for (int i = 0; i < U64_SIZE; i++)
		value = value << 8 | at[i];
	return value;
}
