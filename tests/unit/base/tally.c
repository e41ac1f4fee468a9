/*
 * Counts over all processes of a site: none is lost, and nothing fails where they cannot be kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tally.h"
#include "support/scratch.h"

static int
end(void **state)
{
	tally_close();
	return scratch_end(state);
}

static struct tally_sheet
sheet(void)
{
	struct tally_sheet read;
	bool found;

	assert_int_equal(tally_read(scratch_path("tally"), &read, &found), PT_OK);
	assert_true(found);
	return read;
}

static void
what_is_counted_is_read(void **state)
{
	struct tally_sheet before, after;
	struct stat st;

	(void)state;
	tally_add(TALLY_LOGIN_GOOD, 1);	/* nothing to count into yet */
	assert_int_equal(tally_open(scratch_path("tally")), PT_OK);
	assert_int_equal(stat(scratch_path("tally"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	before = sheet();
	assert_true(before.since_ms > clock_now().wall_ms - 60000);
	for (int i = 0; i < TALLY_COUNT; i++)
		assert_int_equal(before.counts[i], 0);
	tally_add(TALLY_LOGIN_GOOD, 3);
	tally_add_reason(5);
	tally_add_reason(TALLY_REASONS);
	after = sheet();
	assert_int_equal(after.counts[TALLY_LOGIN_GOOD], 3);
	assert_int_equal(after.counts[TALLY_REASON_0 + 5], 1);
	assert_int_equal(after.counts[TALLY_SIZE_1], 0);
	assert_int_equal(after.since_ms, before.since_ms);
}

struct size_row {
	uint64_t changes;
	unsigned size;
};

static void
commits_are_counted_by_the_power_of_two_of_their_size(void **state)
{
	static const struct size_row rows[] = {
		{ 1, 0 }, { 2, 1 }, { 3, 1 }, { 4, 2 }, { 7, 2 }, { 8, 3 }, { 63, 5 }, { 64, 6 }, { 128, 7 }, { UINT64_MAX, 7 },
	};

	(void)state;
	assert_int_equal(tally_open(scratch_path("tally")), PT_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t before = sheet().counts[TALLY_SIZE_1 + rows[i].size];

		tally_add_commit(rows[i].changes);
		assert_int_equal(sheet().counts[TALLY_SIZE_1 + rows[i].size], before + 1);
	}
	assert_int_equal(sheet().counts[TALLY_COMMITS], sizeof(rows) / sizeof(rows[0]));
}

#define EACH 20000

static void *
count_many(void *ctx)
{
	(void)ctx;
	for (int i = 0; i < EACH; i++)
		tally_add(TALLY_REQUEST_2XX, 1);
	return NULL;
}

static void
processes_and_their_threads_lose_no_count(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		if (fork() != 0)
			continue;

		/* All three make the file at the same moment: one makes it, the others find it. */
		pthread_t other;
		bool good = tally_open(scratch_path("tally")) == PT_OK && pthread_create(&other, NULL, count_many, NULL) == 0;

		count_many(NULL);
		_exit(good && pthread_join(other, NULL) == 0 ? 0 : 1);
	}
	for (int i = 0; i < 3; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(sheet().counts[TALLY_REQUEST_2XX], 6 * EACH);
}

static void
a_restart_goes_on_counting(void **state)
{
	(void)state;
	assert_int_equal(tally_open(scratch_path("tally")), PT_OK);
	tally_add(TALLY_COMMITS, 2);
	tally_close();
	tally_add(TALLY_COMMITS, 7);	/* nothing to count into */
	assert_int_equal(tally_open(scratch_path("tally")), PT_OK);
	tally_add(TALLY_COMMITS, 1);
	assert_int_equal(sheet().counts[TALLY_COMMITS], 3);
}

/* Changes one byte of the file. */
static void
damage(off_t at)
{
	int fd = open(scratch_path("tally"), O_RDWR);
	char byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void
a_file_that_is_not_ours_is_made_anew(void **state)
{
	struct tally_sheet read;
	bool found;

	(void)state;
	/* Half a file, another mark, another table, and a file that is too long. */
	for (int i = 0; i < 4; i++) {
		const char *path = scratch_path("tally");
		static const off_t sizes[] = { 20, 0, 0, 1 << 20 };

		scratch_remove("tally");
		assert_int_equal(tally_open(path), PT_OK);
		tally_add(TALLY_COMMITS, 9);
		tally_close();
		if (sizes[i])
			assert_int_equal(truncate(path, sizes[i]), 0);
		else
			damage(i == 1 ? 0 : 8);
		assert_int_equal(tally_read(path, &read, &found), PT_OK);
		assert_false(found);
		assert_int_equal(read.counts[TALLY_COMMITS], 0);
		assert_int_equal(tally_open(path), PT_OK);
		assert_int_equal(sheet().counts[TALLY_COMMITS], 0);
		tally_close();
	}
}

/*
 * A newer worker makes the file again while an older program still has it mapped: the older one
 * continues and does no harm.
 */
static void
who_has_the_older_file_goes_on_undisturbed(void **state)
{
	const char *path = scratch_path("tally");
	char *mapped;
	int fd;

	(void)state;
	scratch_put("tally", "a file of another program", 0600);
	fd = open(path, O_RDWR);
	mapped = mmap(NULL, 25, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(mapped, MAP_FAILED);
	assert_int_equal(tally_open(path), PT_OK);
	mapped[0] = 'A';	/* a file that was truncated would kill us here */
	assert_memory_equal(mapped, "A file of another program", 25);
	assert_int_equal(sheet().counts[TALLY_COMMITS], 0);
	munmap(mapped, 25);
	close(fd);
}

static void
where_no_file_can_be_counting_goes_nowhere(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	assert_int_equal(tally_open(scratch_path("fifo")), PT_ERR_PERM);
	assert_int_equal(symlink("elsewhere", scratch_path("link")), 0);
	assert_int_equal(tally_open(scratch_path("link")), PT_ERR_IO);
	assert_int_equal(access(scratch_path("elsewhere"), F_OK), -1);
	assert_int_equal(tally_open(scratch_path("no/such/folder")), PT_ERR_IO);
	tally_add(TALLY_COMMITS, 1);
}

static void
every_count_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < TALLY_NAMED; i++) {
		const struct tally_info *info = tally_info((enum tally)i);

		assert_non_null(info->group);
		assert_non_null(info->name);
		for (int j = 0; j < i; j++)
			assert_false(strcmp(info->group, tally_info((enum tally)j)->group) == 0 &&
			    strcmp(info->name, tally_info((enum tally)j)->name) == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_counted_is_read, scratch_begin, end),
		cmocka_unit_test_setup_teardown(commits_are_counted_by_the_power_of_two_of_their_size, scratch_begin, end),
		cmocka_unit_test_setup_teardown(processes_and_their_threads_lose_no_count, scratch_begin, end),
		cmocka_unit_test_setup_teardown(a_restart_goes_on_counting, scratch_begin, end),
		cmocka_unit_test_setup_teardown(a_file_that_is_not_ours_is_made_anew, scratch_begin, end),
		cmocka_unit_test_setup_teardown(who_has_the_older_file_goes_on_undisturbed, scratch_begin, end),
		cmocka_unit_test_setup_teardown(where_no_file_can_be_counting_goes_nowhere, scratch_begin, end),
		cmocka_unit_test(every_count_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
