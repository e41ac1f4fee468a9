/* How a web server asks the guard: by its FastCGI role, or by PINTLE_MODE. */
#ifndef PINTLE_WEB_GUARD_MODE_H
#define PINTLE_WEB_GUARD_MODE_H

#include "web/http/request.h"

enum guard_mode {
	GUARD_UNKNOWN = 0,	/* an unknown mode: 500 */
	GUARD_NONE,		/* no mode: an ordinary request */
	GUARD_VERIFY,
	GUARD_DENY,
	GUARD_BOTH,
	GUARD_FORWARD,		/* both, for a gateway that asks with a request of its own */
};

/* The mode that the FastCGI role and PINTLE_MODE ask for. */
enum guard_mode guard_mode_of(const struct request *request);

#endif
