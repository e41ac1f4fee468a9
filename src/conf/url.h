/*
 * Issuer and origins as they must stand in the configuration: exactly as a
 * browser writes them (WHATWG URL, origin serialization), because they are
 * compared byte by byte ever after.
 */
#ifndef PINTLE_CONF_URL_H
#define PINTLE_CONF_URL_H

#include "base/slice.h"

struct url {
	struct slice origin;	/* "https://example.org:8443" */
	struct slice host;	/* "example.org", "[::1]" */
	struct slice path;	/* "/auth"; empty for the root */
	bool insecure;		/* http, which is taken on loopback only */
};

/*
 * Splits text into *out, slices into text. NULL if it is as it must be; else
 * what is wrong, a static phrase that follows the value.
 */
const char *url_parse(struct slice text, struct url *out);

#endif
