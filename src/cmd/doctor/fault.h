/*
 * What `pintle doctor` can find wrong, and the line that fixes it in each web server's
 * configuration: one table.
 */
#ifndef PINTLE_CMD_DOCTOR_FAULT_H
#define PINTLE_CMD_DOCTOR_FAULT_H

#include "base/template.h"

/* Which server answers, as far as its Server header shows. */
enum server_family { SERVER_OTHER = 0, SERVER_NGINX, SERVER_APACHE, SERVER_LIGHTTPD, SERVER_CADDY,
    SERVER_FAMILIES };

enum server_family fault_server_family(struct slice server_header);

enum doctor_fault {
	FAULT_NONE = 0,		/* nothing needs fixing */

	/* the door */
	FAULT_NO_HOST,
	FAULT_NO_SERVER,
	FAULT_CERTIFICATE,
	FAULT_CERTIFICATE_ENDS,	/* it has expired, or is about to */
	FAULT_NO_ANSWER,
	FAULT_NOT_ROUTED,	/* the web server itself answers */
	FAULT_OTHER_MOUNT,	/* pintle answers, but knows no such address */
	FAULT_MOUNT_GUARDED,
	FAULT_WORKER_DOWN,
	FAULT_SITE_BROKEN,
	FAULT_NO_TLS,
	FAULT_PLAIN,
	/* at one of the host's addresses another part of the web server answers */
	FAULT_OTHER_BLOCK,
	FAULT_DEAD_ADDRESS,
	FAULT_FRONT,		/* a CDN or proxy answers in front */
	FAULT_ISSUER,
	FAULT_AUTHORIZATION,
	FAULT_METHODS,
	FAULT_BODY_LIMIT,
	FAULT_BODY_LOST,
	FAULT_CHUNKED,
	FAULT_CACHED,
	FAULT_WELL_KNOWN,	/* one of pintle's addresses outside the mount is not routed */
	FAULT_JWKS_STALE,
	FAULT_KEPT,

	/* a login */
	FAULT_LOGIN,
	FAULT_OTHER_STORE,
	FAULT_COOKIE_LOST,
	FAULT_COOKIE,
	FAULT_GATE_OFF,
	FAULT_CLOCK,
	FAULT_ADDRESS,
	FAULT_ADDRESS_FORGED,
	FAULT_LOGOUT,

	/* a guarded place */
	FAULT_UNGUARDED,
	FAULT_REDIRECTED,
	FAULT_DENY,
	FAULT_VERIFY,
	FAULT_XHR,
	FAULT_SCRIPT,
	FAULT_DEMAND,
	FAULT_NOT_LET_IN,
	FAULT_NO_INDEX,		/* the place itself has nothing to show */
	FAULT_PLACE_AUTHORIZATION,
	FAULT_KEEPABLE,
	FAULT_REMEMBERED,
	FAULT_FORGED,
	FAULT_OWN_COOKIE,

	/* the machine */
	FAULT_SOCKET_OPEN,
	FAULT_SOCKET_SHUT,
	FAULT_AUTHORIZER_STRANGER,
	FAULT_AUTHORIZER_ANYBODY,
	FAULT_AUTHORIZER_NONE,
	FAULT_LEFT_USER,
	FAULT_COUNT
};

/*
 * Appends the remedy for fault with this server. scope fills in {{origin}}, {{mount}}, {{socket}},
 * {{path}} (of the guarded place) and {{found}} (what was seen there). PT_ERR_INVALID if it lacks
 * one that is used.
 */
enum pt_err doctor_fault_mend(enum doctor_fault fault, enum server_family family,
    const struct template_scope *scope, struct buf *out);

#endif
