/* The limits' store: shared by threads and processes, bounded, and never blocked for good. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "store/limits/limits.h"
#include "support/scratch.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define RECORDS 100

static struct instant now = { .wall_ms = INT64_C(1790000000000), .stamp = { .boot = 1, .ms = 1000000 } };

static struct instant
test_clock(void)
{
	return now;
}

static int
begin(void **state)
{
	now = (struct instant){ .wall_ms = INT64_C(1790000000000), .stamp = { .boot = 1, .ms = 1000000 } };
	clock_set_source(test_clock);
	return scratch_begin(state);
}

static void
pass(int64_t ms)
{
	now.wall_ms += ms;
	now.stamp.ms += ms;
}

static struct limits *
opened(void)
{
	struct limits *limits;

	assert_int_equal(limits_open(scratch_path("limits"), RECORDS, &limits), PT_OK);
	return limits;
}

static struct limits_claim
claim_of(unsigned number)
{
	struct limits_claim claim = { .policy = { 10, MINUTE, HOUR } };

	memcpy(claim.key, &number, sizeof(number));
	return claim;
}

static bool
try_at(struct limits *limits, unsigned number)
{
	const struct limits_claim claim = claim_of(number);
	struct limits_verdict verdict;

	assert_int_equal(limits_take(limits, &claim, 1, now, &verdict), PT_OK);
	return verdict.allowed;
}

static unsigned
tries_until_refused(struct limits *limits, unsigned number)
{
	unsigned made = 0;

	while (try_at(limits, number))
		made++;
	return made;
}

static uint64_t
count_of(struct limits *limits)
{
	uint64_t count;

	assert_int_equal(limits_count(limits, &count), PT_OK);
	return count;
}

/* ---- one after the other ---- */

static void
what_was_counted_is_there_after_opening_again(void **state)
{
	struct limits *limits = opened();
	struct stat st;

	(void)state;
	assert_int_equal(tries_until_refused(limits, 1), 10);
	limits_close(limits);
	limits = opened();
	assert_int_equal(tries_until_refused(limits, 1), 0);
	assert_int_equal(tries_until_refused(limits, 2), 10);
	limits_close(limits);
	assert_int_equal(stat(scratch_path("limits"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(scratch_path("limits/data.mdb"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
a_try_counts_for_all_or_for_none(void **state)
{
	struct limits *limits = opened();
	const struct limits_claim both[] = { claim_of(1), claim_of(2) };
	struct limits_verdict verdict;

	(void)state;
	assert_int_equal(tries_until_refused(limits, 1), 10);
	assert_int_equal(limits_take(limits, both, 2, now, &verdict), PT_OK);
	assert_false(verdict.allowed);
	assert_int_equal(verdict.retry_after_ms, MINUTE);
	assert_int_equal(count_of(limits), 1);
	assert_int_equal(limits_give_back(limits, both, 1, now), PT_OK);
	assert_int_equal(limits_take(limits, both, 2, now, &verdict), PT_OK);
	assert_true(verdict.allowed);
	assert_int_equal(count_of(limits), 2);
	assert_int_equal(limits_give_back(limits, both, 2, now), PT_OK);
	assert_int_equal(count_of(limits), 1);
	limits_close(limits);
}

/* The longest wait is reported: after it all claims allow the try. */
static void
of_two_waits_the_longer_one_is_told(void **state)
{
	struct limits *limits = opened();
	struct limits_claim both[] = { claim_of(1), claim_of(2) };
	struct limits_verdict verdict;

	(void)state;
	both[1].policy = (struct limit_policy){ 1, 5 * MINUTE, HOUR };
	assert_int_equal(limits_take(limits, both, 2, now, &verdict), PT_OK);
	assert_int_equal(tries_until_refused(limits, 1), 9);
	assert_int_equal(limits_take(limits, both, 2, now, &verdict), PT_OK);
	assert_int_equal(verdict.retry_after_ms, 5 * MINUTE);
	pass(5 * MINUTE);
	assert_int_equal(limits_take(limits, both, 2, now, &verdict), PT_OK);
	assert_true(verdict.allowed);
	limits_close(limits);
}

static void
a_limit_is_told_of_once_a_minute(void **state)
{
	struct limits *limits = opened();
	const struct limits_claim claim = claim_of(1);
	struct limits_verdict verdict;
	unsigned told = 0;

	(void)state;
	tries_until_refused(limits, 1);	/* the first refusal was reported */
	for (int i = 0; i < 500; i++, pass(100)) {
		assert_int_equal(limits_take(limits, &claim, 1, now, &verdict), PT_OK);
		assert_false(verdict.allowed);
		told += verdict.tell;
	}
	assert_int_equal(told, 0);
	pass(10000);
	assert_int_equal(limits_take(limits, &claim, 1, now, &verdict), PT_OK);
	assert_true(verdict.allowed);
	assert_int_equal(limits_take(limits, &claim, 1, now, &verdict), PT_OK);
	assert_true(verdict.tell);
	/* The count has all that were refused since, including this one. */
	assert_int_equal(verdict.refused, 501);
	assert_int_equal(limits_take(limits, &claim, 1, now, &verdict), PT_OK);
	assert_int_equal(verdict.refused, 1);
	limits_close(limits);
}

static void
a_limit_is_lifted(void **state)
{
	struct limits *limits = opened();
	const struct limits_claim claim = claim_of(1);
	struct limit_state s;

	(void)state;
	tries_until_refused(limits, 1);
	assert_int_equal(limits_get(limits, claim.key, &s), PT_OK);
	assert_int_equal(limit_count(&claim.policy, &s, now), 10);
	assert_int_equal(limits_forget(limits, claim.key), PT_OK);
	assert_int_equal(limits_forget(limits, claim.key), PT_OK);
	assert_int_equal(count_of(limits), 0);
	assert_int_equal(tries_until_refused(limits, 1), 10);
	limits_close(limits);
}

/* ---- bounds ---- */

static void
what_is_forgotten_is_swept_whatever_the_wall_clock_says(void **state)
{
	struct limits *limits = opened();
	unsigned removed;

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		assert_true(try_at(limits, i));
	assert_int_equal(tries_until_refused(limits, 7), 9);
	now.wall_ms += 1000 * HOUR;	/* a step of the clock: no time has passed */
	assert_int_equal(limits_sweep(limits, now, 1000, &removed), PT_OK);
	assert_int_equal(count_of(limits), 50);
	pass(HOUR);
	assert_int_equal(limits_sweep(limits, now, 20, &removed), PT_OK);
	assert_int_equal(removed, 20);
	assert_int_equal(limits_sweep(limits, now, 1000, &removed), PT_OK);
	assert_int_equal(count_of(limits), 1);
	assert_int_equal(tries_until_refused(limits, 7), 1);
	limits_close(limits);
}

/* Strangers who fill the table push each other out, not the account that is under attack. */
static void
filling_it_lifts_no_limit(void **state)
{
	struct limits *limits = opened();

	(void)state;
	assert_int_equal(tries_until_refused(limits, 1000000), 10);
	for (unsigned i = 0; i < 20 * RECORDS; i++) {
		assert_true(try_at(limits, i));
		assert_true(count_of(limits) <= RECORDS);
		pass(1);
	}
	assert_int_equal(tries_until_refused(limits, 1000000), 0);
	limits_close(limits);
}

/*
 * The real number, each of them twice: they fit into the file, which does not grow without limit.
 */
static void
the_file_is_bounded(void **state)
{
	struct limits *limits;
	struct stat st;
	uint8_t spread;

	(void)state;
	assert_int_equal(limits_open(scratch_path("limits"), 20000, &limits), PT_OK);
	for (unsigned i = 0; i < 60000; i++) {
		struct limits_claim claim = claim_of(i * 2654435761u);
		struct limits_verdict verdict;

		spread = (uint8_t)(i * 37);
		claim.key[8] = spread;
		assert_int_equal(limits_take(limits, &claim, 1, now, &verdict), PT_OK);
		pass(1);
	}
	assert_int_equal(count_of(limits), 20000);
	assert_int_equal(stat(scratch_path("limits/data.mdb"), &st), 0);
	/* A tenth of the real number takes at most a tenth of a map of 128 MiB. */
	assert_true(st.st_size < 128 * 1024 * 1024 / 10);
	limits_close(limits);
}

/* ---- at the same time ---- */

struct crowd {
	struct limits *limits;
	pthread_barrier_t start;
	atomic_uint allowed;
};

static void *
crowd_thread(void *arg)
{
	struct crowd *crowd = arg;
	const struct limits_claim claim = claim_of(1);
	struct limits_verdict verdict;

	pthread_barrier_wait(&crowd->start);
	for (int i = 0; i < 10; i++)
		if (limits_take(crowd->limits, &claim, 1, now, &verdict) == PT_OK && verdict.allowed)
			atomic_fetch_add(&crowd->allowed, 1);
	return NULL;
}

static void
parallel_threads_get_no_more_than_one_would(void **state)
{
	struct crowd crowd = { .limits = opened() };
	pthread_t threads[16];

	(void)state;
	pthread_barrier_init(&crowd.start, NULL, 16);
	for (int i = 0; i < 16; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_thread, &crowd), 0);
	for (int i = 0; i < 16; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&crowd.start);
	assert_int_equal(crowd.allowed, 10);
	limits_close(crowd.limits);
}

/* Another process; its exit status is how many of this many tries were allowed. */
static pid_t
another_process(unsigned tries, bool until_killed)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	const struct limits_claim claim = claim_of(1);
	struct limits_verdict verdict;
	struct limits *limits;
	int allowed = 0;

	if (limits_open(scratch_path("limits"), RECORDS, &limits) != PT_OK)
		_exit(100);
	for (unsigned i = 0; until_killed || i < tries; i++) {
		struct limits_claim other = claim_of(until_killed ? i + 10 : 1);

		if (limits_take(limits, until_killed ? &other : &claim, 1, now, &verdict) != PT_OK)
			_exit(101);
		allowed += verdict.allowed;
	}
	limits_close(limits);
	_exit(allowed);
}

static void
parallel_processes_get_no_more_than_one_would(void **state)
{
	pid_t children[8];
	int status, allowed = 0;

	(void)state;
	for (int i = 0; i < 8; i++)
		children[i] = another_process(20, false);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		allowed += WEXITSTATUS(status);
	}
	assert_int_equal(allowed, 10);
}

static void
a_process_killed_while_it_counts_costs_nothing(void **state)
{
	struct limits *limits = opened();

	(void)state;
	assert_int_equal(tries_until_refused(limits, 1000000), 10);
	for (int i = 0; i < 10; i++) {
		pid_t child = another_process(0, true);

		usleep(5000 + 3000 * (unsigned)i);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		assert_int_equal(tries_until_refused(limits, 1000000), 0);
	}
	limits_close(limits);
}

/* ---- what may be damaged is made anew and never trusted ---- */

static void
reboot(void)
{
	now.stamp = (struct stamp){ now.stamp.boot + 1, 5000 };
	pass(MINUTE / 2);
}

static void
a_reboot_in_order_loses_nothing(void **state)
{
	struct limits *limits = opened();
	unsigned removed;

	(void)state;
	assert_int_equal(tries_until_refused(limits, 1), 10);
	assert_int_equal(limits_sweep(limits, now, 10, &removed), PT_OK);
	limits_close(limits);
	reboot();
	limits = opened();
	assert_int_equal(tries_until_refused(limits, 1), 0);
	/* Written to since then: not trusted if the machine crashes now. */
	assert_true(try_at(limits, 2));
	limits_close(limits);
	reboot();
	log_open(LOG_TO_STDERR, LOG_LEVEL_ERROR);
	limits = opened();
	assert_int_equal(tries_until_refused(limits, 1), 10);
	limits_close(limits);
}

/* Another process may count between our look at the mark and our write: its mark must stay. */
static void
opening_says_nothing_about_what_others_wrote(void **state)
{
	struct limits *limits = opened(), *other;
	struct buf before = BUF_EMPTY, after = BUF_EMPTY;
	unsigned removed;

	(void)state;
	assert_true(try_at(limits, 1));
	assert_int_equal(limits_sweep(limits, now, 10, &removed), PT_OK);
	limits_close(limits);
	scratch_read("limits/mark", &before);
	reboot();
	other = opened();
	scratch_read("limits/mark", &after);
	assert_true(slice_eq(buf_slice(&before), buf_slice(&after)));
	limits_close(other);
	buf_free(&before);
	buf_free(&after);
}

static const struct {
	const char *name, *file, *text;
	off_t cut;
} damages[] = {
	{ "the file is empty", "limits/data.mdb", "", 0 },
	{ "the file is no database", "limits/data.mdb", "this is no database, whatever its name may say", 0 },
	{ "the file was cut behind its first pages", "limits/data.mdb", NULL, 8192 },
	{ "the mark is none", "limits/mark", "0123456789abcdef", 0 },
	{ "the mark is empty", "limits/mark", "", 0 },
};

/*
 * In both meta pages, which LMDB trusts: after a page header come the magic, a page size, flags and
 * the last page.
 */
static const struct {
	const char *name;
	off_t at;
	uint64_t value;
	size_t len;
} heads[] = {
	{ "the magic is another", 16, 7, 4 },
	{ "the page size is 0", 40, 0, 4 },
	{ "the page size is odd", 40, 12345, 4 },
	{ "the page size is too large", 40, 1 << 30, 4 },
	{ "the flags of free pages are all set", 44, 0xffff, 2 },
	{ "the flags of the tables are all set", 92, 0xffff, 2 },
	{ "the last page is beyond the map", 136, 50000, 8 },
	{ "the last page is beyond the memory", 136, UINT64_C(1) << 50, 8 },
};

static void
what_cannot_be_in_the_first_pages_is_mended_by_opening_again(void **state)
{
	(void)state;
	if (sizeof(size_t) != 8 || sysconf(_SC_PAGESIZE) != 4096)
		skip();
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct limits *limits = opened();

		tries_until_refused(limits, 1);
		limits_close(limits);
		int fd = open(scratch_path("limits/data.mdb"), O_WRONLY);

		for (off_t page = 0; page < 2; page++)
			assert_int_equal(pwrite(fd, &heads[i].value, heads[i].len, page * 4096 + heads[i].at), heads[i].len);
		close(fd);
		limits = opened();
		if (tries_until_refused(limits, 1) != 10)
			fail_msg("%s", heads[i].name);
		limits_close(limits);
		scratch_remove("limits");
	}
}

/* LMDB aborts at a branch page with one entry: the next process must not meet that page again. */
static void
what_ends_the_process_ends_no_other(void **state)
{
	struct limits *limits = opened();
	const uint16_t one_twig = 18;
	uint16_t flags;
	unsigned wrong = 0, branches = 0;

	(void)state;
	if (sizeof(size_t) != 8 || sysconf(_SC_PAGESIZE) != 4096)
		skip();
	for (unsigned n = 1; n < 400; n++)
		try_at(limits, n);
	tries_until_refused(limits, 1);
	limits_close(limits);
	int fd = open(scratch_path("limits/data.mdb"), O_RDWR);

	for (off_t at = 2 * 4096; at < 100 * 4096; at += 4096) {
		if (pread(fd, &flags, sizeof(flags), at + 10) != sizeof(flags) || flags != 1)
			continue;
		assert_int_equal(pwrite(fd, &one_twig, sizeof(one_twig), at + 12), sizeof(one_twig));
		branches++;
	}
	close(fd);
	assert_true(branches > 0);
	for (int i = 0; i < 3; i++) {
		pid_t child = fork();
		int status;

		assert_true(child >= 0);
		if (child == 0) {
			limits_open(scratch_path("limits"), RECORDS, &limits);
			_exit(limits && try_at(limits, 1) ? 0 : 1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		wrong += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	}
	assert_true(wrong <= 1);
}

/* As CGI runs do: the last one out must not take the lock file away from one who comes in. */
static void
processes_that_open_and_close_at_once_all_count(void **state)
{
	pid_t children[4];
	int status;

	(void)state;
	limits_close(opened());
	for (size_t i = 0; i < 4; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] != 0)
			continue;
		for (int n = 0; n < 100; n++) {
			struct limits *limits;

			if (limits_open(scratch_path("limits"), RECORDS, &limits) != PT_OK)
				_exit(1);
			try_at(limits, (unsigned)(i + 2));
			limits_close(limits);
		}
		_exit(0);
	}
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
}

static void
damage_is_mended_by_opening_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct limits *limits = opened();

		tries_until_refused(limits, 1);
		for (unsigned n = 2; n < 60; n++)
			try_at(limits, n);
		limits_close(limits);
		if (damages[i].text)
			scratch_put(damages[i].file, damages[i].text, 0600);
		else
			assert_int_equal(truncate(scratch_path(damages[i].file), damages[i].cut), 0);
		limits = opened();
		if (tries_until_refused(limits, 1) != 10)
			fail_msg("%s", damages[i].name);
		limits_close(limits);
		scratch_remove("limits");
	}
}

/*
 * Damage found while it works: no try is allowed, every process that has it open must leave, and
 * the next one makes it anew.
 */
static void
what_is_found_broken_lets_nobody_through(void **state)
{
	struct limits *limits = opened(), *other;
	const struct limits_claim claim = claim_of(1);
	struct limits_verdict verdict = { .allowed = true };

	(void)state;
	assert_true(try_at(limits, 1));
	int fd = open(scratch_path("limits/mark"), O_WRONLY);

	assert_int_equal(pwrite(fd, "broken by a test", 16, 0), 16);
	close(fd);
	assert_int_equal(limits_take(limits, &claim, 1, now, &verdict), PT_ERR_FATAL);
	assert_false(verdict.allowed);
	other = NULL;
	limits_close(limits);
	other = opened();
	assert_true(try_at(other, 1));
	limits_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, scratch_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_counted_is_there_after_opening_again),
		TEST(a_try_counts_for_all_or_for_none),
		TEST(of_two_waits_the_longer_one_is_told),
		TEST(a_limit_is_told_of_once_a_minute),
		TEST(a_limit_is_lifted),
		TEST(what_is_forgotten_is_swept_whatever_the_wall_clock_says),
		TEST(filling_it_lifts_no_limit),
		TEST(the_file_is_bounded),
		TEST(parallel_threads_get_no_more_than_one_would),
		TEST(parallel_processes_get_no_more_than_one_would),
		TEST(a_process_killed_while_it_counts_costs_nothing),
		TEST(a_reboot_in_order_loses_nothing),
		TEST(opening_says_nothing_about_what_others_wrote),
		TEST(what_cannot_be_in_the_first_pages_is_mended_by_opening_again),
		TEST(what_ends_the_process_ends_no_other),
		TEST(processes_that_open_and_close_at_once_all_count),
		TEST(damage_is_mended_by_opening_again),
		TEST(what_is_found_broken_lets_nobody_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
