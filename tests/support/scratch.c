#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/scratch.h"

static char scratch[128];

int
scratch_begin(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(scratch, sizeof(scratch), "%.90s/pintle-test-XXXXXX", base && base[0] ? base : "/tmp");
	return mkdtemp(scratch) ? 0 : -1;
}

const char *
scratch_path(const char *name)
{
	static char paths[8][256];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", scratch, name);
	return path;
}

void
scratch_put(const char *name, const char *text, mode_t mode)
{
	const char *path = scratch_path(name);
	size_t len = strlen(text);
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

void
scratch_read(const char *name, struct buf *out)
{
	char part[4096];
	ssize_t got;
	int fd = open(scratch_path(name), O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	while ((got = read(fd, part, sizeof(part))) > 0)
		buf_append(out, part, (size_t)got);
	assert_int_equal(got, 0);
	close(fd);
}

static int
remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
	(void)about;
	(void)kind;
	(void)where;
	return remove(path);
}

void
scratch_remove(const char *name)
{
	nftw(scratch_path(name), remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int
scratch_end(void **state)
{
	(void)state;
	return nftw(scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
