/* The manual and the sample state everything in the program's tables, and nothing else. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/doctor/looks.h"
#include "cmd/print/gateway_config.h"
#include "cmd/print/server_config.h"
#include "cmd/term/command.h"
#include "conf/guards.h"
#include "conf/sample.h"
#include "conf/setting.h"
#include "core/reason.h"

/* A file of the source tree, NUL-terminated. */
static struct buf
read_source(const char *path)
{
	const char *top = getenv("top_srcdir");
	char full[4096], chunk[4096];
	struct buf text = BUF_EMPTY;
	size_t len;

	snprintf(full, sizeof(full), "%s/%s", top ? top : ".", path);
	FILE *file = fopen(full, "r");

	if (file == NULL)
		print_message("# %s cannot be read; top_srcdir names the source tree\n", full);
	assert_non_null(file);
	while ((len = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buf_append(&text, chunk, len);
	fclose(file);
	buf_putc(&text, '\0');
	assert_int_equal(buf_status(&text), PT_OK);
	return text;
}

/* How often part occurs in text. */
static size_t
occurrences(const char *text, const char *part)
{
	size_t count = 0;

	for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
		count++;
	return count;
}

/* The page must hold these lines exactly once; otherwise the test's output shows them. */
static void
assert_once(const struct buf *page, const struct buf *lines)
{
	struct buf text = BUF_EMPTY;

	buf_put(&text, buf_slice(lines));
	buf_putc(&text, '\0');

	size_t count = occurrences(page->ptr, text.ptr);

	if (count != 1)
		print_message("# %zu times in the page, and wanted once:%s", count, text.ptr);
	assert_int_equal(count, 1);
	buf_free(&text);
}

/* The part of a page between two headings; the rest is cut off. */
static const char *
part_of(struct buf *page, const char *heading)
{
	char *begin = strstr(page->ptr, heading);

	assert_non_null(begin);

	char *end = strstr(begin + strlen(heading), "\n.Sh ");

	if (end)
		end[1] = '\0';
	return begin;
}

/* ---- pintle.conf.5 ---- */

static void
put_default(const struct setting *setting, struct buf *out)
{
	/* The manual is written for the usual prefix; configure may have been given another. */
	bool by_prefix = setting->fallback && strcmp(setting->fallback, PINTLE_STATE_FOLDER) == 0;

	if (by_prefix)
		buf_puts(out, "Default: /var/lib/pintle.\n");
	else if (setting->fallback)
		buf_printf(out, "Default: %s.\n", *setting->fallback ? setting->fallback : "none");
	else if (setting->derived)
		buf_printf(out, "Default: %s.\n", setting->derived);
	else
		buf_puts(out, "It has to be set.\n");
}

static void
every_setting_is_in_the_manual_with_its_default_and_range(void **state)
{
	struct buf page = read_source("doc/pintle.conf.5"), lines = BUF_EMPTY;
	const char *section = "";

	(void)state;
	for (const struct setting *setting = setting_table; setting->name; setting++) {
		buf_clear(&lines);
		if (strcmp(section, setting->section) != 0)
			buf_printf(&lines, "\n.Ss [%s]\n.Bl -tag -width Ds", setting->section);
		section = setting->section;
		buf_printf(&lines, "\n.It Ic %s\n", setting->name);
		put_default(setting, &lines);
		buf_puts(&lines, "May be ");
		setting_describe(setting, &lines);
		buf_puts(&lines, ".\n.Pp\n");
		/* A map takes address space, so its bounds differ on 32 bits. */
		if (sizeof(void *) == 8 || strcmp(setting->name, "store_size") != 0)
			assert_once(&page, &lines);
	}
	assert_int_equal(occurrences(page.ptr, "\n.It Ic "), setting_count());
	buf_free(&lines);
	buf_free(&page);
}

static void
every_setting_of_a_place_is_in_the_manual(void **state)
{
	struct buf page = read_source("doc/pintle.conf.5"), lines = BUF_EMPTY;
	size_t settings = 0;

	(void)state;
	part_of(&page, "\n.Sh GUARDED PLACES\n");
	for (const char *name; guards_describe(settings, &name); settings++) {
		buf_clear(&lines);
		buf_printf(&lines, "\n.It Cm %s\n", name);
		assert_once(&page, &lines);
	}
	assert_int_equal(occurrences(strstr(page.ptr, "\n.Sh GUARDED PLACES\n"), "\n.It Cm "), settings);
	buf_free(&lines);
	buf_free(&page);
}

/*
 * A map takes address space, so its default and bounds differ on 32 bits; the sentence about it is
 * cut out.
 */
static void
cut_store_size(struct buf *sample)
{
	static const char end[] = "\n#store_size = ";
	char *last = strstr(sample->ptr, end);
	char *first = last;

	assert_non_null(last);
	while (strncmp(first, "\n\n", 2) != 0)
		first--;
	last = strchr(last + 1, '\n');
	memmove(first, last, strlen(last) + 1);
}

static void
the_sample_is_what_init_writes(void **state)
{
	static const struct sample sample = { .issuer = "https://www.example.org/auth", .user = "pintle",
		.state_folder = "/var/lib/pintle" };
	struct buf text = read_source("www-examples/pintle.conf"), wanted = BUF_EMPTY;

	(void)state;
	sample_put(&sample, &wanted);
	buf_putc(&wanted, '\0');
	if (sizeof(void *) < 8) {
		cut_store_size(&text);
		cut_store_size(&wanted);
	}
	assert_string_equal(text.ptr, wanted.ptr);
	buf_free(&text);
	buf_free(&wanted);
}

/* ---- pintle.1 ---- */

static void
put_operands(const struct command *command, struct buf *out)
{
	struct slice rest = slice_of(command->operands), word;

	while (rest.len) {
		slice_cut(rest, ' ', &word, &rest);
		if (word.ptr[0] == '[')
			buf_printf(out, " Op Ar %.*s", (int)word.len - 2, word.ptr + 1);
		else
			buf_printf(out, " Ar %.*s", SLICE_ARG(word));
	}
}

static void
put_option(const struct option_info *option, const char *macro, struct buf *out)
{
	buf_printf(out, "%s Fl -%s", macro, option->name);
	if (option->argument)
		buf_printf(out, " Ar %s", option->argument);
	buf_putc(out, '\n');
}

static void
every_command_is_in_the_manual_with_its_options(void **state)
{
	struct buf page = read_source("doc/pintle.1"), lines = BUF_EMPTY;
	const char *commands = part_of(&page, "\n.Sh COMMANDS\n");
	size_t count = 0;

	(void)state;
	for (const struct command *command = command_table; command->name; command++, count++) {
		buf_clear(&lines);
		buf_puts(&lines, "\n.It Ic ");
		command_name(command, &lines);
		put_operands(command, &lines);
		buf_putc(&lines, '\n');
		for (unsigned i = 0; i < OPTION_COUNT; i++)
			if (command->options & (UINT64_C(1) << i))
				put_option(&option_table[i], ".Op", &lines);
		if (command->options)
			buf_puts(&lines, ".Pp\n");
		assert_once(&page, &lines);
	}
	assert_int_equal(occurrences(commands, "\n.It "), count);
	buf_free(&lines);
	buf_free(&page);
}

static void
every_option_is_in_the_manual(void **state)
{
	struct buf page = read_source("doc/pintle.1"), lines = BUF_EMPTY;
	const char *options = part_of(&page, "\n.Sh OPTIONS\n");

	(void)state;
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		buf_clear(&lines);
		buf_putc(&lines, '\n');
		put_option(&option_table[i], ".It", &lines);
		assert_once(&page, &lines);
	}
	assert_int_equal(occurrences(options, "\n.It "), OPTION_COUNT);
	buf_free(&lines);
	buf_free(&page);
}

/* From pintle config --help. */
static void
assert_has_line(struct slice kind)
{
	char *argv[] = { (char[]){ "pintle" }, (char[]){ "config" }, (char[]){ "--help" }, NULL };
	struct arguments arguments;
	struct buf text = BUF_EMPTY, line = BUF_EMPTY;

	assert_int_equal(command_parse(3, argv, &arguments, &text), COMMAND_HELP);
	command_help(arguments.command, &text);
	buf_putc(&text, '\0');
	buf_printf(&line, "\n  %-20.*s  ", SLICE_ARG(kind));
	buf_putc(&line, '\0');
	assert_int_equal(occurrences(text.ptr, line.ptr), 1);
	buf_free(&text);
	buf_free(&line);
}

/* Each has its item in that section, and the section has no others. */
static void
assert_kinds(const char *section, void (*put)(const char *between, struct buf *out))
{
	struct buf page = read_source("doc/pintle.1"), kinds = BUF_EMPTY, lines = BUF_EMPTY;
	const char *part = part_of(&page, section);
	struct slice rest, kind;
	size_t count = 0;

	put(" ", &kinds);
	for (rest = buf_slice(&kinds); rest.len; count++) {
		slice_cut(rest, ' ', &kind, &rest);
		buf_clear(&lines);
		buf_printf(&lines, "\n.It Li %.*s\n", SLICE_ARG(kind));
		assert_once(&page, &lines);
		assert_has_line(kind);
	}
	assert_int_equal(occurrences(part, "\n.It "), count);
	buf_free(&kinds);
	buf_free(&lines);
	buf_free(&page);
}

static void
every_kind_of_configuration_is_in_the_manual(void **state)
{
	(void)state;
	assert_kinds("\n.Sh WEB SERVERS\n", server_kinds_put);
	assert_kinds("\n.Sh GATEWAYS AND SERVICES\n", gateway_kinds_put);
}

static void
every_look_of_doctor_is_in_the_manual(void **state)
{
	struct buf page = read_source("doc/pintle.1"), lines = BUF_EMPTY;
	const char *looks = part_of(&page, "\n.Sh LOOKS\n"), *name, *text;
	size_t count = 0;

	(void)state;
	for (; doctor_describe(count, &name, &text); count++) {
		buf_clear(&lines);
		/* The manual has a sentence where the table has a clause. */
		buf_printf(&lines, "\n.It Li %s\n%c%s.\n", name, text[0] >= 'a' && text[0] <= 'z' ? text[0] - 'a' + 'A' : text[0],
		    text + 1);
		assert_once(&page, &lines);
	}
	assert_true(count > 0);
	assert_int_equal(occurrences(looks, "\n.It "), count);
	buf_free(&lines);
	buf_free(&page);
}

/* ---- exit statuses: a table that is an enum, read from its header ---- */

static void
check_exit_statuses(const char *manual)
{
	struct buf header = read_source("src/worker/exit.h"), page = read_source(manual), lines = BUF_EMPTY;
	const char *statuses = part_of(&page, "\n.Sh EXIT STATUS\n");
	size_t count = 0;

	for (const char *at = strstr(header.ptr, "\n\tEXIT_"); at; at = strstr(at + 1, "\n\tEXIT_")) {
		unsigned number;

		assert_int_equal(sscanf(at, "\n\tEXIT_%*[A-Z] = %u,", &number), 1);
		assert_int_equal(number, count++);
		buf_clear(&lines);
		buf_printf(&lines, "\n.It %u\n", number);
		assert_once(&page, &lines);
	}
	assert_true(count > 0);
	assert_int_equal(occurrences(statuses, "\n.It "), count);
	buf_free(&lines);
	buf_free(&page);
	buf_free(&header);
}

static void
every_exit_status_is_in_both_manuals(void **state)
{
	(void)state;
	check_exit_statuses("doc/pintle.1");
	check_exit_statuses("doc/pintle.fcgi.8");
}

/* ---- pintle.fcgi.8: the worker's options, read from getopt's table ---- */

static void
every_option_of_the_worker_is_in_its_manual(void **state)
{
	struct buf source = read_source("src/worker/options.c"), page = read_source("doc/pintle.fcgi.8");
	const char *begin = strstr(source.ptr, "static const struct option "), *end;
	size_t count = 0;

	(void)state;
	assert_non_null(begin);
	end = strstr(begin, "{ NULL");
	assert_non_null(end);
	for (const char *at = strstr(begin, "{ \""); at && at < end; at = strstr(at + 1, "{ \""), count++) {
		char name[64], item[80];

		assert_int_equal(sscanf(at, "{ \"%63[a-z-]\"", name), 1);
		snprintf(item, sizeof(item), "\n.It Fl -%s", name);
		print_message("# --%s\n", name);
		assert_int_equal(occurrences(page.ptr, item), 1);
	}
	assert_int_equal(occurrences(page.ptr, "\n.It Fl "), count);
	buf_free(&source);
	buf_free(&page);
}

/* ---- pintle-reasons.7 ---- */

static void
every_reason_is_in_the_manual_with_its_words(void **state)
{
	struct buf page = read_source("doc/pintle-reasons.7"), lines = BUF_EMPTY;
	const char *reasons = part_of(&page, "\n.Sh REASONS\n");

	(void)state;
	for (int i = REASON_NONE; i < REASON_COUNT; i++) {
		const struct reason_info *info = reason_info((enum reason)i);

		buf_clear(&lines);
		buf_printf(&lines, "\n.It Li %s\n.Ql %s :\n%s\n", info->name, info->error, info->text);
		/* A manual page starts each sentence on a new line. */
		for (char *end = lines.ptr; (end = strstr(end, ". ")) != NULL; end++)
			end[1] = '\n';
		assert_once(&page, &lines);
	}
	assert_int_equal(occurrences(reasons, "\n.It "), REASON_COUNT);
	buf_free(&lines);
	buf_free(&page);
}

static void
every_event_is_in_the_manual_with_its_words(void **state)
{
	struct buf page = read_source("doc/pintle-reasons.7"), lines = BUF_EMPTY;
	const char *events = part_of(&page, "\n.Sh EVENTS\n");

	(void)state;
	for (int i = EVENT_NONE + 1; i < EVENT_COUNT; i++) {
		const struct event_info *info = event_info((enum event_kind)i);

		buf_clear(&lines);
		buf_printf(&lines, "\n.It Li %s\n%s\n", info->name, info->text);
		assert_once(&page, &lines);
	}
	assert_int_equal(occurrences(events, "\n.It "), EVENT_COUNT - 1);
	buf_free(&lines);
	buf_free(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_setting_is_in_the_manual_with_its_default_and_range),
		cmocka_unit_test(every_setting_of_a_place_is_in_the_manual),
		cmocka_unit_test(the_sample_is_what_init_writes),
		cmocka_unit_test(every_command_is_in_the_manual_with_its_options),
		cmocka_unit_test(every_option_is_in_the_manual),
		cmocka_unit_test(every_look_of_doctor_is_in_the_manual),
		cmocka_unit_test(every_kind_of_configuration_is_in_the_manual),
		cmocka_unit_test(every_exit_status_is_in_both_manuals),
		cmocka_unit_test(every_option_of_the_worker_is_in_its_manual),
		cmocka_unit_test(every_reason_is_in_the_manual_with_its_words),
		cmocka_unit_test(every_event_is_in_the_manual_with_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
