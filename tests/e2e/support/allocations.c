/*
 * Preloaded into a worker: lets the n-th allocation from a given moment fail, once. The file that
 * PINTLE_ALLOCATIONS names is shared with the test, which arms it around one request: it says which
 * allocation is to fail, and how many there were. Before and after that, nothing is counted: while
 * a worker starts, an allocation that fails inside a library may end the worker there (libseccomp
 * 2.5.4's seccomp_load reads through NULL, frees twice or never returns; OpenSSL 3.0 takes a lock
 * that it could not make). The worker holds no request yet, and the parent starts another.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAMES 24

struct shared {
	_Atomic uint32_t armed;		/* set by the test: whether the serving threads count */
	uint32_t wanted;		/* the allocation that fails, from 1 on; 0: none */
	_Atomic uint32_t counted, failed;
};

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static struct shared *shared;
static __thread int inside;

/* Writes to the worker's log what was going on. */
static void
tell(const char *what)
{
	void *frames[FRAMES];
	ssize_t ignored = write(2, what, strlen(what));

	inside = 1;
	backtrace_symbols_fd(frames, backtrace(frames, FRAMES), 2);
	inside = 0;
	(void)ignored;
}

static void
fell(int signal)
{
	tell("allocations.c: the program fell at\n");
	raise(signal);
}

__attribute__((constructor)) static void
begin(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE };
	const char *file = getenv("PINTLE_ALLOCATIONS");
	void *frames[1];
	int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return;		/* of env(1), say, which starts the worker */
	backtrace(frames, 1);	/* backtrace() loads a library at its first call */
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (shared == MAP_FAILED)
		_exit(99);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &(struct sigaction){ .sa_handler = fell, .sa_flags = SA_RESETHAND | SA_NODEFER }, NULL);
}

/* Counts one allocation, and returns whether it is the one that fails. */
static int
fails(void)
{
	/* The main thread starts the others, and serves nobody: a failure there is another matter. */
	if (shared == NULL || inside || !shared->armed || gettid() == getpid())
		return 0;
	if (++shared->counted != shared->wanted)
		return 0;
	shared->failed = 1;
	tell("allocations.c: one failed at\n");
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

void *
memalign(size_t alignment, size_t size)
{
	return aligned_alloc(alignment, size);
}

int
posix_memalign(void **out, size_t alignment, size_t size)
{
	void *memory = aligned_alloc(alignment, size);

	if (memory)
		*out = memory;
	return memory ? 0 : ENOMEM;
}
