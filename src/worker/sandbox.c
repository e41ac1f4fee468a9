#include "worker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/landlock.h"

#ifdef __s390__
#error "s390 passes arguments of mmap in memory and those of clone in another order: not safe"
#endif
#ifdef SYS_socketcall
#include <linux/net.h>
#endif

#define FILTER_SECONDS 60	/* far more than a filter takes */

enum pt_err
sandbox_harden(void)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
		return PT_ERR_IO;
	return PT_OK;
}

/* Whatever their arguments are. */
static const int free_calls[] = {
	/* connections, files that are open, locks on them */
	SCMP_SYS(accept4), SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_wait), SCMP_SYS(eventfd2),
	SCMP_SYS(fcntl), SCMP_SYS(fcntl64), SCMP_SYS(fdatasync), SCMP_SYS(flock), SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(fstatfs), SCMP_SYS(fsync), SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64),
	SCMP_SYS(getdents64),
	SCMP_SYS(getpeername), SCMP_SYS(getsockname), SCMP_SYS(getsockopt), SCMP_SYS(_llseek),
	SCMP_SYS(lseek),
	SCMP_SYS(newfstatat), SCMP_SYS(fstatat64), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(recv), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(send), SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(setsockopt), SCMP_SYS(shutdown), SCMP_SYS(stat), SCMP_SYS(stat64), SCMP_SYS(statx),
	SCMP_SYS(sync_file_range), SCMP_SYS(write), SCMP_SYS(writev),
	/* memory */
	SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(memfd_create), SCMP_SYS(mlock), SCMP_SYS(mlock2),
	    SCMP_SYS(mremap), SCMP_SYS(msync),
	SCMP_SYS(munlock), SCMP_SYS(munmap),
	/* threads and their signals */
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(futex), SCMP_SYS(futex_time64),
	    SCMP_SYS(get_robust_list),
	SCMP_SYS(gettid), SCMP_SYS(membarrier), SCMP_SYS(restart_syscall), SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield), SCMP_SYS(set_robust_list), SCMP_SYS(set_tid_address),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sigreturn),
	/* time, identity, random bytes */
	SCMP_SYS(clock_getres), SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64),
	    SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(getegid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
	SCMP_SYS(getpid),
	SCMP_SYS(getppid), SCMP_SYS(getrandom), SCMP_SYS(gettimeofday), SCMP_SYS(getuid),
	SCMP_SYS(nanosleep),
	SCMP_SYS(sysinfo), SCMP_SYS(time), SCMP_SYS(uname),
	/* takes back the alarm of sandbox_enter, itself or by the other */
	SCMP_SYS(alarm), SCMP_SYS(setitimer),
};

/* Allowed only if (argument & mask) == value. */
struct bound_call {
	int number;
	unsigned argument;
	scmp_datum_t mask;
	scmp_datum_t value;
};

#define WHOLE UINT32_MAX
#define NEW_OR_WRITTEN (O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

static const struct bound_call bound_calls[] = {
	{ SCMP_SYS(open), 1, NEW_OR_WRITTEN, O_RDONLY },
	{ SCMP_SYS(openat), 2, NEW_OR_WRITTEN, O_RDONLY },
#ifdef SYS_mmap2	/* mmap's arguments are in memory there, and the C library uses mmap2 */
	{ SCMP_SYS(mmap2), 2, PROT_EXEC, 0 },
#else
	{ SCMP_SYS(mmap), 2, PROT_EXEC, 0 },
#endif
	{ SCMP_SYS(mprotect), 2, PROT_EXEC, 0 },
	{ SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD },
};

/*
 * Its flags are in memory, where no filter sees them; ENOSYS makes the C library use clone or
 * openat.
 */
static const int absent_calls[] = { SCMP_SYS(clone3), SCMP_SYS(openat2) };

static bool
sandbox_allow(scmp_filter_ctx filter, const struct bound_call *call)
{
	struct scmp_arg_cmp bound = { call->argument, SCMP_CMP_MASKED_EQ, call->mask, call->value };

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call->number, 1, &bound) == 0;
}

/*
 * A filter cannot see the target: Landlock forbids abstract sockets and TCP, and only Unix sockets
 * can exist.
 */
static bool
sandbox_allow_syslog(scmp_filter_ctx filter)
{
	return sandbox_allow(filter, &(struct bound_call){ SCMP_SYS(socket), 0, WHOLE, AF_UNIX }) &&
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0) == 0;
}

/*
 * The C library of some 32-bit machines makes sockets with socketcall, whose arguments are in
 * memory; libseccomp would let all kinds of sockets pass if one is allowed. A second filter refuses
 * that call, and the strictest filter counts.
 */
static bool
sandbox_refuse_hidden_sockets(void)
{
#ifdef SYS_socketcall
	struct scmp_arg_cmp makes_one = { 0, SCMP_CMP_EQ, SYS_SOCKET, 0 };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool loaded = filter && seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM),
	    SCMP_SYS(socketcall), 1, &makes_one) == 0 && seccomp_load(filter) == 0;

	seccomp_release(filter);
	return loaded;
#else
	return true;
#endif
}

static bool
sandbox_fill(scmp_filter_ctx filter, const struct sandbox_needs *needs)
{
	for (size_t i = 0; i < sizeof(free_calls) / sizeof(free_calls[0]); i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, free_calls[i], 0) != 0)
			return false;
	}
	for (size_t i = 0; i < sizeof(bound_calls) / sizeof(bound_calls[0]); i++) {
		if (!sandbox_allow(filter, &bound_calls[i]))
			return false;
	}
	for (size_t i = 0; i < sizeof(absent_calls) / sizeof(absent_calls[0]); i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), absent_calls[i], 0) != 0)
			return false;
	}
	if (needs->syslog && !sandbox_allow_syslog(filter))
		return false;
	/* Signals only to its own threads: for abort(), and for the sweeper's call to stop. */
	scmp_datum_t self = (scmp_datum_t)getpid();

	return sandbox_allow(filter, &(struct bound_call){ SCMP_SYS(kill), 0, WHOLE, self }) &&
	    sandbox_allow(filter, &(struct bound_call){ SCMP_SYS(tgkill), 0, WHOLE, self });
}

/*
 * Files that the C library reads about the machine, and time zones for syslog's lines; none is
 * secret.
 */
static enum pt_err
sandbox_hide_files(const struct sandbox_needs *needs)
{
	const char *const paths[] = {
		needs->folder, "/sys/devices/system/cpu", "/proc/stat", "/proc/sys/kernel/random",
		"/etc/localtime",
		"/usr/share/zoneinfo",
	};
	bool held;
	enum pt_err err = landlock_enter(paths, sizeof(paths) / sizeof(paths[0]), &held);

	if (err == PT_OK && !held)
		LOG(LOG_LEVEL_DEBUG, "landlock_absent",
		    LOG_STR("advice", "the filter of system calls works without it"));
	return err;
}

enum pt_err
sandbox_enter(const struct sandbox_needs *needs)
{
	enum pt_err err = sandbox_hide_files(needs);
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool loaded = false;

	if (filter == NULL)
		return PT_ERR_NOMEM;
	/* Searched as a tree instead of linearly, since every system call pays for it. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	/* Without memory, libseccomp 2.5.4 may never return: if so, SIGALRM ends the process. */
	alarm(FILTER_SECONDS);
	if (sandbox_refuse_hidden_sockets() && sandbox_fill(filter, needs))
		loaded = seccomp_load(filter) == 0;
	alarm(0);
	seccomp_release(filter);
	return loaded ? err : PT_ERR_IO;
}
