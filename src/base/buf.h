/*
 * A growing byte buffer. A failed append is remembered, so that a long line of
 * appends needs one check at its end. The bytes are wiped when they are let go:
 * a buffer often holds a token or a password on its way.
 */
#ifndef PINTLE_BASE_BUF_H
#define PINTLE_BASE_BUF_H

#include "base/error.h"
#include "base/slice.h"

struct buf {
	char *ptr;
	size_t len;
	size_t cap;
	bool failed;	/* memory ran out: what was appended since is missing */
};

#define BUF_EMPTY ((struct buf){ NULL, 0, 0, false })

void buf_append(struct buf *buf, const void *bytes, size_t len);
void buf_put(struct buf *buf, struct slice text);
void buf_puts(struct buf *buf, const char *cstr);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What the buffer holds; valid until the next append or free. */
struct slice buf_slice(const struct buf *buf);

/* PT_ERR_NOMEM if an append since the last clear failed. */
enum pt_err buf_status(const struct buf *buf);

/* Empties the buffer, wiped, and keeps its memory. */
void buf_clear(struct buf *buf);

/* Wipes and releases; the buffer is BUF_EMPTY afterwards. */
void buf_free(struct buf *buf);

#endif
