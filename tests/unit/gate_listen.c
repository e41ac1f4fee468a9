#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fcgi_client.h"
#include "gate/gate.h"

static char folder[64];
static char path[96];

static int
setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "%s", "/tmp/gate-listen.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/s", folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void
test_the_mode_is_the_one_asked_for_under_any_umask(void **state)
{
	static const mode_t umasks[] = { 077, 022, 0, 0777 };
	static const unsigned modes[] = { 0660, 0600, 0666 };

	(void)state;
	for (size_t i = 0; i < sizeof umasks / sizeof umasks[0]; i++) {
		for (size_t j = 0; j < sizeof modes / sizeof modes[0]; j++) {
			mode_t before = umask(umasks[i]);
			struct stat st;
			int fd;

			assert_int_equal(gate_listen_unix(path, modes[j], NULL, NULL, &fd), PT_OK);
			umask(before);
			assert_int_equal(lstat(path, &st), 0);
			assert_int_equal(st.st_mode, S_IFSOCK | modes[j]);
			assert_int_equal(gate_fd_kind(fd), GATE_FD_LISTENING);
			close(fd);	/* and is left behind for the next one */
		}
	}
}

static void
test_a_socket_that_answers_is_left_alone(void **state)
{
	int first, second, client;

	(void)state;
	assert_int_equal(gate_listen_unix(path, 0600, NULL, NULL, &first), PT_OK);
	assert_int_equal(gate_listen_unix(path, 0600, NULL, NULL, &second), PT_ERR_BUSY);
	client = client_connect(path);
	assert_true(client >= 0);
	assert_int_equal(gate_fd_kind(client), GATE_FD_CONNECTED);
	close(client);
	close(first);
}

static void
test_what_is_no_socket_is_left_alone(void **state)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600), listening;
	struct stat st;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(gate_fd_kind(fd), GATE_FD_OTHER);
	close(fd);
	assert_int_equal(gate_listen_unix(path, 0600, NULL, NULL, &listening), PT_ERR_INVALID);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(path);
}

static void
test_a_link_to_a_socket_is_left_alone(void **state)
{
	char other[128];
	int fd, second;

	(void)state;
	snprintf(other, sizeof other, "%s/other", folder);
	assert_int_equal(gate_listen_unix(other, 0600, NULL, NULL, &fd), PT_OK);
	close(fd);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(gate_listen_unix(path, 0600, NULL, NULL, &second), PT_ERR_INVALID);
	unlink(path);
	unlink(other);
}

struct bad_row {
	const char *name;
	const char *path;
	const char *owner;
	const char *group;
	enum pt_err err;
};

static const struct bad_row bad_rows[] = {
	{ "no path", "", NULL, NULL, PT_ERR_INVALID },
	{ "a path longer than a socket's name may be",
	  "/tmp/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
	  "0123456789", NULL, NULL, PT_ERR_INVALID },
	{ "a folder that does not exist", "/tmp/gate-listen-none/s", NULL, NULL, PT_ERR_IO },
	{ "an owner that does not exist", NULL, "no such user", NULL, PT_ERR_INVALID },
	{ "a group that does not exist", NULL, NULL, "no such group", PT_ERR_INVALID },
	{ "the number that means nobody", NULL, "4294967295", NULL, PT_ERR_INVALID },
};

static void
test_what_cannot_be_bound_leaves_nothing(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof bad_rows / sizeof bad_rows[0]; i++) {
		const struct bad_row *row = &bad_rows[i];

		if (gate_listen_unix(row->path ? row->path : path, 0600, row->owner, row->group, &fd) != row->err)
			fail_msg("%s", row->name);
		if (lstat(path, &st) == 0)
			fail_msg("%s: left behind", row->name);
	}
}

static void
test_owner_and_group_by_name_or_number(void **state)
{
	struct stat st;
	char number[16];
	const struct group *own = getgrgid(getegid());
	int fd;

	(void)state;
	snprintf(number, sizeof number, "%u", (unsigned)geteuid());
	assert_int_equal(gate_listen_unix(path, 0660, number, own ? own->gr_name : "", &fd), PT_OK);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_uid, geteuid());
	assert_int_equal(st.st_gid, getegid());
	close(fd);
}

static void
test_another_owner_wants_to_be_root(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(gate_listen_unix(path, 0660, "12345", "23456", &fd), PT_OK);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_gid, 23456);
	assert_int_equal(st.st_mode, S_IFSOCK | 0660);
	close(fd);
}

struct tcp_row {
	const char *address;
	bool good;
};

static const struct tcp_row tcp_rows[] = {
	{ "127.0.0.1:0", true },
	{ "127.1.2.3:0", true },
	{ "[::1]:0", true },
	{ "0.0.0.0:0", false },
	{ "10.0.0.1:0", false },
	{ "128.0.0.1:0", false },
	{ "[::]:0", false },
	{ "[::ffff:127.0.0.1]:0", false },
	{ "::1:0", false },
	{ "[127.0.0.1]:0", false },
	{ "[]:0", false },
	{ "[:0", false },
	{ "localhost:0", false },
	{ "127.0.0.1", false },
	{ "127.0.0.1:", false },
	{ "127.0.0.1:65536", false },
	{ "127.0.0.1:-1", false },
	{ ":9000", false },
	{ "", false },
};

static void
test_tcp_is_for_loopback_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tcp_rows / sizeof tcp_rows[0]; i++) {
		const struct tcp_row *row = &tcp_rows[i];
		int fd = -1;
		enum pt_err err = gate_listen_tcp(row->address, &fd);

		if (row->good ? err != PT_OK && err != PT_ERR_IO : err != PT_ERR_INVALID)
			fail_msg("%s", row->address);
		if (err == PT_OK) {
			assert_int_equal(gate_fd_kind(fd), GATE_FD_LOOPBACK);
			close(fd);
		}
	}
}

static void
test_what_others_reach_is_exposed(void **state)
{
	static const struct sockaddr_in any = { .sin_family = AF_INET };
	static const struct sockaddr_in6 any6 = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(gate_fd_kind(fd), GATE_FD_OTHER);
	assert_int_equal(bind(fd, (const struct sockaddr *)&any, sizeof any), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(gate_fd_kind(fd), GATE_FD_EXPOSED);
	close(fd);
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	if (fd < 0)
		return;	/* a machine without IPv6 */
	if (bind(fd, (const struct sockaddr *)&any6, sizeof any6) == 0 && listen(fd, 1) == 0)
		assert_int_equal(gate_fd_kind(fd), GATE_FD_EXPOSED);
	close(fd);
}

static void
test_what_is_not_open_is_no_socket(void **state)
{
	(void)state;
	assert_int_equal(gate_fd_kind(-1), GATE_FD_OTHER);
	assert_int_equal(gate_fd_kind(1000000), GATE_FD_OTHER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_mode_is_the_one_asked_for_under_any_umask, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_socket_that_answers_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_socket_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_link_to_a_socket_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_bound_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owner_and_group_by_name_or_number, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_owner_wants_to_be_root, setup, teardown),
		cmocka_unit_test(test_tcp_is_for_loopback_alone),
		cmocka_unit_test(test_what_others_reach_is_exposed),
		cmocka_unit_test(test_what_is_not_open_is_no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
