/*
 * Preloaded into a real program: lets the n-th write or sync go wrong. PINTLE_FAULT says which and
 * how, for example "7 EIO". Descriptor PINTLE_FAULT_FD is a file that counts the writes and
 * syncs, and records whether the fault was met. Writes to standard output and error, which are not
 * the store, always succeed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define KILLED 137

enum manner { NOTHING = 0, ERROR, SHORT, KILL };

struct counts {
	_Atomic uint32_t writes, done;
};

static struct counts own, *counts = &own;
static unsigned wanted_write;
static enum manner manner;
static int error;
static int stays;	/* all later ones fail too, as on a disk that is broken for good */

__attribute__((constructor)) static void
begin(void)
{
	const char *text = getenv("PINTLE_FAULT"), *fd = getenv("PINTLE_FAULT_FD");
	char how[16] = "";

	if (text == NULL || fd == NULL || sscanf(text, "%u %15s", &wanted_write, how) != 2)
		abort();
	void *shared = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, atoi(fd), 0);

	if (shared == MAP_FAILED)
		abort();
	counts = shared;
	stays = how[strlen(how) - 1] == '+';
	manner = ERROR;
	if (strcmp(how, "short") == 0)
		manner = SHORT;
	else if (strcmp(how, "kill") == 0)
		manner = KILL;
	error = strncmp(how, "ENOSPC", 6) == 0 ? ENOSPC : EIO;
}

/* Counts one, and decides what becomes of it. */
static enum manner
judge_write(int fd)
{
	if (fd >= 0 && fd <= 2)
		return NOTHING;
	unsigned number = ++counts->writes;

	if (wanted_write == 0 || number < wanted_write || (number > wanted_write && !stays))
		return NOTHING;
	counts->done = 1;
	if (manner == KILL)
		syscall(SYS_exit_group, KILLED);	/* as by SIGKILL: nothing is written, nothing is undone */
	errno = error;
	return manner;
}

/* ---- writes and syncs */

ssize_t
write(int fd, const void *bytes, size_t len)
{
	enum manner how = judge_write(fd);

	return how == ERROR ? -1 : syscall(SYS_write, fd, bytes, how == SHORT ? len / 2 : len);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	enum manner how = judge_write(fd);

	return how == ERROR ? -1 : syscall(SYS_pwrite64, fd, bytes, how == SHORT ? len / 2 : len, at);
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return pwrite64(fd, bytes, len, at);
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	enum manner how = judge_write(fd);

	return how == ERROR ? -1 : syscall(SYS_writev, fd, parts, how == SHORT ? 1 : count);
}

ssize_t
pwritev64(int fd, const struct iovec *parts, int count, off64_t at)
{
	enum manner how = judge_write(fd);

	/* The kernel takes the offset in two halves; the first holds all of it. */
	return how == ERROR ? -1 : syscall(SYS_pwritev, fd, parts, how == SHORT ? 1 : count, at, 0);
}

ssize_t
pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
	return pwritev64(fd, parts, count, at);
}

int
fsync(int fd)
{
	return judge_write(fd) == ERROR ? -1 : (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	return judge_write(fd) == ERROR ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int
msync(void *at, size_t len, int flags)
{
	return judge_write(-1) == ERROR ? -1 : (int)syscall(SYS_msync, at, len, flags);
}

int
ftruncate64(int fd, off64_t len)
{
	return judge_write(fd) == ERROR ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int
ftruncate(int fd, off_t len)
{
	return ftruncate64(fd, len);
}
