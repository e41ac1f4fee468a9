/* Whether the address that pintle saw can be this machine's. Pure. */
#ifndef PINTLE_CMD_DOCTOR_SEEN_ADDRESS_H
#define PINTLE_CMD_DOCTOR_SEEN_ADDRESS_H

#include "base/slice.h"

enum seen_verdict {
	SEEN_UNKNOWN = 0,	/* one of them is not an address */
	SEEN_OWN,		/* the same address */
	SEEN_TRANSLATED,	/* a public one for a private one, as most routers make it */
	/* the address of something in between that pintle does not know as a proxy */
	SEEN_PROXY,
};

/* own is our end of the connection, seen is what pintle stored with the session. */
enum seen_verdict seen_decide(struct slice own, struct slice seen);

#endif
