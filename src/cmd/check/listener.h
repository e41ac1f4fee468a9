/*
 * Who listens on the TCP address at which Apache asks when it does not use the Unix socket. Apache
 * believes whoever holds that port, so it must be one that only root can take. See DESIGN.md,
 * Apache asks at the Unix socket too.
 */
#ifndef PINTLE_CMD_CHECK_LISTENER_H
#define PINTLE_CMD_CHECK_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Zero: it could not be determined. */
enum listener_state { LISTENER_UNKNOWN = 0, LISTENER_GOOD, LISTENER_NONE, LISTENER_STRANGER,
    LISTENER_ANYBODY };

struct listener {
	bool there;			/* somebody listens */
	/* the worst that applies; LISTENER_ANYBODY: the port needs no root */
	enum listener_state state;
	unsigned port;
	unsigned free_from;		/* ports from this one on need no root */
	uid_t uid;			/* who owns the socket, if it is neither root nor us */
};

/* Remedies: each is a sentence. */
#define LISTENER_MEND_STRANGER "stop it; then remove authorizer from pintle.conf and print " \
	"Apache's configuration again: it will ask at the Unix socket"
#define LISTENER_MEND_ANYBODY "remove authorizer from pintle.conf and print Apache's " \
	"configuration again: it will ask at the Unix socket; or choose a port below 1024, with " \
	"sysctl net.ipv4.ip_unprivileged_port_start=1024"
#define LISTENER_MEND_NONE "systemctl enable --now pintle-authorizer.socket; or, as root, " \
	"pintle.fcgi --listen with that address"

/*
 * Checks an address such as "127.0.0.1:931" or "[::1]:931". A socket of root's or ours counts as
 * the worker's.
 */
struct listener listener_look(const char *address, uid_t ours);

#endif
