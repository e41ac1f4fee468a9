#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/fcgi_client.h"
#include "gate/door.h"
#include "gate/gate.h"
#include "support/gate_double.h"

#define THREADS 4

/* A server in a thread of this process. */
struct server {
	char folder[64];
	char path[96];
	int listen_fd;
	int stop[2];
	struct gate_options options;
	struct web_app app;
	pthread_t thread;
	enum pt_err result;
	bool joined;
};

static void *
server_thread(void *arg)
{
	struct server *server = arg;

	server->result = gate_serve(server->listen_fd, server->stop[0], &server->options, &server->app);
	return NULL;
}

static struct server *
server_start_as(const struct gate_options *options)
{
	struct server *server = calloc(1, sizeof(*server));

	assert_non_null(server);
	snprintf(server->folder, sizeof(server->folder), "%s", "/tmp/gate-serve.XXXXXX");
	assert_non_null(mkdtemp(server->folder));
	snprintf(server->path, sizeof(server->path), "%s/s", server->folder);
	server->options = *options;
	assert_int_equal(gate_listen_unix(&(struct gate_socket){ .path = server->path, .mode = 0600 }, &server->listen_fd), PT_OK);
	assert_int_equal(pipe(server->stop), 0);
	assert_int_equal(pthread_create(&server->thread, NULL, server_thread, server), 0);
	return server;
}

static struct server *
server_start(int64_t timeout_ms, bool authorizer_only)
{
	return server_start_as(&(struct gate_options){
		.threads = THREADS,
		.request_timeout_ms = timeout_ms,
		.authorizer_only = authorizer_only,
	});
}

/* Asks the server to stop. */
static void
server_stop(const struct server *server)
{
	assert_int_equal(write(server->stop[1], "", 1), 1);
}

/* Waits until it has stopped and returns its result. */
static enum pt_err
server_join(struct server *server)
{
	pthread_join(server->thread, NULL);
	server->joined = true;
	return server->result;
}

static void
server_free(struct server *server)
{
	if (!server->joined) {
		server_stop(server);
		assert_int_equal(server_join(server), PT_OK);
	}
	close(server->listen_fd);
	close(server->stop[0]);
	close(server->stop[1]);
	unlink(server->path);
	rmdir(server->folder);
	free(server);
}

static int64_t
now_ms(void)
{
	return clock_now().stamp.ms;
}

/* Asserts that the server still answers. */
static void
assert_alive(const struct server *server)
{
	struct buf bytes = BUF_EMPTY;
	struct client_answer answer;

	client_request(&bytes, ROLE_RESPONDER, "/echo", NULL);
	client_ask(server->path, &bytes, &answer);
	assert_true(client_has(&answer, "role=0 state=0 body=0"));
	assert_false(client_has(&answer, " keeps"));
	client_answer_free(&answer);
	buf_free(&bytes);
}

static void
test_an_answer_is_one_record_and_the_connection_is_closed(void **state)
{
	struct server *server = server_start(5000, false);
	struct buf bytes = BUF_EMPTY, pairs = BUF_EMPTY;
	struct client_answer answer;

	(void)state;
	client_param(&pairs, "SCRIPT_NAME", "/echo");
	client_begin(&bytes, ROLE_RESPONDER, true);	/* please keep the connection */
	client_params(&bytes, &pairs);
	client_record(&bytes, FCGI_STDIN, NULL, 0);
	client_ask(server->path, &bytes, &answer);
	assert_true(client_has(&answer, "Status: 200 OK\r\n"));
	assert_true(client_has(&answer, "X-Double: yes\r\n"));
	assert_true(client_has(&answer, " keeps"));
	assert_int_equal(answer.records, 1);
	assert_true(answer.ended);
	assert_true(answer.closed);
	client_answer_free(&answer);
	buf_free(&pairs);
	buf_free(&bytes);
	server_free(server);
}

static void
test_a_large_answer_comes_whole(void **state)
{
	struct server *server = server_start(5000, false);
	struct buf bytes = BUF_EMPTY;
	struct client_answer answer;

	(void)state;
	client_request(&bytes, ROLE_RESPONDER, "/big", NULL);
	client_ask(server->path, &bytes, &answer);
	assert_true(client_has(&answer, "Content-Length: 100000\r\n"));
	assert_true(answer.text.len > DOUBLE_BIG && answer.text.len < DOUBLE_BIG + 200);
	assert_true(answer.ended);
	client_answer_free(&answer);
	buf_free(&bytes);
	server_free(server);
}

/* A request's records inside the body of another one, which is too long to be read at all. */
static void
body_with_forged_request(struct buf *body, size_t len)
{
	struct buf pairs = BUF_EMPTY;

	while (body->len < len) {
		client_begin(body, ROLE_RESPONDER, true);
		buf_free(&pairs);
		client_param(&pairs, "SCRIPT_NAME", "/echo");
		client_param(&pairs, "REMOTE_USER", "mallory");
		client_params(body, &pairs);
		client_record(body, FCGI_STDIN, NULL, 0);
	}
	buf_free(&pairs);
}

static void
test_records_in_a_body_are_no_request(void **state)
{
	static const size_t lengths[] = { 13000, 20000, 200000, 3000000 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct server *server = server_start(5000, false);
		struct buf bytes = BUF_EMPTY, pairs = BUF_EMPTY, body = BUF_EMPTY;
		struct client_answer answer;

		body_with_forged_request(&body, lengths[i]);
		client_param(&pairs, "SCRIPT_NAME", "/echo");
		client_begin(&bytes, ROLE_RESPONDER, true);
		client_params(&bytes, &pairs);
		client_stdin(&bytes, body.ptr, body.len);
		client_record(&bytes, FCGI_STDIN, NULL, 0);
		buf_append(&bytes, body.ptr, body.len);	/* and after the request */
		client_ask(server->path, &bytes, &answer);
		assert_false(client_has(&answer, "mallory"));
		assert_int_equal(atomic_load(&server->app.begun), 1);
		assert_alive(server);
		client_answer_free(&answer);
		buf_free(&body);
		buf_free(&pairs);
		buf_free(&bytes);
		server_free(server);
	}
}

static void
test_a_request_cut_anywhere_in_its_parameters_is_none(void **state)
{
	struct server *server = server_start(5000, false);
	struct buf whole = BUF_EMPTY;
	struct client_answer answer;

	(void)state;
	client_request(&whole, ROLE_RESPONDER, "/echo", NULL);
	/* The last sixteen bytes end the parameters and the body. */
	for (size_t len = 0; len <= whole.len - 16; len++) {
		int fd = client_connect(server->path);
		struct buf part = whole;

		part.len = len;
		assert_true(client_send(fd, &part));
		shutdown(fd, SHUT_WR);
		client_receive(fd, &answer);
		assert_true(answer.closed);
		assert_int_equal(answer.text.len, 0);
		client_answer_free(&answer);
		close(fd);
	}
	assert_int_equal(atomic_load(&server->app.begun), 0);
	assert_alive(server);
	buf_free(&whole);
	server_free(server);
}

static void
test_what_is_no_fastcgi_is_no_request(void **state)
{
	static const struct slice texts[] = {
		{ "GET / HTTP/1.0\r\n\r\n", 18 },
		{ "\x01", 1 },
		/* parameters of a request that never began */
		{ "\x01\x04\x00\x01\xff\xff\x00\x00?", 9 },
		{ "\x02\x01\x00\x01\x00\x08\x00\x00", 8 },	/* another version */
	};
	struct server *server = server_start(5000, false);

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf bytes = BUF_EMPTY;
		int fd = client_connect(server->path);
		struct client_answer answer;

		buf_put(&bytes, texts[i]);
		client_send(fd, &bytes);
		shutdown(fd, SHUT_WR);
		client_receive(fd, &answer);
		assert_int_equal(answer.text.len, 0);
		client_answer_free(&answer);
		buf_free(&bytes);
		close(fd);
	}
	assert_int_equal(atomic_load(&server->app.begun), 0);
	assert_alive(server);
	server_free(server);
}

static void
test_an_authorizer_is_answered_without_a_body_record(void **state)
{
	struct server *server = server_start(5000, true);
	struct buf bytes = BUF_EMPTY, pairs = BUF_EMPTY;
	struct client_answer answer;

	(void)state;
	client_param(&pairs, "SCRIPT_NAME", "/echo");
	client_param(&pairs, "REMOTE_USER", "mallory");
	client_param(&pairs, "REMOTE_PASSWD", "secret");
	client_begin(&bytes, ROLE_AUTHORIZER, false);
	client_params(&bytes, &pairs);
	client_ask(server->path, &bytes, &answer);
	assert_true(client_has(&answer, "role=1 state=0 body=0"));
	assert_false(client_has(&answer, "mallory"));
	assert_false(client_has(&answer, "secret"));
	assert_false(client_has(&answer, "Content-Length"));
	client_answer_free(&answer);
	buf_free(&pairs);
	buf_free(&bytes);
	server_free(server);
}

struct role_row {
	const char *name;
	unsigned role;
	bool authorizer_only;
	const char *status;	/* NULL: no answer */
};

static const struct role_row role_rows[] = {
	{ "a responder where all may ask", ROLE_RESPONDER, false, "Status: 200 " },
	{ "an authorizer where all may ask", ROLE_AUTHORIZER, false, "Status: 200 " },
	{ "a filter", ROLE_FILTER, false, "Status: 501 " },
	{ "a role that does not exist", 7, false, NULL },
	{ "a responder where authorizers alone may ask", ROLE_RESPONDER, true, "Status: 403 " },
	{ "a filter where authorizers alone may ask", ROLE_FILTER, true, "Status: 403 " },
};

static void
test_roles(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(role_rows) / sizeof(role_rows[0]); i++) {
		const struct role_row *row = &role_rows[i];
		struct server *server = server_start(5000, row->authorizer_only);
		struct buf bytes = BUF_EMPTY;
		struct client_answer answer;

		client_request(&bytes, row->role, "/echo", NULL);
		client_ask(server->path, &bytes, &answer);
		if (row->status ? !client_has(&answer, row->status) : answer.text.len > 0)
			fail_msg("%s", row->name);
		client_answer_free(&answer);
		buf_free(&bytes);
		server_free(server);
	}
}

struct body_row {
	const char *name;
	const char *declared;
	size_t sent;
	unsigned last_record;	/* what comes after it */
	const char *seen;
};

static const struct body_row body_rows[] = {
	{ "a body of the right length", "7", 7, FCGI_STDIN, "state=0 body=7 " },
	{ "a body shorter than it says", "8", 7, FCGI_STDIN, "state=2 body=0 " },
	{ "a body longer than it says", "6", 7, FCGI_STDIN, "state=2 body=0 " },
	{ "a body aborted on its way", "7", 5, FCGI_ABORT, "state=2 body=0 " },
	{ "a body aborted at its end", "7", 7, FCGI_ABORT, "state=2 body=0 " },
	{ "the largest body", "16384", 16384, FCGI_STDIN, "state=0 body=16384 " },
	{ "one byte more", "16385", 16385, FCGI_STDIN, "state=1 body=0 " },
	{ "a megabyte", "1000000", 1000000, FCGI_STDIN, "state=1 body=0 " },
	{ "no length and a body", "", 7, FCGI_STDIN, "state=0 body=7 " },
	{ "a length that is none", "seven", 7, FCGI_STDIN, "state=2 body=0 " },
	{ "a length beyond all bounds and no body", "99999999999999999999", 0, FCGI_STDIN, "state=2 body=0 " },
};

static void
test_bodies(void **state)
{
	struct server *server = server_start(5000, false);
	char *body = calloc(1, 1000000);

	(void)state;
	assert_non_null(body);
	for (size_t i = 0; i < sizeof(body_rows) / sizeof(body_rows[0]); i++) {
		const struct body_row *row = &body_rows[i];
		struct buf bytes = BUF_EMPTY, pairs = BUF_EMPTY;
		struct client_answer answer;

		client_param(&pairs, "SCRIPT_NAME", "/echo");
		client_param(&pairs, "CONTENT_LENGTH", row->declared);
		client_begin(&bytes, ROLE_RESPONDER, false);
		client_params(&bytes, &pairs);
		client_stdin(&bytes, body, row->sent);
		client_record(&bytes, row->last_record, NULL, 0);
		client_ask(server->path, &bytes, &answer);
		if (!client_has(&answer, row->seen))
			fail_msg("%s: %.*s", row->name, (int)answer.text.len, answer.text.ptr);
		client_answer_free(&answer);
		buf_free(&pairs);
		buf_free(&bytes);
	}
	free(body);
	server_free(server);
}

static void
test_too_many_parameters_cost_no_work(void **state)
{
	struct server *server = server_start(5000, false);
	struct buf bytes = BUF_EMPTY, pairs = BUF_EMPTY;
	struct client_answer answer;

	(void)state;
	for (int i = 0; i < 5000; i++)
		client_param(&pairs, "HTTP_X", "y");
	client_begin(&bytes, ROLE_RESPONDER, false);
	client_params(&bytes, &pairs);
	client_record(&bytes, FCGI_STDIN, NULL, 0);
	client_ask(server->path, &bytes, &answer);
	assert_true(client_has(&answer, "Status: 431 "));
	assert_int_equal(atomic_load(&server->app.begun), 0);
	client_answer_free(&answer);
	buf_free(&pairs);
	buf_free(&bytes);
	server_free(server);
}

static void
test_as_many_stalled_peers_as_threads_keep_nobody_out(void **state)
{
	struct server *server = server_start(8000, false);
	int fds[THREADS];
	int64_t began = now_ms();

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		struct buf bytes = BUF_EMPTY;

		fds[i] = client_connect(server->path);
		client_begin(&bytes, ROLE_RESPONDER, false);
		assert_true(client_send(fds[i], &bytes));
		buf_free(&bytes);
	}
	assert_alive(server);
	assert_true(now_ms() - began < 5000);
	for (int i = 0; i < THREADS; i++)
		close(fds[i]);
	server_free(server);
}

/* Opens a connection and sends as much of a request as bytes has. */
static int
begin_request(const struct server *server, const struct buf *bytes)
{
	int fd = client_connect(server->path);

	assert_true(fd >= 0);
	assert_true(client_send(fd, bytes));
	return fd;
}

/* A request up to the first bytes of a body of ten. */
static void
slow_body(struct buf *out, const char *address)
{
	struct buf pairs = BUF_EMPTY;

	client_param(&pairs, "SCRIPT_NAME", "/echo");
	client_param(&pairs, "CONTENT_LENGTH", "10");
	client_param(&pairs, "REMOTE_ADDR", address);
	client_begin(out, ROLE_RESPONDER, false);
	client_params(out, &pairs);
	client_stdin(out, "123", 3);
	buf_free(&pairs);
}

#define CROWD 700	/* far more than may wait, and than there are threads */

static void
test_a_crowd_of_half_requests_keeps_nobody_out(void **state)
{
	struct server *server = server_start(20000, false);
	int fds[CROWD];
	unsigned gone = 0;
	int64_t began = now_ms();

	(void)state;
	for (int i = 0; i < CROWD; i++) {
		struct buf bytes = BUF_EMPTY;
		char address[32];

		snprintf(address, sizeof(address), "192.0.2.%d", i % 250);
		if (i % 2)
			slow_body(&bytes, address);
		else
			client_begin(&bytes, ROLE_RESPONDER, false);
		fds[i] = begin_request(server, &bytes);
		buf_free(&bytes);
		if (i % 50 == 0)
			assert_alive(server);
	}
	assert_alive(server);
	assert_true(now_ms() - began < 15000);
	/* Over the limit, the oldest unknown connections were closed; the others wait. */
	for (int i = 0; i < CROWD; i++) {
		struct pollfd look = { fds[i], POLLIN, 0 };
		bool over = poll(&look, 1, 0) == 1;

		gone += over;
		assert_true(!over || i % 2 == 0);
	}
	assert_true(gone >= CROWD - DOOR_MAX_WAITING && gone <= CROWD - DOOR_MAX_WAITING + 20);
	/* A slow one is answered like any other once it is complete. */
	struct buf rest = BUF_EMPTY;
	struct client_answer answer;

	client_stdin(&rest, "4567890", 7);
	client_record(&rest, FCGI_STDIN, NULL, 0);
	assert_true(client_send(fds[1], &rest));
	client_receive(fds[1], &answer);
	assert_true(client_has(&answer, "state=0 body=10 "));
	client_answer_free(&answer);
	buf_free(&rest);
	for (int i = 0; i < CROWD; i++)
		close(fds[i]);
	server_free(server);
}

static void
test_of_one_address_no_more_bodies_are_waited_for(void **state)
{
	struct server *server = server_start(20000, false);
	struct buf bytes = BUF_EMPTY, other = BUF_EMPTY;
	int fds[DOOR_MAX_OF_ADDRESS + 2];
	struct client_answer answer;

	(void)state;
	slow_body(&bytes, "192.0.2.1");
	slow_body(&other, "192.0.2.2");
	for (int i = 0; i < DOOR_MAX_OF_ADDRESS; i++)
		fds[i] = begin_request(server, &bytes);
	assert_alive(server);
	fds[DOOR_MAX_OF_ADDRESS] = begin_request(server, &bytes);
	client_receive(fds[0], &answer);	/* the oldest of them was closed */
	assert_true(client_has(&answer, "Status: 503 "));
	client_answer_free(&answer);
	fds[DOOR_MAX_OF_ADDRESS + 1] = begin_request(server, &other);
	assert_int_equal(poll(&(struct pollfd){ fds[DOOR_MAX_OF_ADDRESS + 1], POLLIN, 0 }, 1, 200), 0);
	assert_int_equal(poll(&(struct pollfd){ fds[1], POLLIN, 0 }, 1, 0), 0);
	assert_int_equal(atomic_load(&server->app.begun), 1);
	for (int i = 0; i < DOOR_MAX_OF_ADDRESS + 2; i++)
		close(fds[i]);
	buf_free(&bytes);
	buf_free(&other);
	server_free(server);
}

/* Each of these kills a process that lets libfcgi read it, and would kill this one. */
static void
test_what_ends_libfcgi_never_comes_to_it(void **state)
{
	static const char many[] = "\x0f\x00" "FCGI_MPXS_CONNS" "\x0e\x00" "FCGI_MAX_CONNS" "\x0d\x00" "FCGI_MAX_REQS";
	static const struct slice lengths[] = {
		SLICE("\xff\xff\xff\xff\x01"), SLICE("\x01\xff\xff\xff\xff"), SLICE("\xff\xff\xff\xfe\xff\xff\xff\xfe"),
		SLICE("\xbf\xff\xff\xff\xbf\xff\xff\xff" "AB"),
	};
	struct server *server = server_start(2000, false);
	struct buf values = BUF_EMPTY, bytes = BUF_EMPTY;
	unsigned char head[8] = { 1, 9 };	/* FCGI_GET_VALUES, outside any request */
	struct client_answer answer;

	(void)state;
	while (values.len < 60000)
		buf_append(&values, many, sizeof(many) - 1);
	head[4] = (unsigned char)(values.len >> 8);
	head[5] = (unsigned char)(values.len & 0xff);
	/* Before a request and in the middle of one. */
	for (int i = 0; i < 2; i++) {
		buf_clear(&bytes);
		if (i == 1)
			client_begin(&bytes, ROLE_RESPONDER, false);
		buf_append(&bytes, head, sizeof(head));
		buf_put(&bytes, buf_slice(&values));
		if (i == 0)
			client_begin(&bytes, ROLE_RESPONDER, false);
		client_record(&bytes, FCGI_PARAMS, NULL, 0);
		client_record(&bytes, FCGI_STDIN, NULL, 0);
		client_ask(server->path, &bytes, &answer);
		assert_true(answer.ended);
		client_answer_free(&answer);
		assert_alive(server);
	}
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		buf_clear(&bytes);
		client_begin(&bytes, ROLE_RESPONDER, false);
		client_record(&bytes, FCGI_PARAMS, lengths[i].ptr, lengths[i].len);
		client_record(&bytes, FCGI_PARAMS, NULL, 0);
		client_record(&bytes, FCGI_STDIN, NULL, 0);
		client_ask(server->path, &bytes, &answer);
		assert_true(answer.closed);
		assert_false(answer.ended);
		client_answer_free(&answer);
		assert_alive(server);
	}
	buf_free(&values);
	buf_free(&bytes);
	server_free(server);
}

static void
test_a_peer_that_drips_is_cut_at_its_time(void **state)
{
	struct server *server = server_start(600, false);
	struct buf bytes = BUF_EMPTY;
	int fd = client_connect(server->path);
	int64_t began = now_ms();
	size_t sent = 0;

	(void)state;
	client_request(&bytes, ROLE_RESPONDER, "/echo", NULL);
	/* One byte each 50 ms: each is in time, but together they take much longer than allowed. */
	while (sent < bytes.len && send(fd, bytes.ptr + sent, 1, MSG_NOSIGNAL) == 1) {
		sent++;
		poll(NULL, 0, 50);
	}
	assert_true(sent < bytes.len);
	assert_true(now_ms() - began < 2500);
	assert_int_equal(atomic_load(&server->app.begun), 0);
	close(fd);
	buf_free(&bytes);
	server_free(server);
}

static void
test_a_body_that_stalls_is_a_short_one(void **state)
{
	struct server *server = server_start(600, false);
	struct buf bytes = BUF_EMPTY, pairs = BUF_EMPTY;
	struct client_answer answer;

	(void)state;
	client_param(&pairs, "SCRIPT_NAME", "/echo");
	client_param(&pairs, "CONTENT_LENGTH", "10");
	client_begin(&bytes, ROLE_RESPONDER, false);
	client_params(&bytes, &pairs);
	client_stdin(&bytes, "123", 3);
	client_ask(server->path, &bytes, &answer);
	assert_true(client_has(&answer, "state=2 body=0 "));
	client_answer_free(&answer);
	buf_free(&pairs);
	buf_free(&bytes);
	server_free(server);
}

static void
test_who_does_not_read_the_answer_is_cut_at_its_time(void **state)
{
	struct server *server = server_start(300, false);
	struct buf bytes = BUF_EMPTY;
	int fds[THREADS];

	(void)state;
	client_request(&bytes, ROLE_RESPONDER, "/big", NULL);
	for (int i = 0; i < THREADS; i++) {
		int small = 1;

		fds[i] = client_connect(server->path);
		setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
		assert_true(client_send(fds[i], &bytes));
	}
	assert_alive(server);
	for (int i = 0; i < THREADS; i++)
		close(fds[i]);
	buf_free(&bytes);
	server_free(server);
}

static void
test_a_peer_that_left_is_seen(void **state)
{
	struct server *server = server_start(5000, false);
	struct buf bytes = BUF_EMPTY;
	int fd = client_connect(server->path);

	(void)state;
	client_request(&bytes, ROLE_RESPONDER, "/slow", NULL);
	assert_true(client_send(fd, &bytes));
	close(fd);
	while (atomic_load(&server->app.answered) == 0)
		poll(NULL, 0, 5);
	assert_int_equal(atomic_load(&server->app.left), 1);
	buf_free(&bytes);
	server_free(server);
}

/* Asserts whether /slow saw its peer waiting, if the peer does this after asking. */
static void
assert_waits(int how, const char *seen)
{
	struct server *server = server_start(5000, false);
	struct buf bytes = BUF_EMPTY;
	struct client_answer answer;
	int fd = client_connect(server->path);

	client_request(&bytes, ROLE_RESPONDER, "/slow", NULL);
	assert_true(client_send(fd, &bytes));
	if (how >= 0)
		shutdown(fd, how);
	client_receive(fd, &answer);
	assert_true(client_has(&answer, seen));
	client_answer_free(&answer);
	close(fd);
	buf_free(&bytes);
	server_free(server);
}

static void
test_a_peer_that_waits_is_seen(void **state)
{
	(void)state;
	assert_waits(-1, "waits=1");
}

static void
test_a_peer_that_only_stopped_sending_still_waits(void **state)
{
	(void)state;
	assert_waits(SHUT_WR, "waits=1");
}

static void
test_without_descriptors_the_server_waits_for_better_times(void **state)
{
	struct server *server = server_start(5000, false);
	struct buf bytes = BUF_EMPTY;
	struct rlimit before, none;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct pollfd answer;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_alive(server);
	strncpy(address.sun_path, server->path, sizeof(address.sun_path) - 1);
	client_request(&bytes, ROLE_RESPONDER, "/echo", NULL);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 3;	/* what is open stays open, but nothing more can be opened */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_true(client_send(fd, &bytes));
	answer = (struct pollfd){ fd, POLLIN, 0 };
	assert_int_equal(poll(&answer, 1, 300), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(poll(&answer, 1, 2000), 1);
	assert_alive(server);
	close(fd);
	buf_free(&bytes);
	server_free(server);
}

static void
test_a_stop_lets_what_runs_finish(void **state)
{
	struct server *server = server_start(5000, false);
	struct buf bytes = BUF_EMPTY;
	struct client_answer answer;
	int fd = client_connect(server->path);

	(void)state;
	client_request(&bytes, ROLE_RESPONDER, "/slow", NULL);
	assert_true(client_send(fd, &bytes));
	while (atomic_load(&server->app.begun) == 0)
		poll(NULL, 0, 5);
	server_stop(server);
	client_receive(fd, &answer);
	assert_true(client_has(&answer, "waits=1"));
	assert_true(answer.ended);
	assert_int_equal(server_join(server), PT_OK);
	client_answer_free(&answer);
	close(fd);
	buf_free(&bytes);
	server_free(server);
}

static void
test_a_stop_answers_those_who_had_come(void **state)
{
	struct server *server = server_start(5000, false);
	struct buf bytes = BUF_EMPTY;
	int fds[2 * THREADS];

	(void)state;
	client_request(&bytes, ROLE_RESPONDER, "/slow", NULL);
	for (int i = 0; i < 2 * THREADS; i++) {
		fds[i] = client_connect(server->path);
		assert_true(client_send(fds[i], &bytes));
	}
	while (atomic_load(&server->app.begun) < THREADS)
		poll(NULL, 0, 5);
	server_stop(server);
	for (int i = 0; i < 2 * THREADS; i++) {
		struct client_answer answer;

		client_receive(fds[i], &answer);
		assert_true(client_has(&answer, "waits=1"));
		client_answer_free(&answer);
		close(fds[i]);
	}
	assert_int_equal(server_join(server), PT_OK);
	buf_free(&bytes);
	server_free(server);
}

static void
test_a_stop_does_not_wait_for_stalled_peers(void **state)
{
	struct server *server = server_start(500, false);
	int fds[THREADS + 2];
	int64_t began = now_ms();

	(void)state;
	for (int i = 0; i < THREADS + 2; i++)
		fds[i] = client_connect(server->path);
	poll(NULL, 0, 50);
	server_stop(server);
	assert_int_equal(server_join(server), PT_OK);
	assert_true(now_ms() - began < 2500);
	for (int i = 0; i < THREADS + 2; i++)
		close(fds[i]);
	server_free(server);
}

static void
test_a_lost_store_is_answered_and_ends_the_server(void **state)
{
	struct server *server = server_start(5000, false);
	struct buf bytes = BUF_EMPTY;
	struct client_answer answer;

	(void)state;
	client_request(&bytes, ROLE_RESPONDER, "/fatal", NULL);
	client_ask(server->path, &bytes, &answer);
	assert_true(client_has(&answer, "Status: 500 "));
	assert_true(answer.ended);
	assert_int_equal(server_join(server), PT_ERR_FATAL);
	client_answer_free(&answer);
	buf_free(&bytes);
	server_free(server);
}

static void
test_what_does_not_listen_ends_the_server(void **state)
{
	struct gate_options options = { .threads = THREADS, .request_timeout_ms = 1000 };
	struct web_app app = { 0 };
	int stop[2], pair[2];

	(void)state;
	assert_int_equal(pipe(stop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[0], "x", 1), 1);	/* so that it looks ready */
	assert_int_equal(gate_serve(pair[1], stop[0], &options, &app), PT_ERR_IO);
	close(stop[0]);
	close(stop[1]);
	close(pair[0]);
	close(pair[1]);
}

static void *
ask_often(void *arg)
{
	for (int i = 0; i < 50; i++)
		assert_alive(arg);
	return NULL;
}

static void
test_many_at_once_are_all_answered(void **state)
{
	struct server *server = server_start(5000, false);
	pthread_t threads[8];

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often, server), 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&server->app.answered), 400);
	server_free(server);
}

/* Sends a request; its answer is read later. */
static int
ask_later(const struct server *server, const char *path)
{
	struct buf bytes = BUF_EMPTY;
	int fd = client_connect(server->path);

	client_request(&bytes, ROLE_RESPONDER, path, NULL);
	assert_true(client_send(fd, &bytes));
	buf_free(&bytes);
	return fd;
}

static void
take_answer(int fd)
{
	struct client_answer answer;

	client_receive(fd, &answer);
	assert_true(client_has(&answer, "X-Double: yes"));
	client_answer_free(&answer);
	close(fd);
}

static void
test_what_goes_together_is_answered_together_and_keeps_nobody_waiting(void **state)
{
	struct server *server = server_start_as(&(struct gate_options){ .threads = 1, .request_timeout_ms = 5000 });
	static const char *const paths[] = { "/together", "/together", "/echo", "/together", "/slow", "/together" };
	int first = ask_later(server, "/slow"), fds[6];

	(void)state;
	while (atomic_load(&server->app.begun) == 0)
		poll(NULL, 0, 1);
	for (int i = 0; i < 6; i++)
		fds[i] = ask_later(server, paths[i]);
	take_answer(first);
	for (int i = 0; i < 6; i++)
		take_answer(fds[i]);
	/* Only up to the request that may take long, which is left to another thread. */
	assert_int_equal(atomic_load(&server->app.company), 3);
	assert_int_equal(atomic_load(&server->app.answered), 7);
	server_free(server);
}

/* ---- seats */

#define SPARES 3

static struct server *
server_with_spares(void)
{
	return server_start_as(&(struct gate_options){ .threads = THREADS, .spares = SPARES, .request_timeout_ms = 5000 });
}

static void
test_who_waits_for_its_turn_keeps_nobody_out(void **state)
{
	struct server *server = server_with_spares();
	int fds[THREADS + SPARES - 1];

	(void)state;
	atomic_store(&server->app.idle, true);
	for (int i = 0; i < THREADS + SPARES - 1; i++)
		fds[i] = ask_later(server, "/idle");
	while (atomic_load(&server->app.idling) < THREADS + SPARES - 1)
		poll(NULL, 0, 1);
	assert_alive(server);
	atomic_store(&server->app.idle, false);
	for (int i = 0; i < THREADS + SPARES - 1; i++)
		take_answer(fds[i]);
	server_free(server);
}

/* Threads back from a wait finish what they have; then only as many work as there are seats. */
static void
test_no_more_work_than_there_are_seats(void **state)
{
	struct server *server = server_with_spares();
	int fds[4 * THREADS];

	(void)state;
	for (int i = 0; i < 4 * THREADS; i++)
		fds[i] = ask_later(server, "/slow");
	for (int i = 0; i < 4 * THREADS; i++)
		take_answer(fds[i]);
	assert_int_equal(atomic_load(&server->app.crowd), THREADS);

	atomic_store(&server->app.idle, true);
	for (int i = 0; i < SPARES; i++)
		fds[i] = ask_later(server, "/idle");
	while (atomic_load(&server->app.idling) < SPARES)
		poll(NULL, 0, 1);
	atomic_store(&server->app.idle, false);
	for (int i = 0; i < SPARES; i++)
		take_answer(fds[i]);
	atomic_store(&server->app.crowd, 0);
	for (int i = 0; i < 4 * THREADS; i++)
		fds[i] = ask_later(server, "/slow");
	for (int i = 0; i < 4 * THREADS; i++)
		take_answer(fds[i]);
	assert_int_equal(atomic_load(&server->app.crowd), THREADS);
	server_free(server);
}

static void
test_a_stop_waits_for_those_who_wait(void **state)
{
	struct server *server = server_with_spares();
	int fds[THREADS];

	(void)state;
	atomic_store(&server->app.idle, true);
	for (int i = 0; i < THREADS; i++)
		fds[i] = ask_later(server, "/idle");
	while (atomic_load(&server->app.idling) < THREADS)
		poll(NULL, 0, 1);
	server_stop(server);
	poll(NULL, 0, 50);
	atomic_store(&server->app.idle, false);
	for (int i = 0; i < THREADS; i++)
		take_answer(fds[i]);
	assert_int_equal(server_join(server), PT_OK);
	server_free(server);
}

/* Both ends of the crowd's connections are in this process. */
static void
allow_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < 4 * CROWD)
		limit.rlim_cur = limit.rlim_max < 4 * CROWD ? limit.rlim_max : 4 * CROWD;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_is_one_record_and_the_connection_is_closed),
		cmocka_unit_test(test_a_large_answer_comes_whole),
		cmocka_unit_test(test_records_in_a_body_are_no_request),
		cmocka_unit_test(test_a_request_cut_anywhere_in_its_parameters_is_none),
		cmocka_unit_test(test_what_is_no_fastcgi_is_no_request),
		cmocka_unit_test(test_an_authorizer_is_answered_without_a_body_record),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_too_many_parameters_cost_no_work),
		cmocka_unit_test(test_as_many_stalled_peers_as_threads_keep_nobody_out),
		cmocka_unit_test(test_a_crowd_of_half_requests_keeps_nobody_out),
		cmocka_unit_test(test_of_one_address_no_more_bodies_are_waited_for),
		cmocka_unit_test(test_what_ends_libfcgi_never_comes_to_it),
		cmocka_unit_test(test_a_peer_that_drips_is_cut_at_its_time),
		cmocka_unit_test(test_a_body_that_stalls_is_a_short_one),
		cmocka_unit_test(test_who_does_not_read_the_answer_is_cut_at_its_time),
		cmocka_unit_test(test_a_peer_that_left_is_seen),
		cmocka_unit_test(test_a_peer_that_waits_is_seen),
		cmocka_unit_test(test_a_peer_that_only_stopped_sending_still_waits),
		cmocka_unit_test(test_without_descriptors_the_server_waits_for_better_times),
		cmocka_unit_test(test_a_stop_lets_what_runs_finish),
		cmocka_unit_test(test_a_stop_answers_those_who_had_come),
		cmocka_unit_test(test_a_stop_does_not_wait_for_stalled_peers),
		cmocka_unit_test(test_a_lost_store_is_answered_and_ends_the_server),
		cmocka_unit_test(test_what_does_not_listen_ends_the_server),
		cmocka_unit_test(test_many_at_once_are_all_answered),
		cmocka_unit_test(test_what_goes_together_is_answered_together_and_keeps_nobody_waiting),
		cmocka_unit_test(test_who_waits_for_its_turn_keeps_nobody_out),
		cmocka_unit_test(test_no_more_work_than_there_are_seats),
		cmocka_unit_test(test_a_stop_waits_for_those_who_wait),
	};

	signal(SIGPIPE, SIG_IGN);
	allow_descriptors();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
