/*
 * Headers that came in more than one line. A web server joins them, passes
 * each, or keeps the last one; what decides something must not depend on
 * which. Lists are joined as their RFC says, so that no line is overlooked;
 * where one value alone is allowed, or cookies were joined so that they cannot
 * be told apart, the request is not believed.
 */
#ifndef PINTLE_WEB_HTTP_REPEATED_H
#define PINTLE_WEB_HTTP_REPEATED_H

#include "base/buf.h"
#include "conf/settings.h"
#include "web/http/message.h"

/*
 * The value of a parameter that is a list, all of its lines joined by with, in their order; a line that says
 * the same as the one before is one with it. Points into raw, or into memory, whose owner asks buf_status.
 */
struct slice repeated_join(const struct web_request *raw, const char *name, const char *with, struct buf *memory);

/*
 * The header because of which the request is not to be believed, static; NULL: none.
 * cookies are those of all lines. Each of our own cookies stands alone in them at least once, or is not there.
 */
const char *repeated_fault(const struct web_request *raw, const struct settings *settings, struct slice cookies);

#endif
