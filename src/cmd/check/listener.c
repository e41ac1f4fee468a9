#include "cmd/check/listener.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FREE_PORTS "/proc/sys/net/ipv4/ip_unprivileged_port_start"
#define FREE_FROM 1024		/* if the kernel does not say */
#define STATE_LISTEN 0x0A	/* TCP_LISTEN of the kernel */

static unsigned
free_ports(void)
{
	FILE *in = fopen(FREE_PORTS, "re");
	unsigned from = FREE_FROM;

	if (in == NULL)
		return FREE_FROM;
	if (fscanf(in, "%u", &from) != 1)
		from = FREE_FROM;
	fclose(in);
	return from;
}

/*
 * Reads one of the kernel's tables (proc(5)): "sl local:port remote:port state queues timer
 * retransmits uid ...". If several sockets listen on the address, any of them may be the one that
 * gets a connection.
 */
static void
table_read(const char *path, uid_t ours, struct listener *out)
{
	FILE *in = fopen(path, "re");
	char line[512];

	if (in == NULL)
		return;
	while (fgets(line, sizeof(line), in)) {
		unsigned port, state, uid;

		if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x "
		    "%u", &port, &state, &uid) != 3 ||
		    state != STATE_LISTEN || port != out->port)
			continue;
		out->there = true;
		if (uid == 0 || uid == ours) {
			out->state = out->state == LISTENER_STRANGER ?
			    LISTENER_STRANGER : LISTENER_GOOD;
		} else {
			out->state = LISTENER_STRANGER;
			out->uid = uid;
		}
	}
	fclose(in);
}

struct listener
listener_look(const char *address, uid_t ours)
{
	const char *colon = strrchr(address, ':');
	struct listener out = { .port = colon ?
	    (unsigned)strtoul(colon + 1, NULL, 10) : 0, .free_from = free_ports() };

	if (out.port == 0)
		return out;
	out.state = LISTENER_NONE;
	table_read("/proc/net/tcp", ours, &out);
	table_read("/proc/net/tcp6", ours, &out);
	if (out.state != LISTENER_STRANGER && out.port >= out.free_from)
		out.state = LISTENER_ANYBODY;
	return out;
}
