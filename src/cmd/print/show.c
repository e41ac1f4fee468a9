#include "cmd/print/show.h"

#include <stdio.h>
#include <string.h>

struct slice
show_flag(bool on)
{
	return on ? SLICE("yes") : SLICE("");
}

struct slice
show_number(int64_t number, char text[UNITS_TEXT_SIZE])
{
	snprintf(text, UNITS_TEXT_SIZE, "%lld", (long long)number);
	return slice_of(text);
}

void
show_pattern(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++)
		buf_printf(out, "%s%c", text.ptr[i] == '.' ? "\\" : "", text.ptr[i]);
}

void
show_address(const char *address, const char *usual, struct slice *host, struct slice *port)
{
	const char *colon = address ? strrchr(address, ':') : NULL;

	*host = slice_of(address);
	*port = address ? slice_of(usual) : SLICE("");
	if (colon && strchr(colon, ']') == NULL) {
		*port = slice_of(colon + 1);
		host->len = (size_t)(colon - address);
	}
	if (slice_starts(*host, SLICE("[")))
		*host = (struct slice){ host->ptr + 1, host->len - 2 };
}
