/* The exit statuses of both programs, for scripts and service managers. */
#ifndef PINTLE_WORKER_EXIT_H
#define PINTLE_WORKER_EXIT_H

enum exit_status {
	EXIT_OK = 0,
	EXIT_FAILED = 1,	/* the request failed; the log or the terminal says why */
	EXIT_USAGE = 2,		/* the options make no sense */
	EXIT_CONFIG = 3,	/* the configuration cannot be read, or is wrong */
	/* the keys cannot be read, are wrong, or are accessible to others */
	EXIT_KEYS = 4,
	EXIT_STORE = 5,		/* the store cannot be opened */
	EXIT_SOCKET = 6,	/* listening on the address failed */
	EXIT_SANDBOX = 7,	/* the sandbox could not be set up */
	/* the store or the machine failed, perhaps only for a while: start another worker */
	EXIT_LOST = 8,
};

#endif
