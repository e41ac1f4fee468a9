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

#include "support/fcgi_client.h"
#include "gate/gate.h"

static char folder[64];
static char path[96];

static int
setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s", "/tmp/gate-listen.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/s", folder);
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
	for (size_t i = 0; i < sizeof(umasks) / sizeof(umasks[0]); i++) {
		for (size_t j = 0; j < sizeof(modes) / sizeof(modes[0]); j++) {
			mode_t before = umask(umasks[i]);
			struct stat st;
			int fd;

			assert_int_equal(gate_listen_unix(&(struct gate_socket){ .path = path, .mode = modes[j] }, &fd), PT_OK);
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
	assert_int_equal(gate_listen_unix(&(struct gate_socket){ .path = path, .mode = 0600 }, &first), PT_OK);
	assert_int_equal(gate_listen_unix(&(struct gate_socket){ .path = path, .mode = 0600 }, &second), PT_ERR_BUSY);
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
	assert_int_equal(gate_listen_unix(&(struct gate_socket){ .path = path, .mode = 0600 }, &listening), PT_ERR_INVALID);
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
	snprintf(other, sizeof(other), "%s/other", folder);
	assert_int_equal(gate_listen_unix(&(struct gate_socket){ .path = other, .mode = 0600 }, &fd), PT_OK);
	close(fd);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(gate_listen_unix(&(struct gate_socket){ .path = path, .mode = 0600 }, &second), PT_ERR_INVALID);
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
	for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
		const struct bad_row *row = &bad_rows[i];

		if (gate_listen_unix(&(struct gate_socket){ .path = row->path ? row->path : path, .mode = 0600,
		    .owner = row->owner, .group = row->group }, &fd) != row->err)
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
	snprintf(number, sizeof(number), "%u", (unsigned)geteuid());
	assert_int_equal(gate_listen_unix(&(struct gate_socket){ .path = path, .mode = 0660, .owner = number,
	    .group = own ? own->gr_name : "" }, &fd), PT_OK);
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
	assert_int_equal(gate_listen_unix(&(struct gate_socket){ .path = path, .mode = 0660, .owner = "12345",
	    .group = "23456" }, &fd), PT_OK);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_gid, 23456);
	assert_int_equal(st.st_mode, S_IFSOCK | 0660);
	close(fd);
}

/* ---- a missing folder ---- */

static void
test_root_makes_the_folder_for_its_worker(void **state)
{
	char within[128], made[160], socket[192];
	struct stat st;
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	snprintf(within, sizeof(within), "%s/run", folder);
	snprintf(made, sizeof(made), "%s/pintle", within);
	snprintf(socket, sizeof(socket), "%s/s", made);
	const struct gate_socket wanted = { .path = socket, .mode = 0660, .user = "12345" };

	/* If two are missing none is made, nor is one made where others can write. */
	assert_int_equal(gate_listen_unix(&wanted, &fd), PT_ERR_IO);
	assert_int_equal(mkdir(within, 0755), 0);
	assert_int_equal(chmod(within, 01777), 0);
	assert_int_equal(gate_listen_unix(&wanted, &fd), PT_ERR_IO);
	assert_int_not_equal(lstat(made, &st), 0);
	assert_int_equal(chmod(within, 0755), 0);
	assert_int_equal(gate_listen_unix(&wanted, &fd), PT_OK);
	assert_int_equal(lstat(made, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_mode, S_IFDIR | 0755);
	close(fd);
	unlink(socket);
	rmdir(made);
	rmdir(within);
}

/* ---- the folder ---- */

#define STRANGER 12345

struct folder_row {
	const char *name;
	mode_t mode, above;	/* of the folder and of the one above it; 0: unchanged */
	uid_t owner;		/* of the folder; any owner but 0 requires root */
	const char *user;
	const char *link;	/* a link on the path; its owner */
	uid_t maker;
	const char *socket;	/* below the folder */
	enum pt_err err;
};

static const struct folder_row folder_rows[] = {
	{ "ours alone", 0700, 0, 0, NULL, NULL, 0, "s", PT_OK },
	{ "ours, for others to look at", 0755, 0, 0, NULL, NULL, 0, "s", PT_OK },
	{ "slashes that are too many", 0755, 0, 0, NULL, NULL, 0, "//s", PT_OK },
	{ "everybody can write", 0777, 0, 0, NULL, NULL, 0, "s", PT_ERR_PERM },
	{ "everybody can write, and take nothing away", 01777, 0, 0, NULL, NULL, 0, "s", PT_ERR_PERM },
	{ "the same, with slashes that are too many", 01777, 0, 0, NULL, NULL, 0, "///s", PT_ERR_PERM },
	{ "the group can write", 0770, 0, 0, NULL, NULL, 0, "s", PT_ERR_PERM },
	{ "everybody can write to the one above", 0755, 0777, 0, NULL, NULL, 0, "s", PT_ERR_PERM },
	{ "everybody can write to the one above, and take nothing away", 0755, 01777, 0, NULL, NULL, 0, "s", PT_OK },
	{ "a stranger's", 0755, 0, STRANGER, NULL, NULL, 0, "s", PT_ERR_PERM },
	{ "the configured user's, of a worker that root starts", 0755, 0, STRANGER, "12345", NULL, 0, "s", PT_OK },
	{ "a third person's", 0755, 0, STRANGER, "12346", NULL, 0, "s", PT_ERR_PERM },
	{ "by a link that root made", 0755, 0, 0, NULL, "by", 0, "s", PT_OK },
	{ "by a link that somebody else made", 0755, 0, 0, NULL, "by", STRANGER, "s", PT_ERR_PERM },
};

/* Makes what the row says below `folder`; out gets the socket's path. */
static void
folder_make(const struct folder_row *row, char *out, size_t cap)
{
	char inner[96], link[96];

	snprintf(inner, sizeof(inner), "%s/inner", folder);
	assert_int_equal(mkdir(inner, 0700), 0);
	assert_int_equal(chmod(inner, row->mode), 0);
	if (row->owner)
		assert_int_equal(chown(inner, row->owner, row->owner), 0);
	if (row->above)
		assert_int_equal(chmod(folder, row->above), 0);
	if (row->link) {
		snprintf(link, sizeof(link), "%s/%s", folder, row->link);
		assert_int_equal(symlink(inner, link), 0);
		assert_int_equal(lchown(link, row->maker, row->maker), 0);
	}
	snprintf(out, cap, "%s/%s/%s", folder, row->link ? row->link : "inner", row->socket);
}

static void
test_the_folder_is_nobody_elses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(folder_rows) / sizeof(folder_rows[0]); i++) {
		const struct folder_row *row = &folder_rows[i];
		char at[128], name[128];
		int fd = -1;

		if (geteuid() != 0 && (row->owner || row->link))
			continue;
		folder_make(row, at, sizeof(at));
		enum pt_err err = gate_listen_unix(&(struct gate_socket){ .path = at, .mode = 0660, .user = row->user }, &fd);

		if (err != row->err)
			fail_msg("%s: %s", row->name, pt_err_text(err));
		if ((unlink(at) == 0) != (row->err == PT_OK))
			fail_msg("%s: the socket is there, or not", row->name);
		if (fd >= 0)
			close(fd);
		snprintf(name, sizeof(name), "%s/by", folder);
		unlink(name);
		snprintf(name, sizeof(name), "%s/inner", folder);
		assert_int_equal(rmdir(name), 0);
		assert_int_equal(chmod(folder, 0700), 0);
	}
}

/* What somebody puts in the socket's place as soon as it exists. */
enum swap { SWAP_NOTHING, SWAP_LINK, SWAP_HARD_LINK, SWAP_FILE };
static enum swap swap;
static char treasure[96];

int __real_bind(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len);

int
__wrap_bind(int fd, const struct sockaddr *address, socklen_t len)
{
	int status = __real_bind(fd, address, len);

	if (status != 0 || swap == SWAP_NOTHING)
		return status;
	assert_int_equal(unlink(path), 0);
	if (swap == SWAP_LINK)
		assert_int_equal(symlink(treasure, path), 0);
	else if (swap == SWAP_HARD_LINK)
		assert_int_equal(link(treasure, path), 0);
	else
		close(open(path, O_WRONLY | O_CREAT | O_EXCL, 0660));
	return status;
}

static void
test_what_is_swapped_in_keeps_its_owner_and_mode(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	snprintf(treasure, sizeof(treasure), "%s/treasure", folder);
	for (swap = SWAP_LINK; swap <= SWAP_FILE; swap++) {
		fd = open(treasure, O_WRONLY | O_CREAT | O_EXCL, 0600);
		assert_true(fd >= 0);
		close(fd);
		assert_int_not_equal(gate_listen_unix(&(struct gate_socket){ .path = path, .mode = 0660,
		    .group = geteuid() == 0 ? "23456" : NULL }, &fd), PT_OK);
		assert_int_equal(lstat(treasure, &st), 0);
		assert_int_equal(st.st_mode, S_IFREG | 0600);
		assert_int_equal(st.st_gid, getegid());
		unlink(treasure);
		unlink(path);
	}
	swap = SWAP_NOTHING;
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
	for (size_t i = 0; i < sizeof(tcp_rows) / sizeof(tcp_rows[0]); i++) {
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
	assert_int_equal(bind(fd, (const struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(gate_fd_kind(fd), GATE_FD_EXPOSED);
	close(fd);
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	if (fd < 0)
		return;	/* a machine without IPv6 */
	if (bind(fd, (const struct sockaddr *)&any6, sizeof(any6)) == 0 && listen(fd, 1) == 0)
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
		cmocka_unit_test_setup_teardown(test_root_makes_the_folder_for_its_worker, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_folder_is_nobody_elses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_swapped_in_keeps_its_owner_and_mode, setup, teardown),
		cmocka_unit_test(test_tcp_is_for_loopback_alone),
		cmocka_unit_test(test_what_others_reach_is_exposed),
		cmocka_unit_test(test_what_is_not_open_is_no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
