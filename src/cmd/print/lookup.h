/*
 * Finds out which host names in the output only the DNS knows. A web server that looks one up at
 * its start does not start without an answer.
 */
#ifndef PINTLE_CMD_PRINT_LOOKUP_H
#define PINTLE_CMD_PRINT_LOOKUP_H

#include "base/buf.h"

/*
 * Whether host is a numeric address (without brackets), and whether it is this machine's loopback,
 * by address or as localhost.
 */
bool lookup_is_number(struct slice host);
bool lookup_is_loopback(struct slice host);

/* Whether the text of a file like /etc/hosts contains the name. */
bool lookup_hosts_know(struct slice hosts, struct slice name);

/*
 * Appends the name servers in the text of a file like /etc/resolv.conf, separated by blanks, IPv6
 * in brackets; 127.0.0.1 if there are none.
 */
void lookup_put_servers(struct slice resolv, struct buf *out);

/* The same with this machine's own files. */
bool lookup_wants_dns(struct slice host);
void lookup_put_own_servers(struct buf *out);

#endif
