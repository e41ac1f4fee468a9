/* The Cookie header: the first line is the name that is looked for, the rest is the header. */
#include <string.h>

#include "fuzz.h"
#include "web/http/cookie.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice name, value, header, all = { (const char *)bytes, len };
	size_t pairs = 1, found = 0;

	slice_cut(all, '\n', &name, &all);
	for (size_t i = 0; i < all.len; i++)
		pairs += all.ptr[i] == ';';
	header = all;
	while (cookie_next(&header, name, &value)) {
		MUST(++found <= pairs);
		MUST(value.len == 0 || (value.ptr > all.ptr && value.ptr + value.len <= all.ptr + all.len));
		MUST(value.len == 0 || !memchr(value.ptr, ';', value.len));
		MUST(slice_eq(value, slice_trim(value)));
		MUST(header.len < all.len);
	}
	MUST(header.len == 0);

	/* After its removal the cookie is not found any more, and nothing is added. */
	char wanted[64];
	const char *const names[] = { wanted };
	struct buf others = BUF_EMPTY;

	if (name.len && slice_copy(name, wanted, sizeof(wanted)) && slice_eq(name, slice_trim(name)) && !strpbrk(wanted, ";,=")) {
		cookie_put_others(all, names, 1, &others);
		header = buf_slice(&others);
		MUST(others.len <= all.len && !cookie_next(&header, name, &value));
	}
	buf_free(&others);
	return 0;
}
