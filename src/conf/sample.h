/* The commented configuration that `pintle init` writes and that www-examples/ shows. */
#ifndef PINTLE_CONF_SAMPLE_H
#define PINTLE_CONF_SAMPLE_H

#include "base/buf.h"

/* The values to set; NULL: only the default, commented out like all other settings. */
struct sample {
	const char *issuer;
	const char *user;
	const char *state_folder;
	const char *socket_group;
};

/*
 * Appends a configuration with every setting of the table, each with its sentence and its possible
 * values.
 */
void sample_put(const struct sample *sample, struct buf *out);

#endif
