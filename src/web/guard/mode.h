/* In which way a web server asks the guard: by the FastCGI role, or by PINTLE_MODE. */
#ifndef PINTLE_WEB_GUARD_MODE_H
#define PINTLE_WEB_GUARD_MODE_H

#include "web/http/request.h"

enum guard_mode {
	GUARD_UNKNOWN = 0,	/* a mode was asked for that there is not: 500 */
	GUARD_NONE,		/* no mode: an ordinary request */
	GUARD_VERIFY,
	GUARD_DENY,
	GUARD_BOTH,
	GUARD_FORWARD,		/* both, for a gateway that asks by a request of its own */
};

/* What the FastCGI role and PINTLE_MODE ask for. */
enum guard_mode guard_mode_of(const struct request *request);

#endif
