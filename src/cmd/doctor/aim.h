/*
 * What `pintle doctor` tests: the address of the site and its guarded places, from the command line
 * and the configuration.
 */
#ifndef PINTLE_CMD_DOCTOR_AIM_H
#define PINTLE_CMD_DOCTOR_AIM_H

#include "cmd/doctor/doctor.h"

struct doctor_aim {
	/* from the configuration, or else the defaults for the address */
	struct site site;
	bool has_config;
	struct buf address;		/* origin and mount, NUL-terminated */
	struct slice origin;		/* points into address */
	const char *mount;		/* the same */
	bool tls;
	/* the origin without TLS, NUL-terminated; empty: not known */
	struct buf plain;
	bool plain_is_same;		/* its host is that of the origin */
	/* the named addresses, else those of the host's name */
	struct http_addresses addresses;
	bool addresses_named;
	struct slice host;		/* points into address; an IPv6 address has brackets */
	struct doctor_place *places;
	size_t place_count;
	struct buf paths;		/* the places from the command line, each NUL-terminated */
};

/*
 * Finds out what to test. Returns an exit status; the reason has been printed. Free *out with
 * doctor_aim_free in any case.
 */
int doctor_aim_take(const struct arguments *arguments, struct doctor_aim *out);
void doctor_aim_free(struct doctor_aim *aim);

/* Appends groups with which every place can be entered: the first group of each; NUL-terminated. */
void doctor_aim_groups(const struct doctor_aim *aim, struct buf *out);

#endif
