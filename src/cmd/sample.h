/* The commented configuration that `pintle init` writes and that www-examples/ shows. */
#ifndef PINTLE_CMD_SAMPLE_H
#define PINTLE_CMD_SAMPLE_H

#include "base/buf.h"

/*
 * Appends a configuration with every setting of the table, each with its sentence and
 * what it may be; set are issuer and, unless it is NULL, user; the others are commented out at their defaults.
 */
void sample_put(const char *issuer, const char *user, struct buf *out);

#endif
