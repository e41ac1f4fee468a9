/*
 * A growing byte buffer. It remembers a failed append, so that a long sequence of appends needs one
 * check at its end. It wipes its bytes before it frees them, because a buffer often holds a token
 * or a password.
 */
#ifndef PINTLE_BASE_BUF_H
#define PINTLE_BASE_BUF_H

#include "base/error.h"
#include "base/slice.h"

struct buf {
	char *ptr;
	size_t len;
	size_t cap;
	bool failed;	/* memory ran out: later appends are missing */
	bool fixed;	/* the memory is the caller's: never grown, never released */
};

#define BUF_EMPTY ((struct buf){ NULL, 0, 0, false, false })

/*
 * An empty buffer in the caller's memory; what does not fit into cap bytes fails as if memory had
 * run out.
 */
struct buf buf_fixed(void *memory, size_t cap);

void buf_append(struct buf *buf, const void *bytes, size_t len);
void buf_put(struct buf *buf, struct slice text);
void buf_puts(struct buf *buf, const char *cstr);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What the buffer holds; valid until the next append or free. */
struct slice buf_slice(const struct buf *buf);

/* PT_ERR_NOMEM if an append since the last clear or cut failed. */
enum pt_err buf_status(const struct buf *buf);

/*
 * Wipes and removes what was appended since the buffer held len bytes, and forgets a failure since
 * then.
 */
void buf_cut(struct buf *buf, size_t len);

/* Wipes and empties the buffer, and keeps its memory. */
void buf_clear(struct buf *buf);

/* Wipes and releases; the buffer is BUF_EMPTY afterwards. */
void buf_free(struct buf *buf);

#endif
