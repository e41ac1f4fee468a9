/*
 * Where lines of the log go: standard error, or the system's log. Nothing here waits for long: a pipe that is full, a
 * disk without room or a system log that does not read takes no line, and says so. Whoever gives standard
 * error shares it with us and perhaps others, so its flags are left alone.
 */
#ifndef PINTLE_BASE_LOG_DESTINATION_H
#define PINTLE_BASE_LOG_DESTINATION_H

#include "base/slice.h"

/* Before threads are made, and before a sandbox. What standard error is later is looked at with each line. */
void log_stderr_open(void);

/*
 * True if something was taken, *taken bytes of it; less than all of them where there was room for no more. patient: one
 * that is full is given LOG_PATIENCE_MS to be read, for a burst of lines shall not be lost on a reader that is well.
 */
#define LOG_PATIENCE_MS 20
bool log_stderr_write(struct slice bytes, bool patient, size_t *taken);

void log_syslog_open(void);

/* One message (without a line's end) with a priority of syslog(3). Any thread. False if it was not taken; patient as above. */
bool log_syslog_write(int priority, struct slice message, bool patient);

/* In the place of /dev/log; NULL: that. Tests only. */
void log_syslog_set_path(const char *path);

#endif
