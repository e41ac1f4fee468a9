#include "web/cookie.h"

#include <inttypes.h>

bool
cookie_next(struct slice *header, struct slice name, struct slice *value)
{
	while (header->len) {
		struct slice pair, key;

		slice_cut(*header, ';', &pair, header);
		if (!slice_cut(pair, '=', &key, &pair))
			continue;
		if (!slice_eq(slice_trim(key), name))
			continue;
		*value = slice_trim(pair);
		return true;
	}
	return false;
}

int64_t
cookie_age(int64_t left_ms)
{
	return left_ms > 1000 ? left_ms / 1000 + (left_ms % 1000 != 0) : 1;
}

void
cookie_put(struct buf *head, const struct cookie *cookie)
{
	buf_puts(head, "Set-Cookie: ");
	buf_put(head, cookie->name);
	buf_putc(head, '=');
	buf_put(head, cookie->value);
	buf_puts(head, "; Path=");
	buf_put(head, cookie->path);
	if (cookie->max_age != COOKIE_NO_AGE)
		buf_printf(head, "; Max-Age=%" PRId64, cookie->max_age);
	if (cookie->secure)
		buf_puts(head, "; Secure");
	buf_puts(head, cookie->lax ? "; HttpOnly; SameSite=Lax\r\n" : "; HttpOnly; SameSite=Strict\r\n");
}
