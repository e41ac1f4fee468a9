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
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/password.h"

#define SLOTS 2
#define THREADS 32	/* larger than any crowd here */

static char folder[64];
static char path[96];

static int
setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s", "/tmp/slots.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/hashing.slots", folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static enum pt_err
open_as(const char *name, unsigned count, unsigned wait_ms, unsigned threads, struct password_slots **out)
{
	struct password_slots_options options = { .slots = count, .wait_ms = wait_ms, .threads = threads };

	return password_slots_open(name, &options, out);
}

/* Slots as another process would have them, with a file description of its own. */
static struct password_slots *
slots_open(unsigned wait_ms)
{
	struct password_slots *slots;

	assert_int_equal(open_as(path, SLOTS, wait_ms, THREADS, &slots), PT_OK);
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
	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_member, &crowd), 0);
	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
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
	assert_int_equal(open_as(path, SLOTS, 20000, SLOTS + 1, &crowd.slots), PT_OK);
	for (unsigned i = 0; i < SLOTS; i++)
		assert_int_equal(password_slots_enter(crowd.slots, &taken[i]), PT_OK);
	assert_int_equal(pthread_create(&waiter, NULL, crowd_waiter, &crowd), 0);
	while (atomic_load(&crowd.inside) == 0)
		poll(NULL, 0, 1);
	poll(NULL, 0, 20);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(password_slots_enter(crowd.slots, &more), PT_ERR_BUSY);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_in_range(to.tv_sec - from.tv_sec, 0, 5);	/* before the wait is over */
	assert_int_equal(more, -1);
	/* The one that waited gets its turn, and then a place is free again. */
	password_slots_leave(crowd.slots, taken[0]);
	pthread_join(waiter, NULL);
	assert_false(atomic_load(&crowd.too_many));
	assert_int_equal(password_slots_enter(crowd.slots, &more), PT_OK);
	password_slots_close(crowd.slots);
}

#define LINE 4

/* Waiting threads, and the order in which they were let in. */
struct line {
	struct password_slots *slots;
	atomic_int tid;		/* of the thread that came last */
	atomic_int let_in;
	int order[LINE];
};

struct line_member {
	struct line *line;
	int number;
};

static void *
line_member(void *arg)
{
	struct line_member *member = arg;
	struct line *line = member->line;
	int slot;

	atomic_store(&line->tid, gettid());
	if (password_slots_enter(line->slots, &slot) != PT_OK)
		return NULL;
	line->order[atomic_fetch_add(&line->let_in, 1)] = member->number;
	password_slots_leave(line->slots, slot);
	return NULL;
}

/* Whether the thread that came last can do nothing but wait. */
static bool
line_sleeps(struct line *line)
{
	char name[64], text[256] = "";
	FILE *file;

	if (atomic_load(&line->tid) == 0)
		return false;
	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", atomic_load(&line->tid));
	file = fopen(name, "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	return strstr(text, ") S ") != NULL;
}

static void
test_who_came_first_is_let_in_first(void **state)
{
	struct line line = { .slots = slots_open(60000) };
	struct line_member members[LINE];
	pthread_t threads[LINE];
	int taken[SLOTS];

	(void)state;
	for (unsigned i = 0; i < SLOTS; i++)
		assert_int_equal(password_slots_enter(line.slots, &taken[i]), PT_OK);
	for (int i = 0; i < LINE; i++) {
		atomic_store(&line.tid, 0);
		members[i] = (struct line_member){ &line, i };
		assert_int_equal(pthread_create(&threads[i], NULL, line_member, &members[i]), 0);
		while (!line_sleeps(&line))
			poll(NULL, 0, 1);
	}
	password_slots_leave(line.slots, taken[0]);
	for (int i = 0; i < LINE; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&line.let_in), LINE);
	for (int i = 0; i < LINE; i++)
		assert_int_equal(line.order[i], i);
	password_slots_close(line.slots);
}

static void *
line_hurrier(void *arg)
{
	struct line *line = arg;
	int slot;

	atomic_store(&line->tid, gettid());
	assert_int_equal(password_slots_enter(line->slots, &slot), PT_ERR_BUSY);
	atomic_fetch_add(&line->let_in, 1);
	return NULL;
}

/* However long the one ahead of it may wait. */
static void
test_who_waits_in_line_goes_when_its_time_is_over(void **state)
{
	struct line line = { .slots = slots_open(300) };
	pthread_t threads[LINE];
	int taken[SLOTS], more;

	(void)state;
	for (unsigned i = 0; i < SLOTS; i++)
		assert_int_equal(password_slots_enter(line.slots, &taken[i]), PT_OK);
	for (int i = 0; i < LINE; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, line_hurrier, &line), 0);
	for (int i = 0; i < LINE; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&line.let_in), LINE);
	/* They left no gap behind. */
	password_slots_leave(line.slots, taken[0]);
	assert_int_equal(password_slots_enter(line.slots, &more), PT_OK);
	password_slots_leave(line.slots, more);
	password_slots_close(line.slots);
}

static void
line_told(void *ctx, bool waits)
{
	atomic_fetch_add((atomic_int *)ctx, waits ? 1 : 100);
}

static void *
line_guest(void *arg)
{
	struct line *line = arg;
	struct password_waiter waiter = { line_told, &line->tid };
	int slot;

	if (password_slots_enter_many(line->slots, 1, &waiter, &slot) != PT_OK)
		return NULL;
	atomic_fetch_add(&line->let_in, 1);
	password_slots_leave(line->slots, slot);
	return NULL;
}

/* One thread may hash and two may wait; the remaining slots are for other processes. */
static void
test_a_thread_too_many_waits_and_is_seen_to_wait(void **state)
{
	struct password_slots_options options = { .slots = SLOTS, .wait_ms = 60000, .threads = 1, .queue = 2 };
	struct line line = { 0 };
	struct password_slots *there = slots_open(0);
	pthread_t threads[2];
	int inside, more;

	(void)state;
	assert_int_equal(password_slots_open(path, &options, &line.slots), PT_OK);
	assert_int_equal(password_slots_enter_many(line.slots, 1, &(struct password_waiter){ line_told, &line.tid },
	    &inside), PT_OK);
	assert_int_equal(atomic_load(&line.tid), 0);	/* not called where there is no wait */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, line_guest, &line), 0);
		while (atomic_load(&line.tid) != i + 1)
			poll(NULL, 0, 1);
	}
	assert_int_equal(password_slots_enter(line.slots, &more), PT_ERR_BUSY);
	assert_int_equal(password_slots_enter(there, &more), PT_OK);
	password_slots_leave(there, more);
	password_slots_leave(line.slots, inside);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&line.let_in), 2);
	assert_int_equal(atomic_load(&line.tid), 202);	/* both waits have ended */
	password_slots_close(line.slots);
	password_slots_close(there);
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
	assert_int_equal(open_as("/nonexistent/slots", SLOTS, 0, THREADS, &slots), PT_ERR_IO);
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
	/* Closing releases what is held, as death does. */
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

	/* The upper bound is generous: the machine may be busy. */
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

/* ---- hashes that need the memory of several slots ---- */

#define MANY 6

static struct password_slots *
many_open(unsigned wait_ms)
{
	struct password_slots *slots;

	assert_int_equal(open_as(path, MANY, wait_ms, THREADS, &slots), PT_OK);
	return slots;
}

static void
test_a_large_hash_holds_as_many_slots_as_it_weighs(void **state)
{
	struct password_slots *here = many_open(0), *there = many_open(0);
	int large, small, more;

	(void)state;
	assert_int_equal(password_slots_count(here), MANY);
	assert_int_equal(password_slots_enter_many(here, 4, NULL, &large), PT_OK);
	assert_int_equal(password_slots_used(there), 4);
	assert_int_equal(password_slots_enter(there, &small), PT_OK);
	/* One slot is left: those that wanted two keep none. */
	assert_int_equal(password_slots_enter_many(there, 2, NULL, &more), PT_ERR_BUSY);
	assert_int_equal(more, -1);
	assert_int_equal(password_slots_enter_many(here, 2, NULL, &more), PT_ERR_BUSY);
	assert_int_equal(password_slots_used(here), 5);
	password_slots_leave(here, large);
	assert_int_equal(password_slots_used(here), 1);
	assert_int_equal(password_slots_enter_many(there, 5, NULL, &more), PT_OK);
	assert_int_equal(password_slots_enter(here, &large), PT_ERR_BUSY);
	password_slots_leave(there, more);
	password_slots_leave(there, small);
	assert_int_equal(password_slots_enter_many(here, MANY, NULL, &large), PT_OK);
	assert_int_equal(password_slots_used(there), MANY);
	password_slots_leave(here, large);
	assert_int_equal(password_slots_enter_many(here, MANY + 1, NULL, &large), PT_ERR_INVALID);
	assert_int_equal(password_slots_enter_many(here, 0, NULL, &large), PT_ERR_INVALID);
	assert_int_equal(large, -1);
	assert_int_equal(password_slots_used(here), 0);
	password_slots_close(here);
	password_slots_close(there);
}

/* Threads and processes that take from one slot to all of them, and how many they hold together. */
struct mixed {
	atomic_uint held;
	atomic_uint most;
	atomic_uint turns;
	atomic_uint failures;
};

struct mixed_member {
	struct mixed *mixed;
	struct password_slots *slots;
	unsigned weight;
};

static void *
mixed_work(void *arg)
{
	struct mixed_member *member = arg;
	struct mixed *mixed = member->mixed;

	for (int i = 0; i < 12; i++) {
		int slot;

		if (password_slots_enter_many(member->slots, member->weight, NULL, &slot) != PT_OK) {
			atomic_fetch_add(&mixed->failures, 1);
			continue;
		}
		unsigned held = atomic_fetch_add(&mixed->held, member->weight) + member->weight;
		unsigned most = atomic_load(&mixed->most);

		while (held > most && !atomic_compare_exchange_weak(&mixed->most, &most, held))
			;
		poll(NULL, 0, 1);
		atomic_fetch_sub(&mixed->held, member->weight);
		password_slots_leave(member->slots, slot);
		atomic_fetch_add(&mixed->turns, 1);
	}
	return NULL;
}

static int
mixed_process(struct mixed *mixed)
{
	static const unsigned weights[] = { 1, 1, 1, 2, 3, MANY };
	struct mixed_member members[sizeof(weights) / sizeof(weights[0])];
	pthread_t threads[sizeof(weights) / sizeof(weights[0])];
	struct password_slots *slots = many_open(60000);

	for (size_t i = 0; i < sizeof(weights) / sizeof(weights[0]); i++) {
		members[i] = (struct mixed_member){ mixed, slots, weights[i] };
		assert_int_equal(pthread_create(&threads[i], NULL, mixed_work, &members[i]), 0);
	}
	for (size_t i = 0; i < sizeof(weights) / sizeof(weights[0]); i++)
		pthread_join(threads[i], NULL);
	password_slots_close(slots);
	return 0;
}

/* All get their turns, large or small, and never more than all slots are held. */
static void
test_large_and_small_together_never_pass_the_ceiling(void **state)
{
	struct mixed *mixed = mmap(NULL, sizeof(*mixed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct password_slots *slots;
	pid_t pids[2];

	(void)state;
	assert_ptr_not_equal(mixed, MAP_FAILED);
	for (size_t i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(mixed_process(mixed));
	}
	for (size_t i = 0; i < 2; i++) {
		int status;

		waitpid(pids[i], &status, 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(atomic_load(&mixed->failures), 0);
	assert_int_equal(atomic_load(&mixed->turns), 2 * 6 * 12);
	assert_in_range(atomic_load(&mixed->most), 2, MANY);
	slots = many_open(0);
	assert_int_equal(password_slots_used(slots), 0);
	password_slots_close(slots);
	munmap(mixed, sizeof(*mixed));
}

/* A gatherer keeps what it has while small ones come and go, so it is not put off for ever. */
static void
test_a_large_hash_gets_its_turn_in_a_stream_of_small_ones(void **state)
{
	struct mixed mixed = { 0 };
	struct password_slots *slots = many_open(60000);
	struct mixed_member small[2 * MANY];
	pthread_t threads[2 * MANY];
	int large;

	(void)state;
	for (size_t i = 0; i < 2 * MANY; i++) {
		small[i] = (struct mixed_member){ &mixed, slots, 1 };
		assert_int_equal(pthread_create(&threads[i], NULL, mixed_work, &small[i]), 0);
	}
	assert_int_equal(password_slots_enter_many(slots, MANY, NULL, &large), PT_OK);
	assert_int_equal(atomic_load(&mixed.held), 0);
	password_slots_leave(slots, large);
	for (size_t i = 0; i < 2 * MANY; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&mixed.failures), 0);
	password_slots_close(slots);
}

static void
test_there_are_some_slots_and_not_too_many(void **state)
{
	struct password_slots *slots;

	(void)state;
	assert_int_equal(open_as(path, 0, 0, THREADS, &slots), PT_ERR_INVALID);
	assert_int_equal(open_as(path, PASSWORD_SLOTS_MAX + 1, 0, THREADS, &slots), PT_ERR_INVALID);
	assert_null(slots);
	assert_int_equal(open_as(path, SLOTS, 0, 0, &slots), PT_ERR_INVALID);
	assert_int_equal(open_as(path, PASSWORD_SLOTS_MAX, 0, THREADS, &slots), PT_OK);
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
		cmocka_unit_test_setup_teardown(test_who_came_first_is_let_in_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_waits_in_line_goes_when_its_time_is_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_thread_too_many_waits_and_is_seen_to_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_file_is_its_owners_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_slot_is_given_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_wait_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_wait_is_bounded_where_the_clock_stands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_large_hash_holds_as_many_slots_as_it_weighs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large_and_small_together_never_pass_the_ceiling, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_large_hash_gets_its_turn_in_a_stream_of_small_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(test_there_are_some_slots_and_not_too_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
