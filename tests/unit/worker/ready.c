/* What a service manager is told about us. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "worker/ready.h"
#include "support/scratch.h"

/* A manager's socket. Its name is a path or, if it begins with "@", abstract. */
static int
manager_listens(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	size_t len = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, name, len);
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&at,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

static void
assert_heard(const char *name)
{
	int manager = manager_listens(name), fd = ready_open();
	char heard[32];

	assert_true(fd >= 0);
	assert_true(recv(manager, heard, sizeof(heard), 0) < 0);
	ready_say(fd);
	assert_int_equal(recv(manager, heard, sizeof(heard), 0), strlen("READY=1"));
	assert_memory_equal(heard, "READY=1", strlen("READY=1"));
	close(fd);
	close(manager);
}

static void
a_manager_hears_it_at_its_socket(void **state)
{
	(void)state;
	assert_heard(scratch_path("notify"));
}

static void
and_at_an_abstract_one(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "@pintle-ready-%ld", (long)getpid());
	assert_heard(name);
}

static void
where_nobody_asks_nothing_is_said(void **state)
{
	(void)state;
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	assert_int_equal(ready_open(), -1);
	ready_say(-1);
}

static void
what_is_no_socket_is_left_alone(void **state)
{
	char longer[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 2];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	const char *const names[] = { "", "/", "@", "relative", longer,
	    scratch_path("nobody-listens") };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
		assert_int_equal(ready_open(), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_manager_hears_it_at_its_socket, scratch_begin,
		    scratch_end),
		cmocka_unit_test_setup_teardown(and_at_an_abstract_one, scratch_begin, scratch_end),
		cmocka_unit_test(where_nobody_asks_nothing_is_said),
		cmocka_unit_test_setup_teardown(what_is_no_socket_is_left_alone, scratch_begin,
		    scratch_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
