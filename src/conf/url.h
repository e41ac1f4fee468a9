/*
 * Issuer and origins, which must be written in the configuration exactly as browsers write them
 * (WHATWG URL, origin serialization), because they are compared byte by byte.
 */
#ifndef PINTLE_CONF_URL_H
#define PINTLE_CONF_URL_H

#include "base/slice.h"

struct url {
	struct slice origin;	/* "https://example.org:8443" */
	struct slice host;	/* "example.org", "[::1]" */
	struct slice path;	/* "/auth"; empty for the root */
	bool insecure;		/* http, which is accepted only on loopback */
};

/*
 * Splits text into *out, slices of text. NULL if it is valid; else what is wrong, a static phrase
 * to follow the value.
 */
const char *url_parse(struct slice text, struct url *out);

#endif
