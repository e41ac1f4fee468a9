/*
 * What `pintle doctor` is pointed at: the address of the site, and its guarded
 * places, as the command line and the configuration have them.
 */
#ifndef PINTLE_CMD_DOCTOR_AIM_H
#define PINTLE_CMD_DOCTOR_AIM_H

#include "cmd/doctor/doctor.h"

struct doctor_aim {
	struct site site;		/* of the configuration, or else the defaults for the address */
	bool has_config;
	struct buf address;		/* origin and mount, NUL-terminated */
	struct slice origin;		/* into address */
	const char *mount;		/* the same */
	bool tls;
	struct buf plain;		/* the origin without TLS, NUL-terminated; empty: not known */
	bool plain_is_same;		/* its host is the origin's */
	struct http_addresses addresses;	/* those that are named, else those that the host's name leads to */
	bool addresses_named;
	struct slice host;		/* into address, with brackets where it is an IPv6 address */
	struct doctor_place *places;
	size_t place_count;
	struct buf paths;		/* of the places that the command line names, each NUL-terminated */
};

/* Takes aim. An exit status; the reason was said. *out is for doctor_aim_free in any case. */
int doctor_aim_take(const struct arguments *arguments, struct doctor_aim *out);
void doctor_aim_free(struct doctor_aim *aim);

/* Appends groups with which every place can be entered: the first of each; NUL-terminated. */
void doctor_aim_groups(const struct doctor_aim *aim, struct buf *out);

#endif
