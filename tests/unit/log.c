/* An event is one line, one object and one write, whatever a stranger put into it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "memory_double.h"

#define TEXT(literal) { (literal), sizeof(literal) - 1 }
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define LINE_MAX_BYTES 8192

/* Standard error is one end of this while a line is caught: each datagram is one write. */
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
	ssize_t len = recv(ends[0], line, sizeof line, flags);

	return (struct slice){ line, len < 0 ? 0 : (size_t)len };
}

static struct slice
logged(const struct log_field *fields, size_t count)
{
	catch_stderr();
	log_event(LOG_LEVEL_INFO, "test_event", fields, count);
	struct slice text = caught(MSG_DONTWAIT);

	/* A failed look leaves the line as it is. */
	assert_int_equal(recv(ends[0], line, sizeof line, MSG_DONTWAIT), -1);
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

		if (!slice_starts(text, SLICE(HEAD)) || !slice_eq(slice_skip(text, sizeof HEAD - 1), rows[i].rest))
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

/* Fills the line to its last byte, and one more. */
static void
a_field_that_does_not_fit_is_left_out_alone(void **state)
{
	static char much[LINE_MAX_BYTES + 1];
	const size_t fixed = sizeof HEAD - 1 + sizeof ",\"much\":\"\",\"n\":7}\n" - 1;
	bool left_out = false;

	(void)state;
	memset(much, 'x', sizeof much);
	for (size_t len = LINE_MAX_BYTES - fixed - 8; len <= sizeof much; len++) {
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
		/* What follows a field that was left out has its room. */
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
	struct log_field field = { "nuls", { nuls, sizeof nuls }, 0, false };

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
	pthread_t threads[THREADS];
	int numbers[THREADS];
	int64_t next[THREADS] = { 0 };

	(void)state;
	catch_stderr();
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, log_many, &numbers[i]), 0);
	}
	for (int i = 0; i < THREADS * LINES; i++) {
		struct json *json;
		int64_t thread, number;

		assert_int_equal(json_parse_object(caught(0), &json), PT_OK);
		assert_true(json_get_integer(json, "thread", &thread) && thread >= 0 && thread < THREADS);
		assert_true(json_get_integer(json, "line", &number));
		assert_int_equal(number, next[thread]++);
		json_free(json);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(caught(MSG_DONTWAIT).len, 0);
	release_stderr();
}

/* The system log's doubles: libpintle.a calls these, under either name that the C library gives the second. */
void openlog(const char *name, int options, int facility);
void syslog(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
void __syslog_chk(int priority, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));

static struct {
	char name[16], text[LINE_MAX_BYTES + 1];
	int priority;
	unsigned calls;
} system_log;

void
openlog(const char *name, int options, int facility)
{
	(void)options;
	(void)facility;
	slice_copy(slice_of(name), system_log.name, sizeof system_log.name);
}

static void
system_log_take(int priority, const char *format, va_list args)
{
	system_log.priority = priority;
	system_log.calls++;
	vsnprintf(system_log.text, sizeof system_log.text, format, args);
}

void
syslog(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	system_log_take(priority, format, args);
	va_end(args);
}

void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	(void)flag;
	va_start(args, format);
	system_log_take(priority, format, args);
	va_end(args);
}

static void
the_system_log_gets_the_line_with_its_severity(void **state)
{
	static const int severity[] = { 3, 4, 6, 7 };	/* RFC 5424, section 6.2.1 */

	(void)state;
	log_open(LOG_TO_SYSLOG, LOG_LEVEL_DEBUG);
	assert_string_equal(system_log.name, "pintle");
	catch_stderr();
	for (unsigned level = 0; level < COUNT(severity); level++) {
		LOG((enum log_level)level, "test_event", LOG_STR("text", "100%s %n"));
		assert_int_equal(system_log.calls, level + 1);
		assert_int_equal(system_log.priority, severity[level]);
		assert_non_null(strstr(system_log.text, ",\"text\":\"100%s %n\"}"));
		assert_null(strchr(system_log.text, '\n'));
		assert_true(json_scan(slice_of(system_log.text)));
	}
	assert_int_equal(caught(MSG_DONTWAIT).len, 0);
	release_stderr();
	log_open(LOG_TO_STDERR, LOG_LEVEL_INFO);
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
		cmocka_unit_test_setup(the_system_log_gets_the_line_with_its_severity, set_up),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
