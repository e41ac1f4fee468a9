#include "conf/config.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/nearest.h"
#include "conf/guards.h"
#include "conf/setting.h"
#include "conf/whole.h"

#define CONFIG_MAX (256 * 1024)	/* bytes; a larger file is no configuration */

/* A configuration that is being read. */
struct config_reading {
	struct settings *settings;
	const char *file;
	struct slice rest;		/* the rest of the text */
	unsigned line;			/* the number of the current line; 1 is the first */
	struct guards guards;
	bool in_guard;			/* the section is a guarded place */
	/* the line where each row of the table was set; 0: not set */
	unsigned set_at[SETTING_MAX];
	enum pt_err err;
	unsigned problem_line;
	struct buf *problem;
};

const char *
config_path(const char *named)
{
	const char *from_environment = getenv("PINTLE_CONFIG");

	if (named)
		return named;
	return from_environment && *from_environment ? from_environment : PINTLE_CONFIG_PATH;
}

void
config_free(struct settings *settings)
{
	for (const struct setting *setting = setting_table; setting->name; setting++) {
		char **string = setting_string(setting, settings);

		if (string)
			free(*string);
	}
	free(settings->mount);
	free(settings->refresh_cookie_old);
	free(settings->device_cookie_old);
	free(settings->gate_cookie_old);
	*settings = (struct settings){ 0 };
}

/* ---- one line ---- */

/* Begins a sentence about a line (0: about the whole file), replacing an earlier one. */
static void
reading_fail(struct config_reading *reading, unsigned line, enum pt_err err)
{
	buf_clear(reading->problem);
	reading->err = err;
	reading->problem_line = line;
	if (line)
		buf_printf(reading->problem, "%s:%u: ", reading->file, line);
	else
		buf_printf(reading->problem, "%s: ", reading->file);
}

static void
fail_unknown(struct config_reading *reading, const char *name)
{
	struct nearest nearest = nearest_to(slice_of(name));

	for (const struct setting *setting = setting_table; setting->name; setting++)
		nearest_offer(&nearest, setting->name);
	reading_fail(reading, reading->line, PT_ERR_INVALID);
	buf_printf(reading->problem, "unknown setting \"%s\"", name);
	if (nearest.best)
		buf_printf(reading->problem, "; did you mean \"%s\"?", nearest.best);
}

static void
fail_section(struct config_reading *reading, const char *section, const struct setting *setting)
{
	reading_fail(reading, reading->line, PT_ERR_INVALID);
	buf_printf(reading->problem, "%s is in section [%s]; it belongs in [%s], or before any "
	    "section",
	    setting->name, section, setting->section);
}

static void
fail_twice(struct config_reading *reading, const struct setting *setting, unsigned first)
{
	reading_fail(reading, reading->line, PT_ERR_INVALID);
	buf_printf(reading->problem, "%s is set twice, first in line %u", setting->name, first);
}

static enum pt_err
reading_value(struct config_reading *reading, const struct setting *setting, bool again,
    struct slice value)
{
	struct buf text = BUF_EMPTY, why = BUF_EMPTY;

	if (again)
		buf_printf(&text, "%s ", *setting_string(setting, reading->settings));
	buf_put(&text, value);

	enum pt_err err = buf_status(&text);

	if (err == PT_OK)
		err = setting_parse(setting, buf_slice(&text), reading->settings, &why);
	if (err != PT_OK) {
		reading_fail(reading, reading->line, err);
		buf_printf(reading->problem, "%s: %.*s", setting->name, SLICE_ARG(buf_slice(&why)));
	}
	buf_free(&text);
	buf_free(&why);
	return err;
}

/* Hands the current line to the guarded place. */
static int
reading_guard(struct config_reading *reading, enum pt_err err, struct buf *why)
{
	if (err != PT_OK) {
		reading_fail(reading, reading->line, err);
		buf_put(reading->problem, buf_slice(why));
	}
	buf_free(why);
	return err == PT_OK;
}

/*
 * inih cuts long names of sections and does not report empty sections, so a guarded place begins
 * here.
 */
static void
reading_section(struct config_reading *reading, struct slice line)
{
	struct buf why = BUF_EMPTY;
	struct slice name;

	slice_cut(slice_skip(line, 1), ']', &name, &(struct slice){ 0 });
	name = slice_trim(name);
	reading->in_guard = guards_section(name);
	if (reading->in_guard)
		reading_guard(reading, guards_begin(&reading->guards, name, reading->line, &why),
		    &why);
}

/* inih calls this for each "name = value". */
static int
reading_setting(void *ctx, const char *section, const char *name, const char *value)
{
	struct config_reading *reading = ctx;
	const struct setting *setting = setting_find(slice_of(name));
	struct buf why = BUF_EMPTY;

	if (reading->err != PT_OK)
		return 0;
	if (reading->in_guard)
		return reading_guard(reading,
		    guards_set(&reading->guards, slice_of(name), slice_of(value), &why), &why);
	if (setting == NULL) {
		fail_unknown(reading, name);
		return 0;
	}

	unsigned *set_at = &reading->set_at[setting - setting_table];

	if (*section && strcmp(section, setting->section) != 0)
		fail_section(reading, section, setting);
	else if (*set_at && !setting_is_list(setting))
		fail_twice(reading, setting, *set_at);
	else if (reading_value(reading, setting, *set_at != 0, slice_of(value)) == PT_OK)
		*set_at = reading->line;
	return reading->err == PT_OK;
}

/*
 * inih gets its lines from here, so that we can count them. Leading blanks are removed, because
 * inih would take an indented line for a continuation of the value above.
 */
static char *
reading_line(char *line, int cap, void *ctx)
{
	struct config_reading *reading = ctx;
	struct slice text;

	if (reading->err != PT_OK || reading->rest.len == 0)
		return NULL;
	slice_cut(reading->rest, '\n', &text, &reading->rest);
	text = slice_trim(text);
	reading->line++;
	if (!slice_copy(text, line, (size_t)cap - 1)) {
		reading_fail(reading, reading->line, PT_ERR_INVALID);
		buf_printf(reading->problem, "line holds a NUL or more than %d characters",
		    cap - 2);
		return NULL;
	}
	if (slice_starts(text, SLICE("[")))
		reading_section(reading, text);
	memcpy(line + text.len, "\n", 2);
	return line;
}

/* ---- the whole ---- */

static enum pt_err
put_defaults(struct settings *settings)
{
	struct buf why = BUF_EMPTY;
	enum pt_err err = PT_OK;

	for (const struct setting *setting = setting_table; setting->name && err == PT_OK;
	    setting++)
		if (setting->fallback)
			err = setting_parse(setting, slice_of(setting->fallback), settings, &why);
	buf_free(&why);
	return err;
}

static void
reading_check(struct config_reading *reading)
{
	const struct whole whole = { reading->settings, &reading->guards, reading->set_at };
	struct buf why = BUF_EMPTY;
	unsigned line = 0;
	enum pt_err err = whole_check(&whole, &line, &why);

	if (err != PT_OK) {
		reading_fail(reading, line, err);
		buf_put(reading->problem, buf_slice(&why));
	}
	buf_free(&why);
}

static void
reading_run(struct config_reading *reading)
{
	int bad_line = ini_parse_stream(reading_line, reading, reading_setting, reading);

	if (bad_line > 0 && (reading->err == PT_OK || (unsigned)bad_line < reading->problem_line)) {
		reading_fail(reading, (unsigned)bad_line, PT_ERR_INVALID);
		buf_puts(reading->problem, "is not of the form name = value");
	}
	if (reading->err == PT_OK && bad_line < 0)
		reading->err = PT_ERR_NOMEM;
	if (reading->err == PT_OK)
		reading_check(reading);
	if (reading->err == PT_OK)
		reading->err = whole_derive(reading->settings, &reading->guards);
}

/*
 * The file may contain anything, and the sentence goes to a terminal. The path is the person's own.
 */
static void
problem_make_printable(struct buf *problem)
{
	char *copy = malloc(problem->len + 1);

	if (copy == NULL) {
		buf_clear(problem);
		return;
	}
	slice_copy_printable(buf_slice(problem), copy, problem->len + 1);
	buf_clear(problem);
	buf_puts(problem, copy);
	free(copy);
}

enum pt_err
config_parse(const char *file, struct slice text, struct settings *out, struct guards *guards,
    struct buf *problem)
{
	struct config_reading reading = { .settings = out, .file = file, .rest = text,
	    .problem = problem };

	*out = (struct settings){ 0 };
	reading.err = put_defaults(out);
	if (reading.err == PT_OK)
		reading_run(&reading);
	if (reading.err != PT_OK && problem->len > 0)
		problem_make_printable(problem);
	if (reading.err != PT_OK && problem->len == 0)
		buf_printf(problem, "%s: %s", file, pt_err_text(reading.err));
	if (reading.err != PT_OK)
		config_free(out);
	if (reading.err == PT_OK && guards)
		*guards = reading.guards;
	else
		guards_free(&reading.guards);
	return reading.err;
}

enum pt_err
config_load(const char *path, struct settings *out, struct guards *guards, struct buf *problem)
{
	struct buf text = BUF_EMPTY;
	enum pt_err err = file_read(path, CONFIG_MAX, &text);

	if (err == PT_OK)
		err = config_parse(path, buf_slice(&text), out, guards, problem);
	else if (err == PT_ERR_INVALID)
		buf_printf(problem, "%s: is larger than %d bytes, which no configuration is", path,
		    CONFIG_MAX);
	else if (err == PT_ERR_IO && errno == ENOENT)
		buf_printf(problem, "%s: there is no such file; pintle init --issuer URL creates "
		    "one", path);
	else
		buf_printf(problem, "%s: %s", path, err == PT_ERR_IO ?
		    strerror(errno) : pt_err_text(err));
	buf_free(&text);
	return err;
}
