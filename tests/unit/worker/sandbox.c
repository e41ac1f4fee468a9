#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>
#ifdef SYS_socketcall
#include <linux/net.h>
#endif

#include "base/log_destination.h"
#include "worker/sandbox.h"

#define DONE 0	/* the result of a try that worked; otherwise an errno */

static char folder[64];
static char file[96];	/* exists, one page long, and open for writing as file_fd */
static int file_fd;
static char system_log[96];	/* a socket that we listen at */
static int system_log_fd;

/* 0, or errno. */
static int
outcome(bool good)
{
	return good ? DONE : errno;
}

static int
try_exec(void)
{
	char *const argv[] = { (char[]){ "true" }, NULL };

	return outcome(execv("/bin/true", argv) == 0);
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return outcome(pid > 0);
}

static int
try_inet(void)
{
	return outcome(socket(AF_INET, SOCK_STREAM, 0) >= 0);
}

static int
try_inet6(void)
{
	return outcome(socket(AF_INET6, SOCK_DGRAM, 0) >= 0);
}

static int
try_netlink(void)
{
	return outcome(socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
}

/* With the system call itself, which the C library does not use everywhere. */
static int
try_unix(void)
{
	return outcome(syscall(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0);
}

static int
try_new_file(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/new", folder);
	return outcome(open(path, O_WRONLY | O_CREAT, 0600) >= 0);
}

static int
try_nameless_file(void)
{
	return outcome(open(folder, O_WRONLY | O_TMPFILE, 0600) >= 0);
}

static int
try_open_for_writing(void)
{
	return outcome(open(file, O_WRONLY) >= 0);
}

static int
try_read_elsewhere(void)
{
	return outcome(open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0);
}

static int
try_list_elsewhere(void)
{
	return outcome(open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0);
}

static int
try_alarm(void)
{
	return outcome(alarm(0) == 0);
}

static int
try_connect(void)
{
	return outcome(connect(file_fd, NULL, 0) == 0);
}

static int
try_truncate_by_open(void)
{
	return outcome(open(file, O_RDONLY | O_TRUNC) >= 0);
}

static int
try_open_for_reading(void)
{
	return outcome(open(file, O_RDONLY | O_CLOEXEC) >= 0);
}

static int
try_write_open_file(void)
{
	return outcome(pwrite(file_fd, "x", 1, 0) == 1 && fdatasync(file_fd) == 0);
}

static int
try_lock_open_file(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

	return outcome(fcntl(file_fd, F_SETLK, &lock) == 0);
}

static int
try_grow_map(void)
{
	void *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file_fd, 0);

	return outcome(map != MAP_FAILED && mremap(map, 4096, 1 << 20, MREMAP_MAYMOVE) != MAP_FAILED);
}

static int
try_remove(void)
{
	return outcome(unlink(file) == 0);
}

static int
try_rename(void)
{
	return outcome(rename(file, file) == 0);
}

static int
try_chmod(void)
{
	return outcome(chmod(file, 0666) == 0);
}

static int
try_ptrace(void)
{
	return outcome(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
}

static int
try_executable_memory(void)
{
	return outcome(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static int
try_make_memory_executable(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return outcome(memory != MAP_FAILED && mprotect(memory, 4096, PROT_READ | PROT_EXEC) == 0);
}

static int
try_signal_parent(void)
{
	return outcome(kill(getppid(), 0) == 0);
}

static int
try_signal_self(void)
{
	return outcome(kill(getpid(), 0) == 0);
}

static int
try_become_another(void)
{
	return outcome(syscall(SYS_setuid, getuid()) == 0);
}

static int
try_io_uring(void)
{
	return outcome(syscall(SYS_io_uring_setup, 0, NULL) >= 0);
}

static int
try_listen(void)
{
	return outcome(listen(socket(AF_UNIX, SOCK_STREAM, 0), 1) == 0);
}

static void *
thread(void *arg)
{
	void *memory = malloc(1 << 20);

	*(bool *)arg = memory != NULL;
	free(memory);
	return NULL;
}

static int
try_thread(void)
{
	pthread_t made;
	bool ran = false;

	errno = pthread_create(&made, NULL, thread, &ran);
	if (errno == 0)
		errno = pthread_join(made, NULL);
	return outcome(ran);
}

/* Twice, and once more: as after a restart of the log's reader. */
static int
try_syslog(void)
{
	log_syslog_set_path(system_log);
	if (!log_syslog_write(LOG_DEBUG, SLICE("said from inside"), false))
		return errno;
	log_syslog_set_path(system_log);
	return outcome(log_syslog_write(LOG_DEBUG, SLICE("said again"), false));
}

#ifdef SYS_socketcall
/* A way to a socket whose arguments no filter can see. */
static int
try_hidden_inet(void)
{
	return outcome(syscall(SYS_socketcall, SYS_SOCKET, (unsigned long[]){ AF_INET, SOCK_STREAM, 0 }) >= 0);
}

static int
try_hidden_listen(void)
{
	return outcome(syscall(SYS_socketcall, SYS_LISTEN, (unsigned long[]){ (unsigned long)system_log_fd, 1 }) >= 0);
}
#endif

#if defined(SYS_mmap) && defined(SYS_mmap2)
/*
 * The same for memory. The register in which a filter would look for the protection looks harmless.
 */
static int
try_hidden_executable_memory(void)
{
	unsigned long arguments[] = { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, (unsigned long)-1, 0 };

	return outcome(syscall(SYS_mmap, arguments, 0, 0) != -1);
}
#endif

struct row {
	const char *name;
	int (*what)(void);
	int expected;
};

static const struct row rows[] = {
	{ "no program is started", try_exec, EPERM },
	{ "no process is made", try_fork, EPERM },
	{ "no way to the network by IPv4", try_inet, EPERM },
	{ "no way to the network by IPv6", try_inet6, EPERM },
	{ "no way to the kernel's tables", try_netlink, EPERM },
	{ "no socket at all where nothing is to be connected to", try_unix, EPERM },
	{ "no connection either", try_connect, EPERM },
	{ "no alarm is left behind", try_alarm, DONE },
	{ "no new file", try_new_file, EPERM },
	{ "no new file without a name", try_nameless_file, EPERM },
	{ "no file is opened for writing", try_open_for_writing, EPERM },
	{ "no file is emptied", try_truncate_by_open, EPERM },
	{ "a file is read", try_open_for_reading, DONE },
	{ "what was open is written", try_write_open_file, DONE },
	{ "what was open is locked", try_lock_open_file, DONE },
	{ "the map of an open file grows", try_grow_map, DONE },
	{ "no file is removed", try_remove, EPERM },
	{ "no file is renamed", try_rename, EPERM },
	{ "no file is opened to others", try_chmod, EPERM },
	{ "no process is traced", try_ptrace, EPERM },
	{ "no new code", try_executable_memory, EPERM },
	{ "no data become code", try_make_memory_executable, EPERM },
	{ "no signal to others", try_signal_parent, EPERM },
	{ "a signal to itself", try_signal_self, DONE },
	{ "no other user", try_become_another, EPERM },
	{ "no calls behind the filter's back", try_io_uring, EPERM },
	{ "no new address to listen at", try_listen, EPERM },
	{ "threads are made, and have memory", try_thread, DONE },
#ifdef SYS_socketcall
	{ "no way to the network by the call that hides its arguments", try_hidden_inet, EPERM },
	{ "no new address to listen at by that call", try_hidden_listen, EPERM },
#endif
#if defined(SYS_mmap) && defined(SYS_mmap2)
	{ "no new code by the call that hides its arguments", try_hidden_executable_memory, EPERM },
#endif
};

/* If the log goes to syslog. */
static const struct row syslog_rows[] = {
	{ "a Unix socket, for syslog", try_unix, DONE },
	{ "syslog is connected, and connected again", try_syslog, DONE },
	{ "no way to the network by IPv4", try_inet, EPERM },
	{ "no way to the network by IPv6", try_inet6, EPERM },
#ifdef SYS_socketcall
	{ "no way to the network by the call that hides its arguments", try_hidden_inet, EPERM },
#endif
};

/* If the kernel has Landlock. */
static const struct row landlock_rows[] = {
	{ "a file of the folder is read", try_open_for_reading, DONE },
	{ "no other file is", try_read_elsewhere, EACCES },
	{ "nor is a folder listed", try_list_elsewhere, EACCES },
};

/* What happened in a process that was locked in first; -1: it died. */
static int
inside(int (*what)(void), bool syslog)
{
	const struct sandbox_needs needs = { .folder = folder, .syslog = syslog };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (sandbox_harden() != PT_OK || sandbox_enter(&needs) != PT_OK)
			_exit(255);
		_exit(what());
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
assert_rows(const struct row *all, size_t count, bool syslog)
{
	int failed = 0;

	for (size_t i = 0; i < count; i++) {
		int got = inside(all[i].what, syslog);

		if (got == all[i].expected)
			continue;
		print_error("%s: %d instead of %d\n", all[i].name, got, all[i].expected);
		failed++;
	}
	assert_int_equal(failed, 0);
}

/* Shows F09. */
static void
test_what_a_worker_can_do(void **state)
{
	(void)state;
	assert_rows(rows, sizeof(rows) / sizeof(rows[0]), false);
	assert_rows(syslog_rows, sizeof(syslog_rows) / sizeof(syslog_rows[0]), true);
}

static void
test_which_files_a_worker_sees(void **state)
{
	(void)state;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
		skip();
	assert_rows(landlock_rows, sizeof(landlock_rows) / sizeof(landlock_rows[0]), false);
}

static int
try_hardened(void)
{
	struct rlimit core;

	/* Inside, prctl is not allowed. */
	return prctl(PR_GET_DUMPABLE) == -1 && getrlimit(RLIMIT_CORE, &core) == -1 ? DONE : 1;
}

/* Shows E14. */
static void
test_memory_is_nobody_elses(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct rlimit core;

		if (sandbox_harden() != PT_OK || getrlimit(RLIMIT_CORE, &core) != 0)
			_exit(255);
		_exit(prctl(PR_GET_DUMPABLE) != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || core.rlim_max != 0);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(inside(try_hardened, false), DONE);
}

static int
listen_as_syslog(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", system_log);
	return fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ? fd : -1;
}

static int
setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s", "/tmp/sandbox.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/file", folder);
	file_fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	snprintf(system_log, sizeof(system_log), "%s/log", folder);
	system_log_fd = listen_as_syslog();
	return file_fd < 0 || system_log_fd < 0 ? -1 : ftruncate(file_fd, 4096);
}

static int
teardown(void **state)
{
	(void)state;
	close(file_fd);
	close(system_log_fd);
	unlink(file);
	unlink(system_log);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_worker_can_do),
		cmocka_unit_test(test_which_files_a_worker_sees),
		cmocka_unit_test(test_memory_is_nobody_elses),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
