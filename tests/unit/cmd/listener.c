/* Who listens at a TCP port, according to the kernel's own tables. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/check/listener.h"

#define STRANGER 12345

/* A socket that listens at a free port and is owned by this user; 0: whoever runs the test. */
static int
listen_as(uid_t uid, char address[32])
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	if (uid)
		assert_int_equal(seteuid(uid), 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (uid)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	snprintf(address, 32, "127.0.0.1:%u", ntohs(at.sin_port));
	return fd;
}

static void
a_port_that_wants_no_root_is_anybodys(void **state)
{
	char address[32];
	int fd = listen_as(0, address);
	struct listener seen;

	(void)state;
	assert_int_equal(listen(fd, 1), 0);
	seen = listener_look(address, geteuid());
	assert_true(seen.port >= seen.free_from);
	assert_int_equal(seen.state, LISTENER_ANYBODY);
	assert_true(seen.there);
	close(fd);
	assert_false(listener_look(address, geteuid()).there);
}

static void
a_stranger_is_seen(void **state)
{
	char address[32];
	int fd;
	struct listener seen;

	(void)state;
	if (geteuid() != 0)
		skip();
	fd = listen_as(STRANGER, address);
	/* bound only: nobody can connect */
	assert_int_not_equal(listener_look(address, 0).state, LISTENER_STRANGER);
	assert_int_equal(listen(fd, 1), 0);
	seen = listener_look(address, 0);
	assert_int_equal(seen.state, LISTENER_STRANGER);
	assert_int_equal(seen.uid, STRANGER);
	assert_int_not_equal(listener_look(address, STRANGER).state, LISTENER_STRANGER);
	close(fd);
}

/* Below the smallest limit anywhere, so only root can bind it; nobody does. */
static void
nobody_listens(void **state)
{
	struct listener seen = listener_look("127.0.0.1:1", 0);

	(void)state;
	assert_int_equal(seen.state, seen.free_from <= 1 ? LISTENER_ANYBODY : LISTENER_NONE);
	assert_int_equal(listener_look("127.0.0.1", 0).state, LISTENER_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_that_wants_no_root_is_anybodys),
		cmocka_unit_test(a_stranger_is_seen),
		cmocka_unit_test(nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
