/* www-examples/client/pintle.js, as /client.js gives it out: made by src/embed.awk. */
#ifndef PINTLE_WEB_PAGES_CLIENT_H
#define PINTLE_WEB_PAGES_CLIENT_H

#include "base/slice.h"

extern const struct slice client_pintle_js;

#endif
