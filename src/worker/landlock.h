/*
 * Limits what a process can reach in the file system, if the kernel has Landlock (5.13 and later;
 * later versions also forbid TCP and abstract Unix sockets). It works whichever system call is
 * used, in addition to the filter of system calls (sandbox.h).
 */
#ifndef PINTLE_WORKER_LANDLOCK_H
#define PINTLE_WORKER_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * From here on this thread, and the threads and processes that it starts, can open only what is at
 * or below the paths, and only for reading; open files stay open. Missing paths are ignored. Call
 * after PR_SET_NO_NEW_PRIVS. *held is false, and nothing was done, if the kernel has no Landlock.
 */
enum pt_err landlock_enter(const char *const *paths, size_t count, bool *held);

#endif
