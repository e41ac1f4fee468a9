/*
 * Finds nginx's server blocks for a name. nginx only warns about a second block for the same name,
 * which takes over some of the site's addresses.
 */
#ifndef PINTLE_CMD_DOCTOR_BLOCKS_H
#define PINTLE_CMD_DOCTOR_BLOCKS_H

#include "base/buf.h"

struct doctor_blocks {
	size_t count;		/* the number of files */
	struct buf files;	/* their paths, separated by ", " */
};

/*
 * Reads the output of `nginx -T`: which files name host in a server_name. *out must be zeroed; free
 * it with doctor_blocks_free.
 */
void doctor_blocks_read(struct slice text, struct slice host, struct doctor_blocks *out);

/*
 * Runs `nginx -T`, which needs root, and reads it; *out stays empty if there is no nginx or it
 * fails.
 */
void doctor_blocks_see(struct slice host, struct doctor_blocks *out);

void doctor_blocks_free(struct doctor_blocks *blocks);

#endif
