/*
 * Locks the process in, once everything that it will ever open is open: what
 * an intruder could make of a worker is to be as little as a worker does.
 */
#ifndef PINTLE_CMD_SANDBOX_H
#define PINTLE_CMD_SANDBOX_H

#include "base/error.h"

/*
 * Before any key is in memory: no core file, no memory for others of the same
 * user to read, no privilege to be had by exec. Inherited by children.
 */
enum pt_err sandbox_harden(void);

/*
 * Before threads are made. From here on: no exec, no fork, no new files and
 * none opened for writing, no sockets but Unix ones (syslog connects again), no
 * executable memory, no ptrace, no signal to others. What is open stays usable, threads can
 * be made, memory and the store's map can grow. Refused calls fail with EPERM.
 */
enum pt_err sandbox_enter(void);

#endif
