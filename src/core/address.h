/*
 * The address that a request comes from: the peer's, as the web server gives it, or, if that peer
 * is a proxy that the site lists, the one that the proxy names. A client can send any forwarding
 * header, so only what a listed proxy appended is believed. See DESIGN.md, Whatever is no address
 * is one address.
 */
#ifndef PINTLE_CORE_ADDRESS_H
#define PINTLE_CORE_ADDRESS_H

#include "core/records.h"

/* in a list of proxies: every peer at a Unix socket, since those have no address */
#define ADDRESS_SOCKET "unix:"

struct address_facts {
	struct slice peer;		/* REMOTE_ADDR */
	struct slice forwarded;		/* X-Forwarded-For; the nearest hop comes last */
	/* addresses and CIDR ranges, and ADDRESS_SOCKET, separated by spaces */
	struct slice proxies;
};

/*
 * Finds the rightmost address that is no listed proxy, in its usual form (an IPv4-mapped one as
 * IPv4). A peer that is no IP address (a Unix socket's name) is returned as printable text. If a
 * listed proxy named something that is no address: false, and out is the nearest readable hop.
 */
bool address_decide(const struct address_facts *facts, char out[ADDRESS_SIZE]);

/*
 * Whether text is an IP address, and whether it lies in one of the addresses and ranges of a list
 * like proxies.
 */
bool address_valid(struct slice text);
bool address_range_valid(struct slice text);	/* one address or range */
bool address_proxy_valid(struct slice text);	/* one of a list of proxies */
bool address_listed(struct slice text, struct slice list);

#endif
