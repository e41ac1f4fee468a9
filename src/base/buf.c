#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define BUF_FIRST 1024	/* bytes: most answers need little more, and each growth copies and wipes */

struct buf
buf_fixed(void *memory, size_t cap)
{
	return (struct buf){ memory, 0, cap, false, true };
}

/* Makes room for more bytes. Not realloc: it could leave an unwiped copy behind. */
static bool
buf_reserve(struct buf *buf, size_t more)
{
	if (buf->failed)
		return false;
	if (more <= buf->cap - buf->len)
		return true;
	if (buf->fixed || more > SIZE_MAX / 2 - buf->len) {
		buf->failed = true;
		return false;
	}
	size_t cap = buf->cap ? buf->cap : BUF_FIRST;

	while (cap < buf->len + more)
		cap *= 2;
	char *grown = malloc(cap);

	if (grown == NULL) {
		buf->failed = true;
		return false;
	}
	if (buf->len)
		memcpy(grown, buf->ptr, buf->len);
	if (buf->ptr)
		secret_wipe(buf->ptr, buf->cap);
	free(buf->ptr);
	buf->ptr = grown;
	buf->cap = cap;
	return true;
}

void
buf_append(struct buf *buf, const void *bytes, size_t len)
{
	if (len == 0 || !buf_reserve(buf, len))
		return;
	memcpy(buf->ptr + buf->len, bytes, len);
	buf->len += len;
}

void
buf_put(struct buf *buf, struct slice text)
{
	buf_append(buf, text.ptr, text.len);
}

void
buf_puts(struct buf *buf, const char *cstr)
{
	buf_put(buf, slice_of(cstr));
}

void
buf_putc(struct buf *buf, char c)
{
	buf_append(buf, &c, 1);
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int need = vsnprintf(NULL, 0, format, args);

	if (need < 0)
		buf->failed = true;
	else if (buf_reserve(buf, (size_t)need + 1)) {
		vsnprintf(buf->ptr + buf->len, (size_t)need + 1, format, again);
		buf->len += (size_t)need;
	}
	va_end(again);
	va_end(args);
}

struct slice
buf_slice(const struct buf *buf)
{
	return (struct slice){ buf->ptr, buf->len };
}

enum pt_err
buf_status(const struct buf *buf)
{
	return buf->failed ? PT_ERR_NOMEM : PT_OK;
}

void
buf_cut(struct buf *buf, size_t len)
{
	if (buf->ptr)
		secret_wipe(buf->ptr + len, buf->cap - len);
	buf->len = len;
	buf->failed = false;
}

void
buf_clear(struct buf *buf)
{
	buf_cut(buf, 0);
}

void
buf_free(struct buf *buf)
{
	buf_clear(buf);
	if (!buf->fixed)
		free(buf->ptr);
	*buf = BUF_EMPTY;
}
