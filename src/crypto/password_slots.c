/*
 * Slots as locks on the bytes of one file. The locks belong to an open file
 * description (fcntl(2), F_OFD_SETLK), so each holder opens the file anew, and
 * the kernel lets go of them when its process dies.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/password.h"

#define POLL_MS 3

struct password_slots {
	char *path;
	unsigned count;
	unsigned wait_ms;
};

enum pt_err
password_slots_open(const char *path, unsigned slots, unsigned wait_ms, struct password_slots **out)
{
	struct password_slots *made = calloc(1, sizeof *made);

	*out = NULL;
	if (!made || !(made->path = strdup(path))) {
		free(made);
		return PT_ERR_NOMEM;
	}
	made->count = slots;
	made->wait_ms = wait_ms;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		password_slots_close(made);
		return PT_ERR_IO;
	}
	close(fd);
	*out = made;
	return PT_OK;
}

static bool
lock_byte(int fd, unsigned byte)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)byte, .l_len = 1 };

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

static bool
lock_any(const struct password_slots *slots, int fd)
{
	for (unsigned i = 0; i < slots->count; i++)
		if (lock_byte(fd, i))
			return true;
	return false;
}

enum pt_err
password_slots_enter(struct password_slots *slots, int *slot)
{
	const struct timespec pause = { 0, POLL_MS * 1000000L };
	struct stamp since = clock_now().stamp;
	int fd = open(slots->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	*slot = -1;
	if (fd < 0)
		return PT_ERR_IO;
	/* The rounds bound the wait too, should a test's clock stand still. */
	for (unsigned round = 0; round <= slots->wait_ms / POLL_MS; round++) {
		if (lock_any(slots, fd)) {
			*slot = fd;
			return PT_OK;
		}
		if (clock_age_ms(clock_now().stamp, since) > (int64_t)slots->wait_ms)
			break;
		nanosleep(&pause, NULL);
	}
	close(fd);
	return PT_ERR_BUSY;
}

void
password_slots_leave(struct password_slots *slots, int slot)
{
	(void)slots;
	if (slot >= 0)
		close(slot);
}

unsigned
password_slots_used(const struct password_slots *slots)
{
	unsigned used = 0;
	int fd = open(slots->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	for (unsigned i = 0; fd >= 0 && i < slots->count; i++) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)i, .l_len = 1 };

		used += fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	}
	if (fd >= 0)
		close(fd);
	return used;
}

void
password_slots_close(struct password_slots *slots)
{
	if (!slots)
		return;
	free(slots->path);
	free(slots);
}
