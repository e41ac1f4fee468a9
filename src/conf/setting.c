#include "conf/setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/setting_value.h"
#include "conf/units.h"

/*
 * What a kind of setting is: how a value is read, written and described. A kind without .format is
 * a string: its member is a char *, and .problem says what is wrong with one value (of a list: with
 * one item).
 */
struct kind {
	enum pt_err (*parse)(const struct setting *, struct slice text, struct settings *,
	    struct buf *why);
	const char *(*problem)(struct slice text);
	const char *(*read)(struct slice text, int64_t *out);	/* of numbers in a range */
	void (*format)(const struct setting *, int64_t value, struct buf *out);
	const char *says;	/* what may be written; NULL: .describe appends it */
	void (*describe)(const struct setting *, struct buf *out);
	bool list;
};

static const struct kind kinds[SETTING_KINDS];	/* at the end of this file */

const struct setting *
setting_find(struct slice name)
{
	for (const struct setting *setting = setting_table; setting->name; setting++)
		if (slice_eq(name, slice_of(setting->name)))
			return setting;
	return NULL;
}

bool
setting_is_list(const struct setting *setting)
{
	return kinds[setting->kind].list;
}

/* ---- the member of struct settings for a row ---- */

char **
setting_string(const struct setting *setting, struct settings *settings)
{
	if (kinds[setting->kind].format)
		return NULL;
	return (char **)(void *)((char *)settings + setting->offset);
}

static enum pt_err
string_put(const struct setting *setting, struct slice text, struct settings *settings)
{
	char **member = setting_string(setting, settings);
	char *copy = strndup(text.len ? text.ptr : "", text.len);

	if (copy == NULL)
		return PT_ERR_NOMEM;
	free(*member);
	*member = copy;
	return PT_OK;
}

static void
number_put(const struct setting *setting, struct settings *settings, int64_t value)
{
	char *member = (char *)settings + setting->offset;
	int64_t wide = value / (setting->scale ? setting->scale : 1);
	uint32_t narrow = (uint32_t)wide;
	bool flag = wide != 0;

	if (setting->size == sizeof(flag))
		memcpy(member, &flag, sizeof(flag));
	else if (setting->size == sizeof(narrow))
		memcpy(member, &narrow, sizeof(narrow));
	else
		memcpy(member, &wide, sizeof(wide));
}

static int64_t
number_get(const struct setting *setting, const struct settings *settings)
{
	const char *member = (const char *)settings + setting->offset;
	int64_t wide;
	uint32_t narrow;
	bool flag;

	if (setting->size == sizeof(flag)) {
		memcpy(&flag, member, sizeof(flag));
		return flag;
	}
	if (setting->size == sizeof(narrow)) {
		memcpy(&narrow, member, sizeof(narrow));
		wide = narrow;
	} else {
		memcpy(&wide, member, sizeof(wide));
	}
	return wide * (setting->scale ? setting->scale : 1);
}

/* ---- out of text ---- */

static enum pt_err
refuse(struct buf *why, struct slice text, const char *problem)
{
	buf_printf(why, "\"%.*s\" %s", SLICE_ARG(text), problem);
	return PT_ERR_INVALID;
}

/* The same of a value that may be only what the row describes. */
static enum pt_err
refuse_described(const struct setting *setting, struct buf *why, struct slice text,
    const char *problem)
{
	refuse(why, text, problem);
	buf_puts(why, "; it may be ");
	setting_describe(setting, why);
	return PT_ERR_INVALID;
}

static enum pt_err
parse_number(const struct setting *setting, struct slice text, struct settings *settings,
    struct buf *why)
{
	int64_t value = 0;
	const char *problem = kinds[setting->kind].read(text, &value);

	if (problem)
		return refuse(why, text, problem);
	if (value < setting->low || value > setting->high)
		return refuse_described(setting, why, text, "is out of range");
	number_put(setting, settings, value);
	return PT_OK;
}

static enum pt_err
parse_mode(const struct setting *setting, struct slice text, struct settings *settings,
    struct buf *why)
{
	int64_t mode;
	const char *problem = units_parse_mode(text, &mode);

	if (problem)
		return refuse(why, text, problem);
	if (mode & ~setting->high)
		return refuse(why, text,
		    "lets others connect, who could then claim to be anybody; 0770 is the widest");
	number_put(setting, settings, mode);
	return PT_OK;
}

static enum pt_err
parse_bool(const struct setting *setting, struct slice text, struct settings *settings,
    struct buf *why)
{
	bool value;
	const char *problem = units_parse_bool(text, &value);

	if (problem)
		return refuse(why, text, problem);
	number_put(setting, settings, value);
	return PT_OK;
}

static const struct setting_word *
word_named(const struct setting *setting, struct slice name)
{
	for (const struct setting_word *word = setting->words; word->name; word++)
		if (slice_eq(name, slice_of(word->name)))
			return word;
	return NULL;
}

static enum pt_err
parse_word(const struct setting *setting, struct slice text, struct settings *settings,
    struct buf *why)
{
	const struct setting_word *word = word_named(setting, text);

	if (word == NULL)
		return refuse_described(setting, why, text, "is not possible");
	number_put(setting, settings, word->value);
	return PT_OK;
}

static enum pt_err
parse_string(const struct setting *setting, struct slice text, struct settings *settings,
    struct buf *why)
{
	const char *problem = kinds[setting->kind].problem(text);

	return problem ? refuse(why, text, problem) : string_put(setting, text, settings);
}

static enum pt_err
parse_file(const struct setting *setting, struct slice text, struct settings *settings,
    struct buf *why)
{
	return word_named(setting, text) ? string_put(setting, text, settings) :
	    parse_string(setting, text, settings, why);
}

/* Values separated by blanks or commas; kept with one space between two. */
static enum pt_err
parse_list(const struct setting *setting, struct slice text, struct settings *settings,
    struct buf *why)
{
	struct buf list = BUF_EMPTY;
	enum pt_err err = PT_OK;

	while (text.len && err == PT_OK) {
		size_t len = 0;

		while (len < text.len && text.ptr[len] && !strchr(" \t,", text.ptr[len]))
			len++;
		struct slice item = { text.ptr, len };
		const char *problem = len ? kinds[setting->kind].problem(item) : NULL;

		if (problem)
			err = refuse(why, item, problem);
		if (len)
			buf_printf(&list, "%s%.*s", list.len ? " " : "", SLICE_ARG(item));
		text = slice_skip(text, len + 1);
	}
	if (err == PT_OK)
		err = buf_status(&list);
	if (err == PT_OK)
		err = string_put(setting, buf_slice(&list), settings);
	buf_free(&list);
	return err;
}

/* ---- back into text ---- */

static void
format_duration(const struct setting *setting, int64_t value, struct buf *out)
{
	char text[UNITS_TEXT_SIZE];

	(void)setting;
	units_format_duration(value, text);
	buf_puts(out, text);
}

static void
format_size(const struct setting *setting, int64_t value, struct buf *out)
{
	char text[UNITS_TEXT_SIZE];

	(void)setting;
	units_format_size(value, text);
	buf_puts(out, text);
}

static void
format_count(const struct setting *setting, int64_t value, struct buf *out)
{
	(void)setting;
	buf_printf(out, "%lld", (long long)value);
}

static void
format_mode(const struct setting *setting, int64_t value, struct buf *out)
{
	(void)setting;
	buf_printf(out, "%04llo", (unsigned long long)value);
}

static void
format_bool(const struct setting *setting, int64_t value, struct buf *out)
{
	(void)setting;
	buf_puts(out, value ? "yes" : "no");
}

static void
format_word(const struct setting *setting, int64_t value, struct buf *out)
{
	for (const struct setting_word *word = setting->words; word->name; word++)
		if (word->value == value)
			buf_puts(out, word->name);
}

void
setting_format(const struct setting *setting, const struct settings *settings, struct buf *out)
{
	struct settings borrowed = *settings;
	char **string = setting_string(setting, &borrowed);

	if (string)
		buf_puts(out, *string ? *string : "");
	else
		kinds[setting->kind].format(setting, number_get(setting, settings), out);
}

/* ---- what may be written ---- */

static void
describe_range(const struct setting *setting, struct buf *out)
{
	kinds[setting->kind].format(setting, setting->low, out);
	buf_puts(out, " to ");
	kinds[setting->kind].format(setting, setting->high, out);
}

static void
describe_mode(const struct setting *setting, struct buf *out)
{
	buf_puts(out, "at most ");
	format_mode(setting, setting->high, out);
}

static void
describe_words(const struct setting *setting, struct buf *out)
{
	for (const struct setting_word *word = setting->words; word->name; word++) {
		if (word != setting->words)
			buf_puts(out, word[1].name ? ", " : " or ");
		buf_puts(out, word->name);
	}
}

static void
describe_file(const struct setting *setting, struct buf *out)
{
	for (const struct setting_word *word = setting->words; word->name; word++)
		buf_printf(out, "%s%s", word->name, word[1].name ? ", " : " or an absolute path");
}

static const struct kind kinds[SETTING_KINDS] = {
	[SETTING_TEXT] = { parse_string, setting_value_text, .says = "text" },
	[SETTING_ISSUER] = { parse_string, setting_value_issuer, .says = "a URL" },
	[SETTING_ORIGINS] = { parse_list, setting_value_origin, .list = true,
	  .says = "origins, separated by spaces" },
	[SETTING_ADDRESSES] = { parse_list, setting_value_proxy, .list = true,
	  .says = "addresses, ranges and unix:, separated by spaces" },
	[SETTING_LOOPBACK] = { parse_string, setting_value_loopback,
	  .says = "an address that only this machine reaches, with a port" },
	[SETTING_PATH] = { parse_string, setting_value_path, .says = "an absolute path" },
	[SETTING_FILE] = { parse_file, setting_value_path, .describe = describe_file },
	[SETTING_ACCOUNT] = { parse_string, setting_value_account, .says = "an account's name" },
	[SETTING_GROUPS] = { parse_string, setting_value_groups,
	    .says = "groups, separated by commas" },
	[SETTING_COOKIE] = { parse_string, setting_value_cookie, .says = "a cookie's name" },
	[SETTING_SUFFIX] = { parse_string, setting_value_suffix,
	    .says = "letters, digits, dots, _ and -" },
	[SETTING_DURATION] = { parse_number, .read = units_parse_duration,
	    .format = format_duration,
	  .describe = describe_range },
	[SETTING_SIZE] = { parse_number, .read = units_parse_size, .format = format_size,
	  .describe = describe_range },
	[SETTING_COUNT] = { parse_number, .read = units_parse_count, .format = format_count,
	  .describe = describe_range },
	[SETTING_MODE] = { parse_mode, .format = format_mode, .describe = describe_mode },
	[SETTING_BOOL] = { parse_bool, .format = format_bool, .says = "yes or no" },
	[SETTING_WORD] = { parse_word, .format = format_word, .describe = describe_words },
};

enum pt_err
setting_parse(const struct setting *setting, struct slice text, struct settings *settings,
    struct buf *why)
{
	return kinds[setting->kind].parse(setting, text, settings, why);
}

void
setting_describe(const struct setting *setting, struct buf *out)
{
	const struct kind *kind = &kinds[setting->kind];

	if (kind->says)
		buf_puts(out, kind->says);
	else
		kind->describe(setting, out);
}
