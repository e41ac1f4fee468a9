/* An event is one line, one object and one write, whatever a stranger put into it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/log_destination.h"
#include "support/memory_double.h"

#define TEXT(literal) { (literal), sizeof(literal) - 1 }
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define LINE_MAX_BYTES 8192

/* Standard error is one end of this while a line is being caught: each datagram is one write. */
static int ends[2], saved_stderr;
static char line[65536];

static struct instant
noon(void)
{
	return (struct instant){ 1795521600000, { 7, 4000 } };
}

static void
catch_stderr(void)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	saved_stderr = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
}

static void
release_stderr(void)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(ends[0]);
	close(ends[1]);
}

/* The next write to standard error; empty if there was none. */
static struct slice
caught(int flags)
{
	ssize_t len = recv(ends[0], line, sizeof(line), flags);

	return (struct slice){ line, len < 0 ? 0 : (size_t)len };
}

static struct slice
logged(const struct log_field *fields, size_t count)
{
	catch_stderr();
	log_event(LOG_LEVEL_INFO, "test_event", fields, count);
	struct slice text = caught(MSG_DONTWAIT);

	/* A failed receive leaves the line as it is. */
	assert_int_equal(recv(ends[0], line, sizeof(line), MSG_DONTWAIT), -1);
	release_stderr();
	return text;
}

static int
set_up(void **state)
{
	(void)state;
	clock_set_source(noon);
	log_open(LOG_TO_STDERR, LOG_LEVEL_INFO);
	return 0;
}

#define HEAD "{\"time\":\"2026-11-24T12:00:00Z\",\"level\":\"info\",\"event\":\"test_event\""

static const struct {
	const char *name;
	struct log_field field;
	struct slice rest;
} rows[] = {
	{ "a text stands under its name", { "user", TEXT("alice"), 0, false }, TEXT(",\"user\":\"alice\"}\n") },
	{ "a number has no quotes", { "row", { NULL, 0 }, -12, true }, TEXT(",\"row\":-12}\n") },
	{ "the smallest number", { "n", { NULL, 0 }, INT64_MIN, true }, TEXT(",\"n\":-9223372036854775808}\n") },
	{ "an empty text is left out", { "user", TEXT(""), 0, false }, TEXT("}\n") },
	{ "a quote and a backslash do not end the text", { "u", TEXT("\",\"event\":\"x\\"), 0, false },
	    TEXT(",\"u\":\"\\\",\\\"event\\\":\\\"x\\\\\"}\n") },
	{ "a line's end makes no second line", { "u", TEXT("a\r\n{\"time\""), 0, false },
	    TEXT(",\"u\":\"a\\u000d\\u000a{\\\"time\\\"\"}\n") },
	{ "a NUL and an escape are shown", { "u", TEXT("\0\x1b[2J\x7f"), 0, false },
	    TEXT(",\"u\":\"\\u0000\\u001b[2J\\u007f\"}\n") },
	{ "the controls of C1 are shown, what follows them stays", { "u", TEXT("\xc2\x80\xc2\x9f\xc2\xa0"), 0, false },
	    TEXT(",\"u\":\"\\u0080\\u009f\xc2\xa0\"}\n") },
	{ "the separators of lines and paragraphs are shown", { "u", TEXT("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa"), 0, false },
	    TEXT(",\"u\":\"\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa\"}\n") },
	{ "broken UTF-8 is replaced byte by byte", { "u", TEXT("a\xff\xc3" "b\xed\xa0\x80"), 0, false },
	    TEXT(",\"u\":\"a\xef\xbf\xbd\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}\n") },
	{ "good UTF-8 stays", { "u", TEXT("\xc3\xa9\xf0\x9f\x98\x80"), 0, false }, TEXT(",\"u\":\"\xc3\xa9\xf0\x9f\x98\x80\"}\n") },
};

static void
every_field_is_written_so_that_it_forges_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice text = logged(&rows[i].field, 1);

		if (!slice_starts(text, SLICE(HEAD)) || !slice_eq(slice_skip(text, sizeof(HEAD) - 1), rows[i].rest))
			fail_msg("%s: %.*s", rows[i].name, SLICE_ARG(text));
	}
}

static void
an_event_without_fields_is_a_line(void **state)
{
	(void)state;
	assert_true(slice_eq(logged(NULL, 0), SLICE(HEAD "}\n")));
}

static void
below_its_level_nothing_is_written(void **state)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };

	(void)state;
	catch_stderr();
	for (int threshold = 0; threshold < 4; threshold++) {
		log_open(LOG_TO_STDERR, (enum log_level)threshold);
		for (int level = 0; level < 4; level++) {
			struct json *json;
			struct slice name;

			LOG((enum log_level)level, "test_event", LOG_STR("a", "b"));
			struct slice text = caught(MSG_DONTWAIT);

			assert_int_equal(text.len > 0, level <= threshold);
			if (text.len == 0)
				continue;
			assert_int_equal(json_parse_object(text, &json), PT_OK);
			assert_true(json_get_string(json, "level", &name));
			assert_true(slice_eq(name, slice_of(names[level])));
			json_free(json);
		}
	}
	release_stderr();
}

/* Fills the line to its last byte, and then one byte more. */
static void
a_field_that_does_not_fit_is_left_out_alone(void **state)
{
	static char much[LINE_MAX_BYTES + 1];
	const size_t fixed = sizeof(HEAD) - 1 + sizeof(",\"much\":\"\",\"n\":7}\n") - 1;
	bool left_out = false;

	(void)state;
	memset(much, 'x', sizeof(much));
	for (size_t len = LINE_MAX_BYTES - fixed - 8; len <= sizeof(much); len++) {
		struct log_field fields[] = { { "much", { much, len }, 0, false }, LOG_NUM("n", 7) };
		struct slice text = logged(fields, 2);
		struct json *json;
		int64_t n;

		assert_true(text.len <= LINE_MAX_BYTES);
		assert_int_equal(json_parse_object(text, &json), PT_OK);
		if (json_kind_of(json, "much") == JSON_ABSENT)
			left_out = true;
		else
			assert_false(left_out);
		/* A field after the one that was left out gets its room. */
		if (left_out && len > LINE_MAX_BYTES - fixed + 7)
			assert_true(json_get_integer(json, "n", &n) && n == 7);
		json_free(json);
	}
	assert_true(left_out);
}

static void
a_text_that_grows_when_escaped_is_measured_as_written(void **state)
{
	static char nuls[LINE_MAX_BYTES / 4];
	struct log_field field = { "nuls", { nuls, sizeof(nuls) }, 0, false };

	(void)state;
	assert_true(slice_eq(logged(&field, 1), SLICE(HEAD "}\n")));
}

static void
want_of_memory_can_be_logged(void **state)
{
	struct log_field field = LOG_STR("a", "b");

	(void)state;
	memory_run_out(true);
	struct slice text = logged(&field, 1);

	memory_run_out(false);
	assert_true(slice_eq(text, SLICE(HEAD ",\"a\":\"b\"}\n")));
}

static void
errno_stays_as_it_was(void **state)
{
	(void)state;
	catch_stderr();
	close(STDERR_FILENO);
	errno = ENOSPC;
	LOG(LOG_LEVEL_ERROR, "test_event", LOG_STR("a", "b"));
	assert_int_equal(errno, ENOSPC);
	release_stderr();
	/* There was nowhere to write that event; this is reported as soon as there is a place. */
	catch_stderr();
	LOG(LOG_LEVEL_ERROR, "test_event", LOG_STR("a", "b"));
	struct slice text = caught(MSG_DONTWAIT);

	assert_non_null(memmem(text.ptr, text.len, "\"log_lines_lost\"", 16));
	assert_non_null(memmem(text.ptr, text.len, "\"lines\":1}", 10));
	assert_true(caught(MSG_DONTWAIT).len > 0);
	release_stderr();
}

#define THREADS 4
#define LINES 200

static void *
log_many(void *number)
{
	for (int i = 0; i < LINES; i++)
		LOG(LOG_LEVEL_INFO, "test_event", LOG_NUM("thread", *(const int *)number), LOG_NUM("line", i));
	return NULL;
}

static void
lines_of_many_threads_do_not_mix(void **state)
{
	char path[] = "/tmp/pintle-log-XXXXXX", *text = NULL;
	pthread_t threads[THREADS];
	int numbers[THREADS], fd = mkstemp(path), saved = dup(STDERR_FILENO);
	int64_t next[THREADS] = { 0 };
	size_t size = 0;

	(void)state;
	assert_true(fd >= 0);
	FILE *file = fdopen(fd, "r");

	dup2(fd, STDERR_FILENO);
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, log_many, &numbers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	for (int i = 0; i < THREADS * LINES; i++) {
		struct json *json;
		int64_t thread, number;
		ssize_t len = getline(&text, &size, file);

		assert_true(len > 0);
		assert_int_equal(json_parse_object((struct slice){ text, (size_t)len }, &json), PT_OK);
		assert_true(json_get_integer(json, "thread", &thread) && thread >= 0 && thread < THREADS);
		assert_true(json_get_integer(json, "line", &number));
		assert_int_equal(number, next[thread]++);
		json_free(json);
	}
	assert_int_equal(getline(&text, &size, file), -1);
	free(text);
	fclose(file);
	unlink(path);
}

/* ---- a destination that accepts nothing ---- */

#define MANY 4000

static void
make_nonblocking(int fd)
{
	assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK), 0);
}

/* Reads everything that has arrived. */
static size_t
drain(int fd, char *out, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while (len < size - 1 && (got = read(fd, out + len, size - 1 - len)) > 0)
		len += (size_t)got;
	out[len] = '\0';
	return len;
}

/*
 * How many lines text has; each must be a whole object. *lost is the sum of their "log_lines_lost".
 */
static unsigned
count_lines(char *text, int64_t *told)
{
	struct slice rest = slice_of(text), one, event;
	unsigned lines = 0;

	*told = 0;
	while (rest.len > 0) {
		struct json *json = NULL;
		int64_t number;

		slice_cut(rest, '\n', &one, &rest);
		assert_int_equal(json_parse_object(one, &json), PT_OK);
		assert_true(json_get_string(json, "event", &event));
		if (slice_eq(event, SLICE("log_lines_lost"))) {
			assert_true(json_get_integer(json, "lines", &number));
			*told += number;
		} else {
			lines++;
		}
		json_free(json);
	}
	return lines;
}

/*
 * A pipe whose reader is not reading: we open its end without waiting, or, if it cannot be opened,
 * examine the descriptor first.
 */
static void
a_full_pipe_is_not_waited_for(void **state)
{
	static char text[1 << 20];

	(void)state;
	for (int opened = 0; opened < 2; opened++) {
		int pipe_ends[2], saved = dup(STDERR_FILENO);
		int64_t told;

		assert_int_equal(pipe(pipe_ends), 0);
		dup2(pipe_ends[1], STDERR_FILENO);
		if (opened)
			log_open(LOG_TO_STDERR, LOG_LEVEL_INFO);
		for (int i = 0; i < MANY; i++)
			LOG(LOG_LEVEL_INFO, "test_event", LOG_NUM("number", i));
		make_nonblocking(pipe_ends[0]);
		drain(pipe_ends[0], text, sizeof(text));
		unsigned first = count_lines(text, &told);

		LOG(LOG_LEVEL_INFO, "test_event", LOG_NUM("number", MANY));
		drain(pipe_ends[0], text, sizeof(text));
		dup2(saved, STDERR_FILENO);
		close(saved);
		close(pipe_ends[0]);
		close(pipe_ends[1]);
		assert_true(first > 100 && first < MANY);
		assert_int_equal(count_lines(text, &told), 1);
		assert_int_equal(told, MANY - (int64_t)first);
		/* A descriptor that we were given is shared, so its flags must not change. */
	}
	log_open(LOG_TO_STDERR, LOG_LEVEL_INFO);
}

static void
a_disk_without_room_loses_lines_and_says_so_when_it_has(void **state)
{
	char path[] = "/tmp/pintle-log-XXXXXX";
	static char text[65536];
	struct rlimit before, small = { 200, RLIM_INFINITY };
	int fd = mkstemp(path), saved = dup(STDERR_FILENO);
	int64_t told;

	(void)state;
	assert_true(fd >= 0 && getrlimit(RLIMIT_FSIZE, &before) == 0);
	small.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	dup2(fd, STDERR_FILENO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 10; i++)
		LOG(LOG_LEVEL_INFO, "test_event", LOG_NUM("number", i));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	LOG(LOG_LEVEL_INFO, "test_event", LOG_NUM("number", 10));
	dup2(saved, STDERR_FILENO);
	close(saved);
	lseek(fd, 0, SEEK_SET);
	drain(fd, text, sizeof(text));
	close(fd);
	unlink(path);
	/* The line that was cut off stays as it is; the next one starts on a line of its own. */
	char *whole = strstr(text, "\n{\"time\":\"2026-11-24T12:00:00Z\",\"level\":\"warning\"");

	assert_non_null(whole);
	assert_int_equal(count_lines(whole + 1, &told), 1);
	assert_true(told == 8 || told == 9);
}

static void
a_system_log_that_does_not_read_is_not_waited_for(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	static char text[65536];
	int log = socket(AF_UNIX, SOCK_DGRAM, 0), count = 0;
	ssize_t len;

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/pintle-syslog-%ld", (long)getpid());
	log_syslog_set_path(address.sun_path);
	log_open(LOG_TO_SYSLOG, LOG_LEVEL_INFO);
	LOG(LOG_LEVEL_INFO, "test_event", LOG_STR("a", "nobody is there"));
	assert_int_equal(bind(log, (struct sockaddr *)&address, sizeof(address)), 0);
	for (int i = 0; i < MANY; i++)
		LOG(LOG_LEVEL_ERROR, "test_event", LOG_NUM("number", i));
	make_nonblocking(log);
	len = recv(log, text, sizeof(text) - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	/* The loss is reported first, then each line with its own priority: AUTHPRIV and error. */
	assert_non_null(strstr(text, "\"log_lines_lost\""));
	while ((len = recv(log, text, sizeof(text) - 1, 0)) > 0) {
		text[len] = '\0';
		assert_memory_equal(text, "<83>", 4);
		assert_non_null(strstr(text, " pintle["));
		assert_int_equal(text[len - 1], '}');
		count++;
	}
	assert_true(count > 0 && count < MANY);
	LOG(LOG_LEVEL_INFO, "test_event", LOG_STR("a", "read again"));
	len = recv(log, text, sizeof(text) - 1, 0);
	assert_true(len > 0 && memmem(text, (size_t)len, "log_lines_lost", 14));
	/* A restarted one is found again. */
	close(log);
	unlink(address.sun_path);
	log = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(log, (struct sockaddr *)&address, sizeof(address)), 0);
	make_nonblocking(log);
	LOG(LOG_LEVEL_INFO, "test_event", LOG_STR("a", "another"));
	len = recv(log, text, sizeof(text) - 1, 0);
	assert_true(len > 0 && memmem(text, (size_t)len, "another", 7));
	close(log);
	unlink(address.sun_path);
	log_syslog_set_path(NULL);
	log_open(LOG_TO_STDERR, LOG_LEVEL_INFO);
}

static void
the_system_log_gets_the_line_with_its_severity(void **state)
{
	static const int severity[] = { 3, 4, 6, 7 };	/* RFC 5424, section 6.2.1 */
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int log = socket(AF_UNIX, SOCK_DGRAM, 0);
	char text[LINE_MAX_BYTES + 200], head[16];

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/pintle-syslog-%ld", (long)getpid());
	assert_int_equal(bind(log, (struct sockaddr *)&address, sizeof(address)), 0);
	log_syslog_set_path(address.sun_path);
	log_open(LOG_TO_SYSLOG, LOG_LEVEL_DEBUG);
	catch_stderr();
	for (unsigned level = 0; level < COUNT(severity); level++) {
		LOG((enum log_level)level, "test_event", LOG_STR("text", "100%s %n"));
		ssize_t len = recv(log, text, sizeof(text) - 1, 0);

		assert_true(len > 0);
		text[len] = '\0';
		/* for security messages: authpriv */
		snprintf(head, sizeof(head), "<%d>", 10 * 8 + severity[level]);
		assert_memory_equal(text, head, 4);
		const char *message = strchr(text, '{');

		assert_non_null(message);
		assert_non_null(strstr(message, ",\"text\":\"100%s %n\"}"));
		assert_null(strchr(text, '\n'));
		assert_true(json_scan(slice_of(message)));
	}
	assert_int_equal(caught(MSG_DONTWAIT).len, 0);
	release_stderr();
	close(log);
	unlink(address.sun_path);
	log_syslog_set_path(NULL);
	log_open(LOG_TO_STDERR, LOG_LEVEL_INFO);
}

static unsigned
count_caught(void)
{
	unsigned count = 0;

	while (caught(MSG_DONTWAIT).len > 0)
		count++;
	return count;
}

/* However many kinds there are, those without a place of their own share one. */
static void
lines_of_a_thousand_kinds_are_bounded_too(void **state)
{
	unsigned count = 0;

	(void)state;
	catch_stderr();
	for (unsigned i = 0; i < 1000; i++) {
		char key[16];

		snprintf(key, sizeof(key), "kind-%u", i);
		LOG_SPARELY(LOG_LEVEL_INFO, "test_event", key, LOG_NUM("n", i));
		LOG_SPARELY(LOG_LEVEL_INFO, "test_event", key, LOG_NUM("n", i));
		count += count_caught();
	}
	release_stderr();
	assert_true(count >= 100 && count <= 128);
}

static void
at_the_level_debug_nothing_is_spared(void **state)
{
	(void)state;
	catch_stderr();
	log_open(LOG_TO_STDERR, LOG_LEVEL_DEBUG);
	for (int i = 0; i < 5; i++)
		LOG_SPARELY(LOG_LEVEL_INFO, "test_event", "debug", LOG_NUM("n", i));
	assert_int_equal(count_caught(), 5);
	log_open(LOG_TO_STDERR, LOG_LEVEL_INFO);
	for (int i = 0; i < 5; i++)
		LOG_SPARELY(LOG_LEVEL_DEBUG, "test_event", "debug", LOG_NUM("n", i));
	assert_int_equal(count_caught(), 0);
	release_stderr();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_field_is_written_so_that_it_forges_nothing, set_up),
		cmocka_unit_test_setup(an_event_without_fields_is_a_line, set_up),
		cmocka_unit_test_setup(below_its_level_nothing_is_written, set_up),
		cmocka_unit_test_setup(a_field_that_does_not_fit_is_left_out_alone, set_up),
		cmocka_unit_test_setup(a_text_that_grows_when_escaped_is_measured_as_written, set_up),
		cmocka_unit_test_setup(want_of_memory_can_be_logged, set_up),
		cmocka_unit_test_setup(errno_stays_as_it_was, set_up),
		cmocka_unit_test_setup(lines_of_many_threads_do_not_mix, set_up),
		cmocka_unit_test_setup(a_full_pipe_is_not_waited_for, set_up),
		cmocka_unit_test_setup(a_disk_without_room_loses_lines_and_says_so_when_it_has, set_up),
		cmocka_unit_test_setup(a_system_log_that_does_not_read_is_not_waited_for, set_up),
		cmocka_unit_test_setup(the_system_log_gets_the_line_with_its_severity, set_up),
		cmocka_unit_test(lines_of_a_thousand_kinds_are_bounded_too),
		cmocka_unit_test(at_the_level_debug_nothing_is_spared),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
