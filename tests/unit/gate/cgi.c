#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "gate/gate.h"
#include "support/gate_double.h"

/* One run of the program, as a server would start it. */
struct run {
	const char *name;
	const char *length;	/* CONTENT_LENGTH; NULL: not set */
	const char *body;
	bool keep_open;		/* the server does not close the body */
	const char *path;
	const char *answer;	/* a part of the expected output */
	bool chunked;		/* the client sent chunks, so the server knows no length */
};

static const struct run runs[] = {
	{ "a request without a body", NULL, "", false, "/echo", "role=2 state=0 body=0 ", false },
	{ "an empty length is none", "", "", false, "/echo", "state=0 body=0 ", false },
	{ "a body of the right length", "5", "hello", false, "/echo", "state=0 body=5 ", false },
	{ "a body whose end never comes", "5", "hello", true, "/echo", "state=0 body=5 ", false },
	{ "what comes behind the body is not read", "5", "hello, world", false, "/echo", "state=0 body=5 ", false },
	{ "a body shorter than it says", "6", "hello", false, "/echo", "state=2 body=0 ", false },
	{ "a body that stalls", "6", "hello", true, "/echo", "state=2 body=0 ", false },
	{ "without a length there is no body", NULL, "hello", false, "/echo", "state=0 body=0 ", false },
	{ "a body that is too large", "16385", "hello", false, "/echo", "state=1 body=0 ", false },
	{ "a length that is none", "five", "hello", false, "/echo", "state=2 body=0 ", false },
	{ "a chunked body goes to the end of the input", NULL, "hello", false, "/echo", "state=0 body=5 ", true },
	{ "a chunked body whose length the server found out", "5", "hello!", false, "/echo", "state=0 body=5 ", true },
	{ "a negative length", "-5", "hello", false, "/echo", "state=2 body=0 ", false },
	{ "a password that the server checked is not seen", NULL, "", false, "/echo", "user=alice passwd=", false },
	{ "an answer that fills the pipe comes whole", NULL, "", false, "/big", "Content-Length: 100000\r\n", false },
	{ "HEAD", NULL, "", false, "/head", "X-Double: yes\r\nContent-Length: ", false },
};

/* In the child: sets a server's environment, runs the gate, and exits with its result. */
static void
cgi_child(const struct run *run, int in, int out, int too_many)
{
	const struct gate_options options = { .threads = 1, .request_timeout_ms = 500 };
	struct web_app app = { 0 };
	char name[32];

	clearenv();
	setenv("GATEWAY_INTERFACE", "CGI/1.1", 1);
	setenv("SCRIPT_NAME", run->path, 1);
	setenv("REMOTE_USER", "alice", 1);
	setenv("REMOTE_PASSWD", "secret", 1);
	if (run->length)
		setenv("CONTENT_LENGTH", run->length, 1);
	if (run->chunked)
		setenv("HTTP_TRANSFER_ENCODING", "chunked", 1);
	for (int i = 0; i < too_many; i++) {
		snprintf(name, sizeof(name), "HTTP_X%d", i);
		setenv(name, "y", 1);
	}
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	_exit((int)gate_cgi(&options, &app));
}

/* Runs it; text gets its output; returns its exit status. */
static enum pt_err
cgi_run(const struct run *run, int too_many, struct buf *text)
{
	int in[2], out[2], status;
	char part[4096];
	ssize_t len;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pid_t pid = fork();

	if (pid == 0) {
		close(in[1]);
		close(out[0]);
		cgi_child(run, in[0], out[1], too_many);
	}
	close(out[1]);
	/* We hold a read end too, so the pipe takes the body even if the child never reads it. */
	assert_int_equal(write(in[1], run->body, strlen(run->body)), strlen(run->body));
	close(in[0]);
	if (!run->keep_open)
		close(in[1]);
	while ((len = read(out[0], part, sizeof(part))) > 0)
		buf_append(text, part, (size_t)len);
	if (run->keep_open)
		close(in[1]);
	close(out[0]);
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	return (enum pt_err)WEXITSTATUS(status);
}

static void
test_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct buf text = BUF_EMPTY;
		enum pt_err err = cgi_run(&runs[i], 0, &text);

		if (err != PT_OK || !slice_starts(buf_slice(&text), SLICE("Status: 200 OK\r\n")) ||
		    memmem(text.ptr, text.len, runs[i].answer, strlen(runs[i].answer)) == NULL ||
		    memmem(text.ptr, text.len, "secret", 6) != NULL)
			fail_msg("%s: %d %.*s", runs[i].name, (int)err, (int)text.len, text.ptr);
		buf_free(&text);
	}
}

/* A server that cannot hand over the whole body may never get to read the answer. */
static void
test_a_body_that_is_too_large_is_read_all_the_same(void **state)
{
	static char body[200000];
	static const struct run run = { .path = "/echo", .length = "200000" };
	int in[2], out[2], status;
	char text[256];

	(void)state;
	memset(body, 'x', sizeof(body));
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pid_t pid = fork();

	if (pid == 0) {
		close(in[1]);
		close(out[0]);
		cgi_child(&run, in[0], out[1], 0);
	}
	close(in[0]);
	close(out[1]);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(write(in[1], body, sizeof(body)), sizeof(body));
	close(in[1]);
	ssize_t len = read(out[0], text, sizeof(text) - 1);

	assert_true(len > 0);
	text[len] = '\0';
	assert_non_null(strstr(text, "state=1 body=0 "));
	close(out[0]);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static void
test_too_many_variables_are_refused(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	assert_int_equal(cgi_run(&runs[0], WEB_MAX_PARAMS, &text), PT_OK);
	assert_true(slice_starts(buf_slice(&text), SLICE("Status: 431 ")));
	buf_free(&text);
}

static void
test_a_lost_store_is_answered_and_said(void **state)
{
	const struct run run = { .path = "/fatal", .body = "" };
	struct buf text = BUF_EMPTY;

	(void)state;
	assert_int_equal(cgi_run(&run, 0, &text), PT_ERR_FATAL);
	assert_true(slice_starts(buf_slice(&text), SLICE("Status: 500 ")));
	buf_free(&text);
}

static void
test_a_server_that_went_away_is_an_error(void **state)
{
	const struct run run = { .path = "/slow", .body = "" };
	int in[2], out[2], status;

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	close(in[1]);
	close(out[0]);
	pid_t pid = fork();

	if (pid == 0)
		cgi_child(&run, in[0], out[1], 0);
	close(in[0]);
	close(out[1]);
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), PT_ERR_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_a_body_that_is_too_large_is_read_all_the_same),
		cmocka_unit_test(test_too_many_variables_are_refused),
		cmocka_unit_test(test_a_lost_store_is_answered_and_said),
		cmocka_unit_test(test_a_server_that_went_away_is_an_error),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
