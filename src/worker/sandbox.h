/*
 * Locks the process in when everything that it will ever open is open, so that an intruder can do
 * as little with a worker as a worker itself does. See DESIGN.md, Locked in twice.
 */
#ifndef PINTLE_WORKER_SANDBOX_H
#define PINTLE_WORKER_SANDBOX_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Call before any key is in memory: forbids core files, access by other processes of the same user
 * to our memory, and new privileges by exec. Inherited by children.
 */
enum pt_err sandbox_harden(void);

/* What the process still needs. */
struct sandbox_needs {
	/*
	 * The state folder: its keys are read again, and closing the store and the limits opens
	 * their folders to take the turn.
	 */
	const char *folder;
	/* connect to syslog, and again after it restarts; else connect to nothing */
	bool syslog;
};

/*
 * Call before threads are started. From here on: no exec, no fork, no new files and none opened for
 * writing, no sockets (except Unix ones, for syslog), no executable memory, no ptrace, no signals
 * to other processes; and, with Landlock, no files except those needed. Open files stay usable,
 * threads can be started, and memory and the store's map can grow. The filter's refusals fail with
 * EPERM, Landlock's with EACCES. If this fails, whatever was forbidden so far stays forbidden.
 */
enum pt_err sandbox_enter(const struct sandbox_needs *needs);

#endif
