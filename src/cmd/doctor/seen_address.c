#include "cmd/doctor/seen_address.h"

#include "core/address.h"

/* Not from the public network (RFC 1918, 6598, 3927, 4193, 4291). */
#define PRIVATE \
	"10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16 fc00::/7 fe80::/10"
#define LOOPBACK "127.0.0.0/8 ::1"

enum seen_verdict
seen_decide(struct slice own, struct slice seen)
{
	if (!address_valid(own) || !address_valid(seen))
		return SEEN_UNKNOWN;
	if (address_listed(own, seen))
		return SEEN_OWN;
	if (address_listed(seen, SLICE(LOOPBACK)) || address_listed(seen, SLICE(PRIVATE)))
		return SEEN_PROXY;
	return address_listed(own, SLICE(PRIVATE)) ? SEEN_TRANSLATED : SEEN_PROXY;
}
