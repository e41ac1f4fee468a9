/*
 * Whose address a request comes from: the peer's as the web server gives it,
 * or, where that peer is a proxy that the site lists, the one that the proxy
 * names. A client can write any forwarding header; only what a listed proxy
 * appended is believed.
 */
#ifndef PINTLE_CORE_ADDRESS_H
#define PINTLE_CORE_ADDRESS_H

#include "core/records.h"

/* in a list of proxies: every peer at a Unix socket, which has no address */
#define ADDRESS_SOCKET "unix:"

struct address_facts {
	struct slice peer;		/* REMOTE_ADDR */
	struct slice forwarded;		/* X-Forwarded-For: the nearest hop stands last */
	/* addresses and CIDR ranges, and ADDRESS_SOCKET, separated by spaces */
	struct slice proxies;
};

/*
 * The rightmost address that is no listed proxy, in its usual form (an
 * IPv4-mapped one as IPv4). A peer that is no IP address (a Unix socket's name) is given as
 * printable text. False if a listed proxy named what cannot be
 * read as an address: the nearest hop that could be read is given then.
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
