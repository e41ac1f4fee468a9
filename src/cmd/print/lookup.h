/*
 * Names of machines in what is printed: which of them only the DNS knows. A web server that
 * looks one up when it starts does not start while there is no answer.
 */
#ifndef PINTLE_CMD_PRINT_LOOKUP_H
#define PINTLE_CMD_PRINT_LOOKUP_H

#include "base/buf.h"

/* Whether host is an address in numbers (without brackets), and whether it is this machine's loopback, by address or as localhost. */
bool lookup_is_number(struct slice host);
bool lookup_is_loopback(struct slice host);

/* Whether the text of a file like /etc/hosts knows the name. */
bool lookup_hosts_know(struct slice hosts, struct slice name);

/* Appends the name servers of the text of a file like /etc/resolv.conf with blanks between, IPv6 in brackets; without any, 127.0.0.1. */
void lookup_put_servers(struct slice resolv, struct buf *out);

/* The same of this machine's own files. */
bool lookup_wants_dns(struct slice host);
void lookup_put_own_servers(struct buf *out);

#endif
