#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/fcgi_client.h"
#include "gate/gate.h"
#include "support/gate_double.h"

/* A parent in a process of its own, and its workers. */
struct family {
	char folder[64];
	char path[96];
	int listen_fd;
	pid_t parent;
	unsigned count;
	int64_t grace_ms;
	int (*work)(void *ctx);
};

static int64_t
now_ms(void)
{
	return clock_now().stamp.ms;
}

static int
stop_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

static int
work_serve(void *ctx)
{
	const struct family *family = ctx;
	struct gate_options options = { .threads = 2, .request_timeout_ms = 2000 };
	struct web_app app = { 0 };

	return gate_serve(family->listen_fd, stop_signals(), &options, &app) != PT_OK;
}

static int
work_deaf(void *ctx)
{
	(void)ctx;
	while (poll(NULL, 0, 1000) <= 0)
		;
	return 0;
}

static int
work_fail(void *ctx)
{
	(void)ctx;
	return 3;
}

static bool
may_pass(int status)
{
	return status == 8;
}

static void
family_start(struct family *family, unsigned count, int64_t grace_ms, int (*work)(void *ctx))
{
	snprintf(family->folder, sizeof(family->folder), "%s", "/tmp/gate-supervise.XXXXXX");
	assert_non_null(mkdtemp(family->folder));
	snprintf(family->path, sizeof(family->path), "%s/s", family->folder);
	assert_int_equal(gate_listen_unix(&(struct gate_socket){ .path = family->path, .mode = 0600 }, &family->listen_fd), PT_OK);
	family->count = count;
	family->grace_ms = grace_ms;
	family->work = work;
	family->parent = fork();
	assert_true(family->parent >= 0);
	if (family->parent == 0) {
		stop_signals();
		_exit(gate_supervise(count, grace_ms,
		    &(struct gate_work){ .run = work, .passes = may_pass, .ctx = family }));
	}
}

/* Waits for the parent to end; returns its exit status. */
static int
family_end(struct family *family)
{
	int status;

	assert_int_equal(waitpid(family->parent, &status, 0), family->parent);
	close(family->listen_fd);
	unlink(family->path);
	rmdir(family->folder);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The process that answers. */
static pid_t
family_ask(const struct family *family)
{
	struct buf bytes = BUF_EMPTY;
	struct client_answer answer;
	int pid = 0;

	client_request(&bytes, ROLE_RESPONDER, "/echo", NULL);
	client_ask(family->path, &bytes, &answer);
	buf_putc(&answer.text, '\0');
	const char *at = strstr(answer.text.ptr, "pid=");

	if (at)
		pid = atoi(at + 4);
	client_answer_free(&answer);
	buf_free(&bytes);
	return pid;
}

/* Whether the process is gone, or is a zombie that nobody has reaped. */
static bool
is_gone(pid_t pid)
{
	char path[64], state = 'Z';

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return true;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';	/* it ended while we looked */
	fclose(file);
	return state == 'Z';
}

/* Whether it is dead, or dies within two seconds. */
static bool
is_gone_soon(pid_t pid)
{
	for (int i = 0; i < 200; i++) {
		if (is_gone(pid))
			return true;
		poll(NULL, 0, 10);
	}
	return false;
}

static void
test_a_killed_worker_is_replaced_within_a_second(void **state)
{
	struct family family;

	(void)state;
	family_start(&family, 1, 2000, work_serve);
	pid_t pid = family_ask(&family);

	for (int i = 0; i < 3; i++) {
		int64_t began = now_ms();

		assert_true(pid > 0 && pid != family.parent);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_true(is_gone_soon(pid));
		pid_t next = family_ask(&family);

		assert_true(next > 0 && next != pid);
		assert_true(now_ms() - began < 1000);
		pid = next;
	}
	kill(family.parent, SIGTERM);
	assert_int_equal(family_end(&family), 0);
	assert_true(is_gone_soon(pid));
}

static void
test_any_of_the_three_signals_stops_all(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGUSR1 };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct family family;

		family_start(&family, 3, 2000, work_serve);
		pid_t pid = family_ask(&family);

		assert_true(pid > 0);
		kill(family.parent, signals[i]);
		assert_int_equal(family_end(&family), 0);
		assert_true(is_gone_soon(pid));
	}
}

static void
test_a_stop_lets_a_request_finish(void **state)
{
	struct family family;
	struct buf bytes = BUF_EMPTY;
	struct client_answer answer;

	(void)state;
	family_start(&family, 2, 2000, work_serve);
	assert_true(family_ask(&family) > 0);
	client_request(&bytes, ROLE_RESPONDER, "/slow", NULL);
	int fd = client_connect(family.path);

	assert_true(client_send(fd, &bytes));
	poll(NULL, 0, DOUBLE_SLOW_MS / 2);
	kill(family.parent, SIGTERM);
	client_receive(fd, &answer);
	assert_true(client_has(&answer, "waits=1"));
	assert_int_equal(family_end(&family), 0);
	client_answer_free(&answer);
	close(fd);
	buf_free(&bytes);
}

static void
test_a_renewal_loses_no_request(void **state)
{
	struct family family;

	(void)state;
	family_start(&family, 2, 2000, work_serve);
	pid_t before = family_ask(&family);

	assert_true(before > 0);
	kill(family.parent, SIGHUP);
	for (int i = 0; i < 50; i++)
		assert_true(family_ask(&family) > 0);
	assert_true(is_gone_soon(before));
	kill(family.parent, SIGTERM);
	assert_int_equal(family_end(&family), 0);
}

static void
test_a_deaf_worker_is_killed_after_its_grace(void **state)
{
	struct family family;
	int64_t began = now_ms();

	(void)state;
	family_start(&family, 2, 300, work_deaf);
	poll(NULL, 0, 100);
	kill(family.parent, SIGTERM);
	assert_int_equal(family_end(&family), 0);
	assert_true(now_ms() - began >= 300);
	assert_true(now_ms() - began < 3000);
}

static struct instant
clock_that_stands(void)
{
	return (struct instant){ 1, { 1, 1 } };
}

/* The clock stands still, so they fail at once, however long a busy machine takes to start them. */
static void
test_workers_that_cannot_start_end_the_parent(void **state)
{
	struct family family;

	(void)state;
	clock_set_source(clock_that_stands);
	family_start(&family, 3, 1000, work_fail);
	clock_set_source(NULL);
	assert_int_equal(family_end(&family), 3);
}

/* Fails three times, as when the disk answers EIO; the count is in a file beside the socket. */
static int
work_fail_thrice(void *ctx)
{
	const struct family *family = ctx;
	char path[128];

	snprintf(path, sizeof(path), "%s/count", family->folder);
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);

	if (fd < 0 || write(fd, "x", 1) != 1 || lseek(fd, 0, SEEK_END) <= 3)
		return 8;
	unlink(path);
	return work_serve(ctx);
}

static void
test_a_failing_disk_is_tried_again(void **state)
{
	struct family family;

	(void)state;
	family_start(&family, 1, 2000, work_fail_thrice);
	assert_true(family_ask(&family) > 0);
	kill(family.parent, SIGTERM);
	assert_int_equal(family_end(&family), 0);
}

static void
test_workers_leave_with_their_parent(void **state)
{
	struct family family;

	(void)state;
	family_start(&family, 1, 2000, work_serve);
	pid_t pid = family_ask(&family);

	assert_true(pid > 0);
	kill(family.parent, SIGKILL);
	assert_int_equal(family_end(&family), -1);
	assert_true(is_gone_soon(pid));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_killed_worker_is_replaced_within_a_second),
		cmocka_unit_test(test_any_of_the_three_signals_stops_all),
		cmocka_unit_test(test_a_stop_lets_a_request_finish),
		cmocka_unit_test(test_a_renewal_loses_no_request),
		cmocka_unit_test(test_a_deaf_worker_is_killed_after_its_grace),
		cmocka_unit_test(test_workers_that_cannot_start_end_the_parent),
		cmocka_unit_test(test_a_failing_disk_is_tried_again),
		cmocka_unit_test(test_workers_leave_with_their_parent),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
