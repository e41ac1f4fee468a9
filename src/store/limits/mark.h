/*
 * The mark: a file beside the environment that says whether all that was written is on disk. It is
 * set to unsynced, durably, before the first write after a sync, and back to clean after the next
 * sync. So an environment that an earlier boot left clean is whole; no other one is trusted.
 */
#ifndef PINTLE_STORE_LIMITS_MARK_H
#define PINTLE_STORE_LIMITS_MARK_H

#include "base/error.h"

enum mark {
	MARK_NONE = 0,		/* no mark of ours, or a file that cannot be read */
	MARK_CLEAN,		/* everything is on disk */
	MARK_UNSYNCED,		/* written since this machine started; good as long as it runs */
	MARK_LOST,		/* written before this machine started, and never synced */
	MARK_BROKEN,		/* a process found damage */
};

/* The file's word now. */
enum mark mark_read(int fd);

/* Writes one of CLEAN, UNSYNCED and BROKEN, durably. PT_ERR_IO, logged. */
enum pt_err mark_write(int fd, enum mark mark);

#endif
