#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "worker/options.h"

#define ARGS_MAX 6

struct row {
	const char *name;
	const char *args[ARGS_MAX];
	bool good;
	enum exit_status status;	/* if not good */
	struct worker_options options;	/* if good; sandbox is not compared */
};

static const struct row rows[] = {
	{ "nothing is asked for", { NULL }, .good = true },
	{ "a socket at a path", { "--socket", "/s" }, .good = true, .options = { .bind = true, .socket = "/s" } },
	{ "a socket at a path, in one word", { "--socket=/s" }, .good = true, .options = { .bind = true, .socket = "/s" } },
	{ "a socket at the configured path", { "--socket" }, .good = true, .options = { .bind = true } },
	{ "a socket at the configured path, and more", { "--socket", "--threads", "3" }, .good = true,
	  .options = { .bind = true, .threads = 3 } },
	{ "an address", { "--listen", "127.0.0.1:1" }, .good = true, .options = { .listen = "127.0.0.1:1" } },
	{ "everything", { "--config", "/c", "--socket=/s", "--workers=2", "--threads=256" }, .good = true,
	  .options = { .config = "/c", .bind = true, .socket = "/s", .workers = 2, .threads = 256 } },
	{ "a socket and an address", { "--socket", "/s", "--listen", "127.0.0.1:1" }, .status = EXIT_USAGE },
	{ "no workers at all", { "--workers", "0" }, .status = EXIT_USAGE },
	{ "too many workers", { "--workers", "257" }, .status = EXIT_USAGE },
	{ "a number that is none", { "--threads", "many" }, .status = EXIT_USAGE },
	{ "a number with something behind it", { "--threads", "4x" }, .status = EXIT_USAGE },
	{ "an option without what it needs", { "--config" }, .status = EXIT_USAGE },
	{ "an option that does not exist", { "--daemon" }, .status = EXIT_USAGE },
	{ "an operand", { "start" }, .status = EXIT_USAGE },
};

static bool
same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool
row_holds(const struct row *row)
{
	char program[] = "pintle.fcgi";
	char *argv[ARGS_MAX + 2] = { program };
	struct worker_options got;
	enum exit_status status = EXIT_FAILED;
	int argc = 1;

	for (; argc <= ARGS_MAX && row->args[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)row->args[argc - 1];
	optind = 0;	/* getopt starts from the beginning */
	if (worker_options_parse(argc, argv, &got, &status) != row->good)
		return false;
	if (!row->good)
		return status == row->status;
	return got.bind == row->options.bind && same(got.config, row->options.config) &&
	    same(got.socket, row->options.socket) && same(got.listen, row->options.listen) &&
	    got.workers == row->options.workers && got.threads == row->options.threads;
}

/* The output of --help and --version is discarded: it would stand among the results. */
static enum exit_status
status_of(const char *text)
{
	char program[] = "pintle.fcgi", last[] = "--daemon", option[16];
	char *argv[] = { program, option, last, NULL };
	struct worker_options got;
	enum exit_status status = EXIT_FAILED;
	int kept = dup(STDOUT_FILENO), nothing = open("/dev/null", O_WRONLY);

	strncpy(option, text, sizeof(option) - 1);
	option[sizeof(option) - 1] = '\0';
	fflush(stdout);
	dup2(nothing, STDOUT_FILENO);
	optind = 0;
	bool go_on = worker_options_parse(3, argv, &got, &status);

	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	close(nothing);
	return go_on ? EXIT_FAILED : status;
}

static void
test_help_and_version_end_well_before_nonsense_is_seen(void **state)
{
	(void)state;
	assert_int_equal(status_of("--help"), EXIT_OK);
	assert_int_equal(status_of("--version"), EXIT_OK);
}

static void
test_command_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!row_holds(&rows[i]))
			fail_msg("%s", rows[i].name);
	}
}

static void
test_the_sandbox_can_be_left_out(void **state)
{
	char program[] = "pintle.fcgi", option[] = "--no-sandbox";
	char *argv[] = { program, option, NULL };
	struct worker_options got;
	enum exit_status status;

	(void)state;
	optind = 0;
	assert_true(worker_options_parse(1, argv, &got, &status));
	assert_int_equal(got.sandbox, HARDENING);
	optind = 0;
	assert_true(worker_options_parse(2, argv, &got, &status));
	assert_false(got.sandbox);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_lines),
		cmocka_unit_test(test_help_and_version_end_well_before_nonsense_is_seen),
		cmocka_unit_test(test_the_sandbox_can_be_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
