#include "store/limits/mark.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/u64.h"

/* In the file: the boot under which the word was written, and the word. */
#define MARK_SIZE (2 * U64_SIZE)

static const uint64_t mark_words[] = {
	[MARK_CLEAN] = 0x636c65616e,
	[MARK_UNSYNCED] = 0x756e73796e63,
	[MARK_BROKEN] = 0x62726f6b656e,
};

enum mark
mark_read(int fd)
{
	uint8_t bytes[MARK_SIZE];

	if (pread(fd, bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return MARK_NONE;
	uint64_t word = u64_get(bytes + U64_SIZE);

	if (word == mark_words[MARK_UNSYNCED])
		return u64_get(bytes) == clock_now().stamp.boot ? MARK_UNSYNCED : MARK_LOST;
	if (word == mark_words[MARK_CLEAN])
		return MARK_CLEAN;
	return word == mark_words[MARK_BROKEN] ? MARK_BROKEN : MARK_NONE;
}

enum pt_err
mark_write(int fd, enum mark mark)
{
	uint8_t bytes[MARK_SIZE];

	u64_put(bytes, clock_now().stamp.boot);
	u64_put(bytes + U64_SIZE, mark_words[mark]);
	if (pwrite(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes) && fdatasync(fd) == 0)
		return PT_OK;
	LOG_SPARELY(LOG_LEVEL_ERROR, "limits_failed", "mark",
	    LOG_STR("attempted", "mark what is on disk"), LOG_STR("cause", strerror(errno)));
	return PT_ERR_IO;
}
