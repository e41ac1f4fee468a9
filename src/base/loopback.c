#include "base/loopback.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

bool
loopback_is(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		return ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&v6, address, sizeof(v6));
	return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

static bool
parse_host(struct slice host, uint16_t port, struct loopback *out)
{
	char text[INET6_ADDRSTRLEN];
	bool bracketed = host.len >= 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';

	if (bracketed)
		host = (struct slice){ host.ptr + 1, host.len - 2 };
	if (!slice_copy(host, text, sizeof(text)))
		return false;
	memset(out, 0, sizeof(*out));
	if (bracketed) {
		out->at.v6.sin6_family = AF_INET6;
		out->at.v6.sin6_port = htons(port);
		out->len = sizeof(out->at.v6);
		return inet_pton(AF_INET6, text, &out->at.v6.sin6_addr) == 1 &&
		    loopback_is(&out->at.any);
	}
	out->at.v4.sin_family = AF_INET;
	out->at.v4.sin_port = htons(port);
	out->len = sizeof(out->at.v4);
	return inet_pton(AF_INET, text, &out->at.v4.sin_addr) == 1 && loopback_is(&out->at.any);
}

/* "127.0.0.1:9311", "[::1]:9311": the last colon ends the host. */
bool
loopback_parse(const char *address, struct loopback *out)
{
	const char *colon = strrchr(address, ':');
	uint64_t port;

	if (colon == NULL || !slice_to_u64(slice_of(colon + 1), &port) || port > UINT16_MAX)
		return false;
	return parse_host((struct slice){ address, (size_t)(colon - address) }, (uint16_t)port,
	    out);
}

bool
loopback_can_connect(const char *address)
{
	struct loopback loopback;

	return loopback_parse(address, &loopback) &&
	    strtoul(strrchr(address, ':') + 1, NULL, 10) != 0;
}
