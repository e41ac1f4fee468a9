#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/password.h"

#define SLOTS 2
#define THREADS 32	/* more than any crowd here has */

static char folder[64];
static char path[96];

static int
setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "%s", "/tmp/slots.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/hashing.slots", folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

/* Slots as another process would have them, by a file description of its own. */
static struct password_slots *
slots_open(unsigned wait_ms)
{
	struct password_slots *slots;

	assert_int_equal(password_slots_open(path, SLOTS, wait_ms, THREADS, &slots), PT_OK);
	return slots;
}

static void
test_all_who_share_the_file_share_the_slots(void **state)
{
	struct password_slots *here = slots_open(0), *there = slots_open(0);
	int a, b, c;

	(void)state;
	assert_int_equal(password_slots_enter(here, &a), PT_OK);
	assert_int_equal(password_slots_enter(there, &b), PT_OK);
	assert_int_not_equal(a, b);
	assert_int_equal(password_slots_enter(here, &c), PT_ERR_BUSY);
	assert_int_equal(password_slots_enter(there, &c), PT_ERR_BUSY);
	assert_int_equal(password_slots_used(here), SLOTS);
	assert_int_equal(password_slots_used(there), SLOTS);
	password_slots_leave(there, b);
	assert_int_equal(password_slots_used(here), 1);
	assert_int_equal(password_slots_enter(here, &c), PT_OK);
	assert_int_equal(password_slots_enter(there, &b), PT_ERR_BUSY);
	password_slots_leave(here, a);
	password_slots_leave(here, c);
	assert_int_equal(password_slots_used(there), 0);
	password_slots_close(here);
	password_slots_close(there);
}

static void
test_a_slot_is_waited_for(void **state)
{
	struct password_slots *slots = slots_open(5000);
	int a, b, c;
	pid_t pid;

	(void)state;
	assert_int_equal(password_slots_enter(slots, &a), PT_OK);
	pid = fork();
	if (pid == 0) {
		struct password_slots *theirs = slots_open(0);

		_exit(password_slots_enter(theirs, &b) != PT_OK || poll(NULL, 0, 100) != 0);
	}
	while (password_slots_used(slots) < SLOTS)
		poll(NULL, 0, 1);
	assert_int_equal(password_slots_enter(slots, &c), PT_OK);
	waitpid(pid, NULL, 0);
	password_slots_leave(slots, a);
	password_slots_leave(slots, c);
	password_slots_close(slots);
}

static void
test_what_a_killed_process_held_is_free(void **state)
{
	struct password_slots *slots = slots_open(2000);
	int ready[2], a, b;
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct password_slots *theirs = slots_open(0);

		if (password_slots_enter(theirs, &a) == PT_OK && password_slots_enter(theirs, &b) == PT_OK &&
		    write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(password_slots_used(slots), SLOTS);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(password_slots_enter(slots, &a), PT_OK);
	password_slots_leave(slots, a);
	password_slots_close(slots);
	close(ready[0]);
	close(ready[1]);
}

struct crowd {
	struct password_slots *slots;
	atomic_int inside;
	atomic_bool too_many;
};

static void *
crowd_member(void *arg)
{
	struct crowd *crowd = arg;

	for (int i = 0; i < 20; i++) {
		int slot;

		if (password_slots_enter(crowd->slots, &slot) != PT_OK)
			continue;
		if (atomic_fetch_add(&crowd->inside, 1) >= SLOTS)
			atomic_store(&crowd->too_many, true);
		poll(NULL, 0, 1);
		atomic_fetch_sub(&crowd->inside, 1);
		password_slots_leave(crowd->slots, slot);
	}
	return NULL;
}

static void
test_threads_never_have_more_than_there_are(void **state)
{
	struct crowd crowd = { .slots = slots_open(5000) };
	pthread_t threads[6];

	(void)state;
	for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_member, &crowd), 0);
	for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++)
		pthread_join(threads[i], NULL);
	assert_false(atomic_load(&crowd.too_many));
	assert_int_equal(password_slots_used(crowd.slots), 0);
	password_slots_close(crowd.slots);
}

static void *
crowd_waiter(void *arg)
{
	struct crowd *crowd = arg;
	int slot;

	atomic_fetch_add(&crowd->inside, 1);
	if (password_slots_enter(crowd->slots, &slot) == PT_OK)
		password_slots_leave(crowd->slots, slot);
	else
		atomic_store(&crowd->too_many, true);
	return NULL;
}

static void
test_a_crowd_that_waits_leaves_other_threads_alone(void **state)
{
	struct crowd crowd = { 0 };
	struct timespec from, to;
	pthread_t waiter;
	int taken[SLOTS], more;

	(void)state;
	assert_int_equal(password_slots_open(path, SLOTS, 20000, SLOTS + 1, &crowd.slots), PT_OK);
	for (unsigned i = 0; i < SLOTS; i++)
		assert_int_equal(password_slots_enter(crowd.slots, &taken[i]), PT_OK);
	assert_int_equal(pthread_create(&waiter, NULL, crowd_waiter, &crowd), 0);
	while (atomic_load(&crowd.inside) == 0)
		poll(NULL, 0, 1);
	poll(NULL, 0, 20);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(password_slots_enter(crowd.slots, &more), PT_ERR_BUSY);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_in_range(to.tv_sec - from.tv_sec, 0, 5);	/* not after the wait */
	assert_int_equal(more, -1);
	/* Who waited gets its turn, and then there is a place again. */
	password_slots_leave(crowd.slots, taken[0]);
	pthread_join(waiter, NULL);
	assert_false(atomic_load(&crowd.too_many));
	assert_int_equal(password_slots_enter(crowd.slots, &more), PT_OK);
	password_slots_close(crowd.slots);
}

static void
test_the_file_is_its_owners_alone(void **state)
{
	struct password_slots *slots = slots_open(0);
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	password_slots_close(slots);
	assert_int_equal(password_slots_open("/nonexistent/slots", SLOTS, 0, THREADS, &slots), PT_ERR_IO);
	assert_null(slots);
	password_slots_close(NULL);
}

static void
test_each_slot_is_given_once(void **state)
{
	struct password_slots *slots = slots_open(0);
	int taken[SLOTS], more;

	(void)state;
	for (unsigned i = 0; i < SLOTS; i++) {
		assert_int_equal(password_slots_used(slots), i);
		assert_int_equal(password_slots_enter(slots, &taken[i]), PT_OK);
	}
	assert_int_equal(password_slots_enter(slots, &more), PT_ERR_BUSY);
	assert_int_equal(more, -1);
	password_slots_leave(slots, more);
	assert_int_equal(password_slots_used(slots), SLOTS);
	password_slots_leave(slots, taken[0]);
	assert_int_equal(password_slots_enter(slots, &more), PT_OK);
	assert_int_equal(more, taken[0]);
	/* Closing lets go of what is held, as death does. */
	password_slots_close(slots);
	slots = slots_open(0);
	assert_int_equal(password_slots_used(slots), 0);
	password_slots_close(slots);
}

static void
test_the_wait_is_bounded(void **state)
{
	struct password_slots *slots = slots_open(100);
	struct timespec from, to;
	int taken[SLOTS], more;

	(void)state;
	for (unsigned i = 0; i < SLOTS; i++)
		assert_int_equal(password_slots_enter(slots, &taken[i]), PT_OK);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(password_slots_enter(slots, &more), PT_ERR_BUSY);
	clock_gettime(CLOCK_MONOTONIC, &to);
	int64_t waited_ms = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;

	/* The upper bound is wide: the machine may be busy. */
	assert_in_range(waited_ms, 90, 2000);
	password_slots_close(slots);
}

static struct instant
clock_that_stands(void)
{
	return (struct instant){ 1, { 1, 1 } };
}

static void
test_the_wait_is_bounded_where_the_clock_stands(void **state)
{
	struct password_slots *slots = slots_open(50);
	int taken[SLOTS], more;

	(void)state;
	clock_set_source(clock_that_stands);
	for (unsigned i = 0; i < SLOTS; i++)
		assert_int_equal(password_slots_enter(slots, &taken[i]), PT_OK);
	assert_int_equal(password_slots_enter(slots, &more), PT_ERR_BUSY);
	clock_set_source(NULL);
	password_slots_close(slots);
}

static void
test_there_are_some_slots_and_not_too_many(void **state)
{
	struct password_slots *slots;

	(void)state;
	assert_int_equal(password_slots_open(path, 0, 0, THREADS, &slots), PT_ERR_INVALID);
	assert_int_equal(password_slots_open(path, PASSWORD_SLOTS_MAX + 1, 0, THREADS, &slots), PT_ERR_INVALID);
	assert_null(slots);
	assert_int_equal(password_slots_open(path, SLOTS, 0, 0, &slots), PT_ERR_INVALID);
	assert_int_equal(password_slots_open(path, PASSWORD_SLOTS_MAX, 0, THREADS, &slots), PT_OK);
	password_slots_close(slots);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_who_share_the_file_share_the_slots, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_slot_is_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_a_killed_process_held_is_free, setup, teardown),
		cmocka_unit_test_setup_teardown(test_threads_never_have_more_than_there_are, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_crowd_that_waits_leaves_other_threads_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_file_is_its_owners_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_slot_is_given_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_wait_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_wait_is_bounded_where_the_clock_stands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_there_are_some_slots_and_not_too_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
