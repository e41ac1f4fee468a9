/*
 * Slots as locks on the bytes of one file (fcntl(2), F_OFD_SETLK). The lock
 * belongs to the open file description: it keeps other processes out, and the
 * kernel lets go of it when this one dies. Threads of one process share the
 * description and would pass through each other's locks, so a flag for each
 * slot keeps them apart. Nothing is opened after password_slots_open: a
 * sandboxed worker could not.
 *
 * Who needs several slots gathers them as they come free, or else those who need
 * one each would always be first. Only one gathers at a time, behind a lock on
 * a byte of its own, so no two wait for what the other has; and those
 * who have what they need wait for nothing. So all who wait get on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tally.h"
#include "crypto/password.h"
#include "crypto/random.h"

#define DOOR PASSWORD_SLOTS_MAX	/* the byte that gatherers lock, wherever the slots end */
#define NAP_MS 2	/* between two looks, and as much again by chance: waiters of many processes spread out */

struct password_slots {
	int fd;
	unsigned count;
	unsigned wait_ms;
	unsigned threads;	/* of this process: so many may be inside or wait, */
	atomic_uint engaged;	/* and so many do */
	atomic_bool taken[DOOR + 1];	/* by a thread of this process; slot i is byte i of the file */
	int next[DOOR + 1];	/* the slot that is held together with this one; -1: none */
};

enum pt_err
password_slots_open(const char *path, unsigned slots, unsigned wait_ms, unsigned threads, struct password_slots **out)
{
	struct password_slots *made;

	*out = NULL;
	if (slots == 0 || slots > PASSWORD_SLOTS_MAX || threads == 0)
		return PT_ERR_INVALID;
	made = calloc(1, sizeof(*made));
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
	for (unsigned i = 0; i <= DOOR; i++)
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

static void
slot_give(struct password_slots *slots, unsigned slot)
{
	struct flock lock;

	/* The lock first: a thread that sees the flag down must find the byte free. */
	slot_fcntl(slots, F_OFD_SETLK, F_UNLCK, slot, &lock);
	atomic_store(&slots->taken[slot], false);
}

static void
nap(void)
{
	uint32_t chance = 0;

	/* Without chance the waiters only meet more often. */
	(void)random_bytes(&chance, sizeof(chance));
	nanosleep(&(struct timespec){ 0, NAP_MS * 1000000L + (long)(chance % (NAP_MS * 1000000L)) }, NULL);
}

/* How long one thread has waited. */
struct wait {
	struct stamp since;
	unsigned naps;	/* that are left: their number bounds the wait as well, should a test's clock stand still */
};

static struct wait
wait_begin(const struct password_slots *slots)
{
	return (struct wait){ clock_now().stamp, slots->wait_ms / NAP_MS };
}

/* Waits a little; false when the time is over. */
static bool
wait_on(const struct password_slots *slots, struct wait *wait)
{
	if (wait->naps == 0 || clock_age_ms(clock_now().stamp, wait->since) >= slots->wait_ms)
		return false;
	tally_add(TALLY_HASHING_WAITED, wait->naps == slots->wait_ms / NAP_MS);
	wait->naps--;
	nap();
	return true;
}

/* Puts slots from first up to end before those in *held, each as it comes free, until weight more are there. */
static enum pt_err
slots_gather(struct password_slots *slots, unsigned first, unsigned end, unsigned weight, struct wait *wait, int *held)
{
	do {
		for (unsigned i = first; i < end && weight > 0; i++) {
			enum pt_err err = slot_take(slots, i);

			if (err == PT_ERR_BUSY)
				continue;
			if (err != PT_OK)
				return err;
			slots->next[i] = *held;
			*held = (int)i;
			weight--;
		}
	} while (weight > 0 && wait_on(slots, wait));
	return weight > 0 ? PT_ERR_BUSY : PT_OK;
}

static void
slots_give(struct password_slots *slots, int held)
{
	while (held >= 0) {
		int next = slots->next[held];

		slot_give(slots, (unsigned)held);
		held = next;
	}
}

static enum pt_err
slots_take(struct password_slots *slots, unsigned weight, int *held)
{
	struct wait wait = wait_begin(slots);
	int door = -1;
	enum pt_err err = PT_OK;

	if (weight > 1)
		err = slots_gather(slots, DOOR, DOOR + 1, 1, &wait, &door);
	if (err == PT_OK)
		err = slots_gather(slots, 0, slots->count, weight, &wait, held);
	slots_give(slots, door);
	if (err == PT_OK)
		return PT_OK;
	slots_give(slots, *held);
	*held = -1;
	return err;
}

enum pt_err
password_slots_enter_many(struct password_slots *slots, unsigned weight, int *slot)
{
	enum pt_err err = PT_ERR_BUSY;

	*slot = -1;
	if (weight == 0 || weight > slots->count)
		return PT_ERR_INVALID;
	/* A flood of logins must not hold every thread: then nothing else would be answered either. */
	if (atomic_fetch_add(&slots->engaged, 1) < slots->threads)
		err = slots_take(slots, weight, slot);
	if (err != PT_OK)
		atomic_fetch_sub(&slots->engaged, 1);
	if (err == PT_OK || err == PT_ERR_BUSY)
		tally_add(err == PT_OK ? TALLY_HASHING_DONE : TALLY_HASHING_BUSY, 1);
	return err;
}

enum pt_err
password_slots_enter(struct password_slots *slots, int *slot)
{
	return password_slots_enter_many(slots, 1, slot);
}

void
password_slots_leave(struct password_slots *slots, int slot)
{
	if (slot < 0)
		return;
	slots_give(slots, slot);
	atomic_fetch_sub(&slots->engaged, 1);
}

unsigned
password_slots_count(const struct password_slots *slots)
{
	return slots->count;
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
