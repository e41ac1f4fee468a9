/* Addresses that only this machine reaches, with a port: "127.0.0.1:9311", "[::1]:9311". */
#ifndef PINTLE_BASE_LOOPBACK_H
#define PINTLE_BASE_LOOPBACK_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/slice.h"

/* A loopback address of either family, as a socket address. */
struct loopback {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at;
	socklen_t len;
};

/* False if text is no such address. Port 0 is accepted: the system then chooses one. */
bool loopback_parse(const char *text, struct loopback *out);

/* Whether text is such an address, with a port that can be connected to. */
bool loopback_can_connect(const char *text);

/* Whether a socket address is a loopback one. */
bool loopback_is(const struct sockaddr *address);

#endif
