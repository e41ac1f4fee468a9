/* How both programs end: what a script or a service manager can tell from it. */
#ifndef PINTLE_WORKER_EXIT_H
#define PINTLE_WORKER_EXIT_H

enum exit_status {
	EXIT_OK = 0,
	EXIT_FAILED = 1,	/* what was asked for did not work; the log or the terminal says why */
	EXIT_USAGE = 2,		/* the options make no sense */
	EXIT_CONFIG = 3,	/* the configuration cannot be read, or is wrong */
	EXIT_KEYS = 4,		/* the keys cannot be read, are wrong, or open to others */
	EXIT_STORE = 5,		/* the store cannot be opened */
	EXIT_SOCKET = 6,	/* the address cannot be listened at */
	EXIT_SANDBOX = 7,	/* the process could not be locked in */
	EXIT_LOST = 8,		/* the store, or the machine below it, has failed: start another, for it may pass */
};

#endif
