/* Bytes of a test, written as hexadecimal digits. */
#ifndef TESTS_UNIT_HEX_H
#define TESTS_UNIT_HEX_H

#include "base/slice.h"

#include <string.h>

/* Decodes text, which must be valid, into out, which must have room; returns the length. */
static inline struct slice
hex(const char *text, void *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = strlen(text) / 2;
	uint8_t *to = out;

	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) << 4 | (strchr(digits, text[2 * i + 1]) - digits));
	return (struct slice){ out, len };
}

#endif
