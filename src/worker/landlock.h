/*
 * What of the file system a process may see, where the kernel has Landlock (5.13 and later; by version also no TCP and no
 * abstract Unix sockets). It holds whatever the system calls are that reach for a file, and is in
 * addition to the filter of system calls (sandbox.h).
 */
#ifndef PINTLE_WORKER_LANDLOCK_H
#define PINTLE_WORKER_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * From here on this thread, and those and the processes that it makes, open nothing but what is at or below the paths,
 * and that for reading; what is open stays. A path that is not there is left out. After PR_SET_NO_NEW_PRIVS.
 * *held is false, and nothing was done, where the kernel has no Landlock.
 */
enum pt_err landlock_enter(const char *const *paths, size_t count, bool *held);

#endif
