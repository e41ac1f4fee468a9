/*
 * How else an address may be read. A server finds the place of a request in one
 * way, what stands behind it may read the same address in another: without path
 * parameters (RFC 3986, 3.3), with backslashes as slashes, decoded twice, with its dots left in. Where
 * one of these readings falls into another place than the address itself, the
 * demands of the wrong place would have been made of it.
 */
#ifndef PINTLE_WEB_GUARD_READING_H
#define PINTLE_WEB_GUARD_READING_H

#include "base/buf.h"
#include "conf/places.h"

#define READING_MAX 8192	/* bytes of a longer path are not read: it strays */

/* The path of a request's target: without query, and of an absolute one without scheme and host. */
struct slice reading_path(struct slice target);

/* Appends the path as servers read it: decoded once, "//" as "/", without "." and "..". */
void reading_put(struct slice path, struct buf *out);

/*
 * Sets *strays to whether any reading of path, which is raw, falls into another place than home (NULL: than none).
 * That one falls into no place does not count. PT_ERR_NOMEM is the only failure.
 */
enum pt_err reading_strays(const struct guards *guards, struct slice path, const struct guard_place *home, bool *strays);

#endif
