/* What pintle.fcgi is told on its command line. */
#ifndef PINTLE_WORKER_OPTIONS_H
#define PINTLE_WORKER_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "worker/exit.h"

struct worker_options {
	const char *config;	/* NULL: the usual place */
	bool bind;		/* --socket: listen at a Unix socket of our own, */
	const char *socket;	/* at this path; NULL: the configured one */
	const char *listen;	/* --listen: at this TCP address, for authorizers; NULL: do not */
	unsigned workers;	/* 0: as configured */
	unsigned threads;	/* 0: as configured */
	bool sandbox;
};

/*
 * False if the program is to end right away, with *status: after --help,
 * --version, or nonsense, all of which is answered on the terminal. The strings point into argv.
 */
bool worker_options_parse(int argc, char **argv, struct worker_options *out, enum exit_status *status);

void worker_options_usage(FILE *to);

#endif
