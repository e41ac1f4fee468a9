/*
 * Slots as locks on the bytes of one file. The locks belong to an open file
 * description (fcntl(2), F_OFD_SETLK): they keep other processes out, and the kernel
 * lets go of them when theirs dies. The threads of one process share its
 * description, so among them a flag for each slot comes first. The file is
 * opened once: a worker's sandbox opens nothing for writing.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/password.h"

#define POLL_MS 3

struct password_slots {
	int fd;
	unsigned count;
	unsigned wait_ms;
	atomic_bool taken[];	/* by a thread of this process */
};

enum pt_err
password_slots_open(const char *path, unsigned slots, unsigned wait_ms, struct password_slots **out)
{
	struct password_slots *made = calloc(1, sizeof *made + slots * sizeof made->taken[0]);

	*out = NULL;
	if (!made)
		return PT_ERR_NOMEM;
	made->count = slots;
	made->wait_ms = wait_ms;
	made->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (made->fd < 0) {
		free(made);
		return PT_ERR_IO;
	}
	*out = made;
	return PT_OK;
}

static struct flock
slot_lock(short type, unsigned slot)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)slot, .l_len = 1 };
}

/* Takes the slot from this process's threads, then from other processes. */
static bool
slot_take(struct password_slots *slots, unsigned slot)
{
	struct flock lock = slot_lock(F_WRLCK, slot);

	if (atomic_exchange(&slots->taken[slot], true))
		return false;
	if (fcntl(slots->fd, F_OFD_SETLK, &lock) == 0)
		return true;
	atomic_store(&slots->taken[slot], false);
	return false;
}

static int
slot_take_any(struct password_slots *slots)
{
	for (unsigned i = 0; i < slots->count; i++)
		if (slot_take(slots, i))
			return (int)i;
	return -1;
}

enum pt_err
password_slots_enter(struct password_slots *slots, int *slot)
{
	const struct timespec pause = { 0, POLL_MS * 1000000L };
	struct stamp since = clock_now().stamp;

	/* The rounds bound the wait too, should a test's clock stand still. */
	for (unsigned round = 0; round <= slots->wait_ms / POLL_MS; round++) {
		*slot = slot_take_any(slots);
		if (*slot >= 0)
			return PT_OK;
		if (clock_age_ms(clock_now().stamp, since) > (int64_t)slots->wait_ms)
			break;
		nanosleep(&pause, NULL);
	}
	return PT_ERR_BUSY;
}

void
password_slots_leave(struct password_slots *slots, int slot)
{
	if (slot < 0)
		return;
	struct flock lock = slot_lock(F_UNLCK, (unsigned)slot);

	/* The flag last: a thread of ours that took the slot in between would lose the lock with us. */
	fcntl(slots->fd, F_OFD_SETLK, &lock);
	atomic_store(&slots->taken[slot], false);
}

unsigned
password_slots_used(const struct password_slots *slots)
{
	unsigned used = 0;

	for (unsigned i = 0; i < slots->count; i++) {
		struct flock lock = slot_lock(F_WRLCK, i);

		/* The kernel tells of others' locks, never of one's own. */
		used += atomic_load(&slots->taken[i]) ||
		    (fcntl(slots->fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK);
	}
	return used;
}

void
password_slots_close(struct password_slots *slots)
{
	if (!slots)
		return;
	close(slots->fd);
	free(slots);
}
