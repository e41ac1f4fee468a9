/*
 * Where log lines go: standard error, or the system log. Nothing here waits long: a full pipe, a
 * full disk or a system log that does not read accepts no line, and the caller learns so. Standard
 * error is shared with the process that started us and perhaps others, so its flags are left alone.
 */
#ifndef PINTLE_BASE_LOG_DESTINATION_H
#define PINTLE_BASE_LOG_DESTINATION_H

#include "base/slice.h"

/*
 * Call before threads are started and before the sandbox. What standard error becomes later is
 * checked with each line.
 */
void log_stderr_open(void);

/*
 * True if something was accepted: *taken bytes, fewer than all if there was no room for more. If
 * patient, a full pipe is given LOG_PATIENCE_MS to be read, so that a healthy reader loses nothing
 * in a burst.
 */
#define LOG_PATIENCE_MS 20
bool log_stderr_write(struct slice bytes, bool patient, size_t *taken);

void log_syslog_open(void);

/*
 * One message, without a newline, with a priority of syslog(3). From any thread. False if it was
 * not accepted; patient as above.
 */
bool log_syslog_write(int priority, struct slice message, bool patient);

/* Replaces /dev/log; NULL restores it. Tests only. */
void log_syslog_set_path(const char *path);

#endif
