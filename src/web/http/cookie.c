#include "web/http/cookie.h"

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

static bool
cookie_is_named(struct slice pair, const char *const names[], size_t count)
{
	struct slice key;

	if (!slice_cut(pair, '=', &key, &pair))
		return false;
	for (size_t i = 0; i < count; i++)
		if (slice_eq(slice_trim(key), slice_of(names[i])))
			return true;
	return false;
}

void
cookie_put_others(struct slice header, const char *const names[], size_t count, struct buf *out)
{
	const size_t start = out->len;
	bool began = false;	/* part of this header was kept */
	char between = '\0';	/* what goes before the next part; a semicolon outranks a comma */

	while (header.len) {
		size_t len = 0;

		while (len < header.len && header.ptr[len] != ';' && header.ptr[len] != ',')
			len++;
		if (!cookie_is_named((struct slice){ header.ptr, len }, names, count)) {
			if (began)
				buf_putc(out, between);
			buf_put(out, began ? (struct slice){ header.ptr, len } :
			    slice_trim((struct slice){ header.ptr, len }));
			began = out->len > start;
			between = '\0';
		}
		if (len < header.len && between != ';')
			between = header.ptr[len];
		header = slice_skip(header, len + 1);
	}
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
	buf_puts(head, cookie->lax ? "; HttpOnly; SameSite=Lax\r\n" :
	    "; HttpOnly; SameSite=Strict\r\n");
}
