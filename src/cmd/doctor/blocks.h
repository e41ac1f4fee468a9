/*
 * Where nginx's configuration has a server block of a name. A second one of the same name earns no
 * more than a warning of nginx's, and takes some of the site's addresses.
 */
#ifndef PINTLE_CMD_DOCTOR_BLOCKS_H
#define PINTLE_CMD_DOCTOR_BLOCKS_H

#include "base/buf.h"

struct doctor_blocks {
	size_t count;		/* of files */
	struct buf files;	/* their paths, with ", " between them */
};

/* Reads the output of `nginx -T`: which of its files names host in a server_name. *out, zeroed, is for doctor_blocks_free. */
void doctor_blocks_read(struct slice text, struct slice host, struct doctor_blocks *out);

/* Runs `nginx -T`, for which one has to be root, and reads it; *out stays empty where there is no nginx or it says no. */
void doctor_blocks_see(struct slice host, struct doctor_blocks *out);

void doctor_blocks_free(struct doctor_blocks *blocks);

#endif
