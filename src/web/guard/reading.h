/*
 * Finds out how else an address can be read. The application may read an address differently than
 * the server that found its place: without path parameters (RFC 3986, 3.3), with backslashes as
 * slashes, decoded twice, with its dots left in. If one of these readings is in a different place
 * from the address itself, the request would have met the demands of the wrong place.
 *
 * See DESIGN.md, Every reading of an address.
 */
#ifndef PINTLE_WEB_GUARD_READING_H
#define PINTLE_WEB_GUARD_READING_H

#include "base/buf.h"
#include "conf/places.h"

#define READING_MAX 8192	/* in bytes; a longer path is not read and counts as straying */

/*
 * The path of a request's target: without the query, and without scheme and host if it is absolute.
 */
struct slice reading_path(struct slice target);

/* Appends the path as servers read it: decoded once, "//" as "/", without "." and "..". */
void reading_put(struct slice path, struct buf *out);

/*
 * Sets *strays to whether any reading of the raw path is in a place other than home (NULL: in any
 * place). A reading outside all places does not count. PT_ERR_NOMEM is the only failure.
 */
enum pt_err reading_strays(const struct guards *guards, struct slice path,
    const struct guard_place *home, bool *strays);

#endif
