/*
 * Who listens at the TCP address at which Apache asks, where it does not ask at the Unix socket. Apache
 * believes whoever holds that port, so it has to be one that only root can hold.
 */
#ifndef PINTLE_CMD_CHECK_LISTENER_H
#define PINTLE_CMD_CHECK_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The zero: nobody can tell. */
enum listener_state { LISTENER_UNKNOWN = 0, LISTENER_GOOD, LISTENER_NONE, LISTENER_STRANGER, LISTENER_ANYBODY };

struct listener {
	bool there;			/* somebody listens */
	enum listener_state state;	/* the worst that holds; LISTENER_ANYBODY: no root is needed for the port */
	unsigned port;
	unsigned free_from;		/* ports from here on want no root */
	uid_t uid;			/* whose socket it is, where there is one that is neither root's nor ours */
};

/* What helps: each is a sentence. */
#define LISTENER_MEND_STRANGER "stop it; then take authorizer out of pintle.conf and print Apache's configuration anew: it asks " \
	"at the Unix socket"
#define LISTENER_MEND_ANYBODY "take authorizer out of pintle.conf and print Apache's configuration anew: it asks at the Unix socket; " \
	"or choose a port below 1024, with sysctl net.ipv4.ip_unprivileged_port_start=1024"
#define LISTENER_MEND_NONE "systemctl enable --now pintle-authorizer.socket; or pintle.fcgi --listen with that address, by root"

/* Looks at "127.0.0.1:931" or "[::1]:931". Sockets that root made, or ours, are the worker's. */
struct listener listener_look(const char *address, uid_t ours);

#endif
