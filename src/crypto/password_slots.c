/*
 * Slots as locks on the bytes of one file (fcntl(2), F_OFD_SETLK). The lock
 * belongs to the open file description: it keeps other processes out, and the
 * kernel lets go of it when this one dies. Threads of one process share the
 * description and would pass through each other's locks, so a flag for each
 * slot keeps them apart. Nothing is opened after password_slots_open: a
 * sandboxed worker could not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/password.h"
#include "crypto/random.h"

#define NAP_MS 2	/* between two looks, and as much again by chance: waiters of many processes spread out */

struct password_slots {
	int fd;
	unsigned count;
	unsigned wait_ms;
	unsigned threads;	/* of this process: so many may be inside or wait, */
	atomic_uint engaged;	/* and so many do */
	atomic_bool taken[];	/* by a thread of this process; slot i is byte i of the file */
};

enum pt_err
password_slots_open(const char *path, unsigned slots, unsigned wait_ms, unsigned threads, struct password_slots **out)
{
	struct password_slots *made;

	*out = NULL;
	if (slots == 0 || slots > PASSWORD_SLOTS_MAX || threads == 0)
		return PT_ERR_INVALID;
	made = calloc(1, sizeof(*made) + slots * sizeof(made->taken[0]));
	if (made == NULL)
		return PT_ERR_NOMEM;
	made->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (made->fd < 0) {
		free(made);
		return PT_ERR_IO;
	}
	made->count = slots;
	made->wait_ms = wait_ms;
	made->threads = threads;
	atomic_init(&made->engaged, 0);
	for (unsigned i = 0; i < slots; i++)
		atomic_init(&made->taken[i], false);
	*out = made;
	return PT_OK;
}

static int
slot_fcntl(const struct password_slots *slots, int command, short type, unsigned slot, struct flock *lock)
{
	*lock = (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)slot, .l_len = 1 };
	return fcntl(slots->fd, command, lock);
}

/* PT_ERR_BUSY if somebody else has it. */
static enum pt_err
slot_take(struct password_slots *slots, unsigned slot)
{
	struct flock lock;

	if (atomic_exchange(&slots->taken[slot], true))
		return PT_ERR_BUSY;
	if (slot_fcntl(slots, F_OFD_SETLK, F_WRLCK, slot, &lock) == 0)
		return PT_OK;
	enum pt_err err = errno == EAGAIN || errno == EACCES ? PT_ERR_BUSY : PT_ERR_IO;

	atomic_store(&slots->taken[slot], false);
	return err;
}

static enum pt_err
slot_take_any(struct password_slots *slots, int *slot)
{
	enum pt_err err = PT_ERR_BUSY;

	for (unsigned i = 0; i < slots->count && err == PT_ERR_BUSY; i++) {
		err = slot_take(slots, i);
		if (err == PT_OK)
			*slot = (int)i;
	}
	return err;
}

static void
nap(void)
{
	uint32_t chance = 0;

	/* Without chance the waiters only meet more often. */
	(void)random_bytes(&chance, sizeof(chance));
	nanosleep(&(struct timespec){ 0, NAP_MS * 1000000L + (long)(chance % (NAP_MS * 1000000L)) }, NULL);
}

static enum pt_err
slot_wait(struct password_slots *slots, int *slot)
{
	struct stamp since = clock_now().stamp;
	enum pt_err err;

	/* The number of naps bounds the wait as well, should a test's clock stand still. */
	for (unsigned naps = slots->wait_ms / NAP_MS; ; naps--) {
		err = slot_take_any(slots, slot);
		if (err != PT_ERR_BUSY || naps == 0 || clock_age_ms(clock_now().stamp, since) >= slots->wait_ms)
			return err;
		nap();
	}
}

enum pt_err
password_slots_enter(struct password_slots *slots, int *slot)
{
	enum pt_err err = PT_ERR_BUSY;

	*slot = -1;
	/* A flood of logins must not hold every thread: then nothing else would be answered either. */
	if (atomic_fetch_add(&slots->engaged, 1) < slots->threads)
		err = slot_wait(slots, slot);
	if (err != PT_OK)
		atomic_fetch_sub(&slots->engaged, 1);
	return err;
}

void
password_slots_leave(struct password_slots *slots, int slot)
{
	struct flock lock;

	if (slot < 0)
		return;
	/* The lock first: a thread that sees the flag down must find the byte free. */
	slot_fcntl(slots, F_OFD_SETLK, F_UNLCK, (unsigned)slot, &lock);
	atomic_store(&slots->taken[slot], false);
	atomic_fetch_sub(&slots->engaged, 1);
}

/* Whether somebody has it: a thread of ours by its flag, another process by its lock. */
static bool
slot_is_used(const struct password_slots *slots, unsigned slot)
{
	struct flock lock;

	return atomic_load(&slots->taken[slot]) ||
	    (slot_fcntl(slots, F_OFD_GETLK, F_WRLCK, slot, &lock) == 0 && lock.l_type != F_UNLCK);
}

unsigned
password_slots_used(const struct password_slots *slots)
{
	unsigned used = 0;

	for (unsigned i = 0; i < slots->count; i++)
		used += slot_is_used(slots, i);
	return used;
}

void
password_slots_close(struct password_slots *slots)
{
	if (slots == NULL)
		return;
	close(slots->fd);
	free(slots);
}
