/*
 * Headers that came in more than one line. A web server may join them, pass each of them, or keep
 * the last one, and no decision may depend on which it does. Lists are joined as their RFC says, so
 * that no line is overlooked. If only one value is allowed, or cookies were joined so that they
 * cannot be told apart, the request is not trusted.
 *
 * See DESIGN.md, Headers that came twice; DESIGN.md, No cookie after a comma.
 */
#ifndef PINTLE_WEB_HTTP_REPEATED_H
#define PINTLE_WEB_HTTP_REPEATED_H

#include "base/buf.h"
#include "conf/settings.h"
#include "web/http/params.h"

/*
 * The value of a parameter that is a list: all of its lines in order, joined by with; a line equal
 * to the one before counts once. Points into the request or into memory, whose owner checks
 * buf_status.
 */
struct slice repeated_join(const struct params *params, const char *name, const char *with,
    struct buf *memory);

/*
 * The name of the header that makes the request untrusted, static; NULL: there is none. cookies
 * holds all Cookie lines. If it is NULL, each of our own cookies either stands alone in them at
 * least once or is absent.
 */
const char *repeated_fault(const struct params *params, const struct settings *settings,
    struct slice cookies);

#endif
