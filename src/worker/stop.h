/*
 * The signals that ask the worker to end: blocked for every thread and child, and readable from a
 * descriptor instead.
 */
#ifndef PINTLE_WORKER_STOP_H
#define PINTLE_WORKER_STOP_H

#include "base/error.h"

/* Blocks them, and SIGPIPE. Call it before any thread or child is made: all of them inherit it. */
void stop_block_signals(void);

/* *fd, which is yours, is readable once one of them came. PT_ERR_IO with errno. */
enum pt_err stop_open(int *fd);

#endif
