/*
 * Slots are locks on the bytes of one file (fcntl(2), F_OFD_SETLK). A lock belongs to the open file
 * description: it excludes other processes, and the kernel releases it when this one dies. Threads
 * of one process share the description, so their locks would not exclude each other; a flag for
 * each slot does. Nothing is opened after password_slots_open, since a sandboxed worker could not.
 *
 * A thread that needs several slots gathers them as they come free, or threads that need one each
 * would always be faster. Only one gathers at a time, under a lock on a byte of its own, so no two
 * wait for each other's slots; and threads that have all their slots wait for nothing. So everyone
 * who waits gets a turn (DESIGN.md, Imported hashes hold several slots).
 *
 * The threads of one process stand in a queue, first come, first served, and only its head looks
 * for slots: however many wait, a process looks once in a few milliseconds.
 *
 * See DESIGN.md, Hashing slots are locks on a file; DESIGN.md, Waiting for a slot.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tally.h"
#include "crypto/password.h"
#include "crypto/random.h"

#define DOOR PASSWORD_SLOTS_MAX	/* the byte that gatherers lock, above all slots */
/* between two looks, and a random time up to as much again, so that the processes spread out */
#define NAP_US 2000

struct place;

struct password_slots {
	int fd;
	unsigned count;
	unsigned wait_ms;
	unsigned threads;	/* how many threads of this process may be inside, */
	unsigned queue;		/* and how many may wait besides */
	atomic_uint inside;
	atomic_uint engaged;	/* inside or waiting */
	pthread_mutex_t line_lock;
	bool calls;		/* whether the last slot that came free woke the queue */
	struct place *line;	/* this process's waiting threads; the first one looks for slots */
	struct place **line_end;
	/* held by a thread of this process; slot i is byte i of the file */
	atomic_bool taken[DOOR + 1];
	int next[DOOR + 1];	/* the next slot of the same holder; -1: none */
};

enum pt_err
password_slots_open(const char *path, const struct password_slots_options *options,
    struct password_slots **out)
{
	struct password_slots *made;

	*out = NULL;
	if (options->slots == 0 || options->slots > PASSWORD_SLOTS_MAX || options->threads == 0)
		return PT_ERR_INVALID;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return PT_ERR_NOMEM;
	made->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (made->fd < 0) {
		free(made);
		return PT_ERR_IO;
	}
	made->count = options->slots;
	made->wait_ms = options->wait_ms;
	made->threads = options->threads;
	made->queue = options->queue;
	atomic_init(&made->inside, 0);
	atomic_init(&made->engaged, 0);
	pthread_mutex_init(&made->line_lock, NULL);
	made->line_end = &made->line;
	for (unsigned i = 0; i <= DOOR; i++)
		atomic_init(&made->taken[i], false);
	*out = made;
	return PT_OK;
}

static int
slot_fcntl(const struct password_slots *slots, int command, short type, unsigned slot,
    struct flock *lock)
{
	*lock = (struct flock){
		.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)slot, .l_len = 1,
	};
	return fcntl(slots->fd, command, lock);
}

/* PT_ERR_BUSY if another process has it. */
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

	/* Unlock first: a thread that sees the flag cleared must find the byte free. */
	slot_fcntl(slots, F_OFD_SETLK, F_UNLCK, slot, &lock);
	atomic_store(&slots->taken[slot], false);
}

/* A waiting thread's place in this process's queue. */
struct place {
	struct place *next;
	pthread_cond_t called;	/* it is the first now, or may look again */
	struct timespec until;	/* signalled when it need not wait longer */
	bool patient;		/* false: it takes what it finds, or gives up */
	const struct password_waiter *waiter;	/* NULL: nobody is to be called */
	bool waits;		/* so the waiter was called */
};

/* Joins the end of the queue. Its wait begins now. */
static void
line_join(struct password_slots *slots, struct place *place)
{
	pthread_condattr_t attr;

	place->until = clock_wait_end((int64_t)slots->wait_ms * 1000);
	place->patient = slots->wait_ms > 0;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&place->called, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_lock(&slots->line_lock);
	*slots->line_end = place;
	slots->line_end = &place->next;
	pthread_mutex_unlock(&slots->line_lock);
}

/* Leaves the queue; the next thread becomes its head. */
static void
line_leave(struct password_slots *slots, struct place *place)
{
	struct place **at = &slots->line;

	pthread_mutex_lock(&slots->line_lock);
	while (*at != place)
		at = &(*at)->next;
	*at = place->next;
	if (*at == NULL)
		slots->line_end = at;
	else if (at == &slots->line)
		pthread_cond_signal(&(*at)->called);
	pthread_mutex_unlock(&slots->line_lock);
	pthread_cond_destroy(&place->called);
	tally_add(TALLY_HASHING_WAITED, place->waits);
	if (place->waits && place->waiter)
		place->waiter->told(place->waiter->ctx, false);
}

/*
 * A slot has come free. Wake our queue's head only every second time, so that an endless queue
 * cannot starve other processes.
 */
static void
line_call(struct password_slots *slots)
{
	pthread_mutex_lock(&slots->line_lock);
	slots->calls = !slots->calls;
	if (slots->calls && slots->line)
		pthread_cond_signal(&slots->line->called);
	pthread_mutex_unlock(&slots->line_lock);
}

static void
place_sleeps(struct place *place)
{
	if (place->waits)
		return;
	place->waits = true;
	if (place->waiter)
		place->waiter->told(place->waiter->ctx, true);
}

/* PT_ERR_BUSY if the time is over before this thread is the head. */
static enum pt_err
line_wait(struct password_slots *slots, struct place *place)
{
	int rc = 0;

	pthread_mutex_lock(&slots->line_lock);
	while (slots->line != place && place->patient && rc == 0) {
		place_sleeps(place);
		rc = pthread_cond_timedwait(&place->called, &slots->line_lock, &place->until);
	}
	bool first = slots->line == place;

	pthread_mutex_unlock(&slots->line_lock);
	return first ? PT_OK : PT_ERR_BUSY;
}

/* Waits a little, but not beyond the remaining time; false if that was over. */
static bool
place_nap(struct password_slots *slots, struct place *place)
{
	struct timespec until;
	uint64_t more_us;

	if (!place->patient)
		return false;
	/* If the random source fails, processes merely look at the same time more often. */
	(void)random_below(NAP_US, &more_us);
	until = clock_wait_end((int64_t)(NAP_US + more_us));
	if (clock_is_before(place->until, until)) {
		until = place->until;
		place->patient = false;
	}
	pthread_mutex_lock(&slots->line_lock);
	place_sleeps(place);
	(void)pthread_cond_timedwait(&place->called, &slots->line_lock, &until);
	pthread_mutex_unlock(&slots->line_lock);
	return true;
}

/* Adds slots from first to end to *held, as they come free, until there are weight more. */
static enum pt_err
slots_gather(struct password_slots *slots, unsigned first, unsigned end, unsigned weight,
    struct place *place, int *held)
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
	} while (weight > 0 && place_nap(slots, place));
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
slots_take(struct password_slots *slots, unsigned weight, struct place *place, int *held)
{
	int door = -1;
	enum pt_err err = PT_OK;

	if (weight > 1)
		err = slots_gather(slots, DOOR, DOOR + 1, 1, place, &door);
	if (err == PT_OK)
		err = slots_gather(slots, 0, slots->count, weight, place, held);
	slots_give(slots, door);
	if (err == PT_OK)
		return PT_OK;
	slots_give(slots, *held);
	*held = -1;
	return err;
}

static enum pt_err
slots_wait_and_take(struct password_slots *slots, unsigned weight, struct place *place, int *held)
{
	line_join(slots, place);
	enum pt_err err = line_wait(slots, place);

	/* This thread is the head now, and nobody else comes in. */
	while (err == PT_OK && atomic_load(&slots->inside) >= slots->threads)
		err = place_nap(slots, place) ? PT_OK : PT_ERR_BUSY;
	if (err == PT_OK)
		err = slots_take(slots, weight, place, held);
	if (err == PT_OK)
		atomic_fetch_add(&slots->inside, 1);
	line_leave(slots, place);
	return err;
}

enum pt_err
password_slots_enter_many(struct password_slots *slots, unsigned weight,
    const struct password_waiter *waiter, int *slot)
{
	struct place place = { .waiter = waiter };
	enum pt_err err = PT_ERR_BUSY;

	*slot = -1;
	if (weight == 0 || weight > slots->count)
		return PT_ERR_INVALID;
	/* A flood of logins must not occupy every thread, or nothing else would be answered. */
	if (atomic_fetch_add(&slots->engaged, 1) < slots->threads + slots->queue)
		err = slots_wait_and_take(slots, weight, &place, slot);
	if (err != PT_OK)
		atomic_fetch_sub(&slots->engaged, 1);
	if (err == PT_OK || err == PT_ERR_BUSY)
		tally_add(err == PT_OK ? TALLY_HASHING_DONE : TALLY_HASHING_BUSY, 1);
	return err;
}

enum pt_err
password_slots_enter(struct password_slots *slots, int *slot)
{
	return password_slots_enter_many(slots, 1, NULL, slot);
}

void
password_slots_leave(struct password_slots *slots, int slot)
{
	if (slot < 0)
		return;
	slots_give(slots, slot);
	atomic_fetch_sub(&slots->inside, 1);
	atomic_fetch_sub(&slots->engaged, 1);
	line_call(slots);
}

unsigned
password_slots_count(const struct password_slots *slots)
{
	return slots->count;
}

unsigned
password_slots_used(const struct password_slots *slots)
{
	unsigned used = 0;
	struct flock lock;

	/* A slot is taken by a thread of ours (its flag) or by another process (its lock). */
	for (unsigned i = 0; i < slots->count; i++)
		used += atomic_load(&slots->taken[i]) ||
		    (slot_fcntl(slots, F_OFD_GETLK, F_WRLCK, i, &lock) == 0 &&
		    lock.l_type != F_UNLCK);
	return used;
}

void
password_slots_close(struct password_slots *slots)
{
	if (slots == NULL)
		return;
	close(slots->fd);
	pthread_mutex_destroy(&slots->line_lock);
	free(slots);
}
