/*
 * Locks the process in, once everything that it will ever open is open: what
 * an intruder could make of a worker is to be as little as a worker does.
 */
#ifndef PINTLE_WORKER_SANDBOX_H
#define PINTLE_WORKER_SANDBOX_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Before any key is in memory: no core file, no memory for others of the same
 * user to read, no privilege to be had by exec. Inherited by children.
 */
enum pt_err sandbox_harden(void);

/* What the process goes on needing. */
struct sandbox_needs {
	const char *folder;	/* with the files that are read again: the keys */
	bool syslog;		/* connects to it, and again when it was restarted; without, to nothing */
};

/*
 * Before threads are made. From here on: no exec, no fork, no new files and
 * none opened for writing, no sockets but, for syslog, Unix ones, no
 * executable memory, no ptrace, no signal to others; and, where the kernel has Landlock, no file
 * but those needed. What is open stays usable, threads can
 * be made, memory and the store's map can grow. Calls that the filter refuses fail with EPERM, Landlock's with EACCES.
 * Where this fails, what could be forbidden stays forbidden.
 */
enum pt_err sandbox_enter(const struct sandbox_needs *needs);

#endif
