/* Secret files are read only where nobody else can touch them, and written whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static char folder[256], path[300];

/* The number of the fsync call, from now on, that fails; 0: none. */
static int failing_sync, syncs;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int
__wrap_fsync(int fd)
{
	if (++syncs == failing_sync) {
		errno = EIO;
		return -1;
	}
	return __real_fsync(fd);
}

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	failing_sync = syncs = 0;
	snprintf(folder, sizeof(folder), "%s/pintle-file-XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/secret", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	if (unlink(path) != 0 && errno != ENOENT)
		rmdir(path);
	return rmdir(folder);
}

static void
assert_holds(const char *want)
{
	struct buf out = BUF_EMPTY;

	assert_int_equal(file_read_private(path, 4096, &out), PT_OK);
	assert_true(slice_eq(buf_slice(&out), slice_of(want)));
	buf_free(&out);
}

static void
what_is_written_is_read(void **state)
{
	struct stat about;
	struct buf out = BUF_EMPTY;
	mode_t before = umask(0);

	(void)state;
	assert_int_equal(file_create_private(path, "key\0bytes", 9), PT_OK);
	umask(before);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	buf_puts(&out, "before ");
	assert_int_equal(file_read_private(path, 4096, &out), PT_OK);
	assert_true(slice_eq(buf_slice(&out), SLICE("before key\0bytes")));
	buf_free(&out);
}

static void
file_and_folder_are_synced(void **state)
{
	(void)state;
	assert_int_equal(file_create_private(path, "x", 1), PT_OK);
	assert_int_equal(syncs, 2);
}

static void
a_file_that_is_there_is_never_overwritten(void **state)
{
	(void)state;
	assert_int_equal(file_create_private(path, "first", 5), PT_OK);
	errno = 0;
	assert_int_equal(file_create_private(path, "second", 6), PT_ERR_IO);
	assert_int_equal(errno, EEXIST);
	assert_holds("first");
}

static void
a_link_in_the_new_files_place_is_not_followed(void **state)
{
	char target[320];

	(void)state;
	snprintf(target, sizeof(target), "%s/elsewhere", folder);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(file_create_private(path, "x", 1), PT_ERR_IO);
	assert_int_equal(access(target, F_OK), -1);
}

static void
a_write_that_fails_leaves_nothing_behind(void **state)
{
	struct rlimit before, small;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 4;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum pt_err err = file_create_private(path, "longer than four", 16);
	int saved = errno;

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(err, PT_ERR_IO);
	assert_int_equal(saved, EFBIG);
	assert_int_equal(access(path, F_OK), -1);
}

static void
a_sync_that_fails_leaves_nothing_behind(void **state)
{
	(void)state;
	for (int which = 1; which <= 2; which++) {
		syncs = 0;
		failing_sync = which;
		assert_int_equal(file_create_private(path, "x", 1), PT_ERR_IO);
		assert_int_equal(errno, EIO);
		assert_int_equal(access(path, F_OK), -1);
	}
}

/* ---- replacing */

static void
a_replaced_file_is_another_file(void **state)
{
	struct stat before, after;

	(void)state;
	assert_int_equal(file_create_private(path, "first", 5), PT_OK);
	assert_int_equal(stat(path, &before), 0);
	syncs = 0;
	assert_int_equal(file_replace_private(path, "second", 6), PT_OK);
	assert_int_equal(syncs, 3);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_mode & 07777, 0600);
	assert_true(before.st_ino != after.st_ino);
	assert_holds("second");
}

static void
a_replacement_that_fails_leaves_the_old_file(void **state)
{
	char fresh[320];

	(void)state;
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	assert_int_equal(file_create_private(path, "first", 5), PT_OK);
	for (int which = 1; which <= 2; which++) {
		syncs = 0;
		failing_sync = which;
		assert_int_equal(file_replace_private(path, "second", 6), PT_ERR_IO);
		assert_int_equal(errno, EIO);
		assert_holds("first");
		assert_int_equal(access(fresh, F_OK), -1);
	}
	/* The file is in place by then, but may not survive a crash. */
	syncs = 0;
	failing_sync = 3;
	assert_int_equal(file_replace_private(path, "second", 6), PT_ERR_IO);
	assert_holds("second");
}

static void
what_a_crash_left_is_in_nobodys_way(void **state)
{
	char fresh[320];

	(void)state;
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	assert_int_equal(file_create_private(fresh, "half", 4), PT_OK);
	assert_int_equal(file_replace_private(path, "whole", 5), PT_OK);
	assert_holds("whole");
	assert_int_equal(access(fresh, F_OK), -1);
}

/* ---- drafts ---- */

static void
begin_draft(struct file_draft *draft, bool over)
{
	assert_int_equal(file_draft_begin(path, over, draft), PT_OK);
	assert_int_equal(write(draft->fd, "whole", 5), 5);
}

static bool
part_is_there(void)
{
	char part[320];

	snprintf(part, sizeof(part), "%s.part", path);
	return access(part, F_OK) == 0;
}

static void
a_draft_has_its_name_when_it_is_whole_and_synced(void **state)
{
	struct file_draft draft;

	(void)state;
	begin_draft(&draft, false);
	assert_int_equal(access(path, F_OK), -1);
	assert_true(part_is_there());
	assert_int_equal(file_draft_publish(&draft, false), PT_OK);
	assert_int_equal(syncs, 2);	/* once for the file and once for the folder */
	assert_holds("whole");
	assert_false(part_is_there());
}

static void
a_draft_that_is_dropped_or_cannot_be_synced_leaves_nothing(void **state)
{
	struct file_draft draft;

	(void)state;
	begin_draft(&draft, false);
	file_draft_drop(&draft);
	assert_false(part_is_there());
	begin_draft(&draft, false);
	failing_sync = syncs + 1;
	assert_int_equal(file_draft_publish(&draft, false), PT_ERR_IO);
	assert_false(part_is_there());
	assert_int_equal(access(path, F_OK), -1);
}

static void
a_draft_takes_no_name_that_is_taken_unless_it_may(void **state)
{
	struct file_draft draft;

	(void)state;
	begin_draft(&draft, false);
	/* The name was taken in the meantime. */
	assert_int_equal(file_create_private(path, "first", 5), PT_OK);
	assert_int_equal(file_draft_publish(&draft, false), PT_ERR_IO);
	assert_int_equal(errno, EEXIST);
	assert_holds("first");
	assert_false(part_is_there());
	assert_int_equal(file_draft_begin(path, false, &draft), PT_ERR_IO);
	assert_int_equal(errno, EEXIST);
	assert_false(part_is_there());
	begin_draft(&draft, true);
	assert_int_equal(file_draft_publish(&draft, true), PT_OK);
	assert_holds("whole");
}

static void
two_do_not_write_the_same_draft_and_what_a_kill_left_is_taken_over(void **state)
{
	struct file_draft draft, other;
	char part[320];

	(void)state;
	snprintf(part, sizeof(part), "%s.part", path);
	assert_int_equal(file_create_private(part, "half of a longer one", 20), PT_OK);
	begin_draft(&draft, false);
	assert_int_equal(file_draft_begin(path, false, &other), PT_ERR_BUSY);
	assert_true(part_is_there());
	assert_int_equal(file_draft_publish(&draft, false), PT_OK);
	assert_holds("whole");
}

static const struct {
	const char *name;
	mode_t mode;
	enum pt_err want;
} modes[] = {
	{ "its user alone may write", 0600, PT_OK },
	{ "its user alone may read", 0400, PT_OK },
	{ "the group may read", 0640, PT_ERR_PERM },
	{ "the group may write", 0620, PT_ERR_PERM },
	{ "others may read", 0604, PT_ERR_PERM },
	{ "others may run it", 0601, PT_ERR_PERM },
	{ "all may do everything", 0777, PT_ERR_PERM },
};

static void
a_file_that_others_may_touch_is_not_read(void **state)
{
	(void)state;
	assert_int_equal(file_create_private(path, "key", 3), PT_OK);
	for (size_t i = 0; i < COUNT(modes); i++) {
		struct buf out = BUF_EMPTY;

		assert_int_equal(chmod(path, modes[i].mode), 0);
		if (file_read_private(path, 4096, &out) != modes[i].want || (out.len > 0) != (modes[i].want == PT_OK))
			fail_msg("%s", modes[i].name);
		buf_free(&out);
	}
}

static void
another_users_file_is_not_read(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	/* Only root can give a file to another owner. */
	if (geteuid() != 0)
		skip();
	assert_int_equal(file_create_private(path, "key", 3), PT_OK);
	assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
	assert_int_equal(file_read_private(path, 4096, &out), PT_ERR_PERM);
	buf_free(&out);
}

static void
what_is_no_regular_file_is_not_read(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(file_read_private(path, 4096, &out), PT_ERR_PERM);
	assert_int_equal(rmdir(path), 0);
	/* A pipe that nobody writes to must not block the reader. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(file_read_private(path, 4096, &out), PT_ERR_PERM);
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

static void
what_is_not_there_is_told_by_errno(void **state)
{
	struct buf out = BUF_EMPTY;
	char below[320];

	(void)state;
	assert_int_equal(file_read_private(path, 4096, &out), PT_ERR_IO);
	assert_int_equal(errno, ENOENT);
	snprintf(below, sizeof(below), "%s/none/secret", folder);
	assert_int_equal(file_create_private(below, "x", 1), PT_ERR_IO);
	assert_int_equal(errno, ENOENT);
	buf_free(&out);
}

static void
a_file_may_be_as_long_as_was_said_and_no_longer(void **state)
{
	static char bytes[10000];
	struct buf out = BUF_EMPTY;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(file_create_private(path, bytes, sizeof(bytes)), PT_OK);
	assert_int_equal(file_read_private(path, sizeof(bytes), &out), PT_OK);
	assert_int_equal(out.len, sizeof(bytes));
	buf_clear(&out);
	assert_int_equal(file_read_private(path, sizeof(bytes) - 1, &out), PT_ERR_INVALID);
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

static void
a_file_that_is_no_secret_is_read_whoever_may_touch_it(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(file_create_private(path, "open", 4), PT_OK);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(file_read(path, 4, &out), PT_OK);
	assert_true(slice_eq(buf_slice(&out), SLICE("open")));
	assert_int_equal(file_read(path, 3, &out), PT_ERR_INVALID);
	assert_int_equal(out.len, 4);
	errno = 0;
	assert_int_equal(file_read("/nowhere/at/all", 4, &out), PT_ERR_IO);
	assert_int_equal(errno, ENOENT);
	errno = 0;
	assert_int_equal(file_read(folder, 4, &out), PT_ERR_IO);
	assert_int_equal(errno, EISDIR);
	buf_free(&out);
}

int
main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_is_written_is_read),
		IN_FOLDER(file_and_folder_are_synced),
		IN_FOLDER(a_file_that_is_there_is_never_overwritten),
		IN_FOLDER(a_link_in_the_new_files_place_is_not_followed),
		IN_FOLDER(a_write_that_fails_leaves_nothing_behind),
		IN_FOLDER(a_sync_that_fails_leaves_nothing_behind),
		IN_FOLDER(a_replaced_file_is_another_file),
		IN_FOLDER(a_replacement_that_fails_leaves_the_old_file),
		IN_FOLDER(what_a_crash_left_is_in_nobodys_way),
		IN_FOLDER(a_draft_has_its_name_when_it_is_whole_and_synced),
		IN_FOLDER(a_draft_that_is_dropped_or_cannot_be_synced_leaves_nothing),
		IN_FOLDER(a_draft_takes_no_name_that_is_taken_unless_it_may),
		IN_FOLDER(two_do_not_write_the_same_draft_and_what_a_kill_left_is_taken_over),
		IN_FOLDER(a_file_that_others_may_touch_is_not_read),
		IN_FOLDER(another_users_file_is_not_read),
		IN_FOLDER(what_is_no_regular_file_is_not_read),
		IN_FOLDER(what_is_not_there_is_told_by_errno),
		IN_FOLDER(a_file_may_be_as_long_as_was_said_and_no_longer),
		IN_FOLDER(a_file_that_is_no_secret_is_read_whoever_may_touch_it),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
