/* The command line of pintle.fcgi. */
#ifndef PINTLE_WORKER_OPTIONS_H
#define PINTLE_WORKER_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "worker/exit.h"

struct worker_options {
	const char *config;	/* NULL: the usual place */
	bool bind;		/* --socket: listen on our own Unix socket, */
	const char *socket;	/* at this path; NULL: the configured one */
	const char *listen;	/* --listen: also at this TCP address, for authorizers; NULL: no */
	unsigned workers;	/* 0: as configured */
	unsigned threads;	/* 0: as configured */
	bool sandbox;
};

/*
 * False if the program must end at once with *status: after --help, --version, or a mistake, all
 * answered on the terminal. The strings point into argv.
 */
bool worker_options_parse(int argc, char **argv, struct worker_options *out,
    enum exit_status *status);

void worker_options_usage(FILE *to);

#endif
