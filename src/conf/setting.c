#include "conf/setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loopback.h"
#include "conf/units.h"
#include "conf/url.h"
#include "core/address.h"
#include "core/username.h"

const struct setting *
setting_find(struct slice name)
{
	for (const struct setting *setting = setting_table; setting->name; setting++)
		if (slice_eq(name, slice_of(setting->name)))
			return setting;
	return NULL;
}

/* ---- the member of struct settings that a row is about ---- */

char **
setting_string(const struct setting *setting, struct settings *settings)
{
	switch (setting->kind) {
	case SETTING_TEXT:
	case SETTING_ISSUER:
	case SETTING_ORIGINS:
	case SETTING_ADDRESSES:
	case SETTING_LOOPBACK:
	case SETTING_PATH:
	case SETTING_FILE:
	case SETTING_ACCOUNT:
	case SETTING_GROUPS:
	case SETTING_COOKIE:
	case SETTING_SUFFIX:
		return (char **)(void *)((char *)settings + setting->offset);
	case SETTING_DURATION:
	case SETTING_SIZE:
	case SETTING_COUNT:
	case SETTING_MODE:
	case SETTING_BOOL:
	case SETTING_WORD:
		return NULL;
	}
	return NULL;
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

/* ---- numbers and words ---- */

static enum pt_err
refuse(struct buf *why, struct slice text, const char *problem)
{
	buf_printf(why, "\"%.*s\" %s", SLICE_ARG(text), problem);
	return PT_ERR_INVALID;
}

static const char *
number_parse(const struct setting *setting, struct slice text, int64_t *out)
{
	if (setting->kind == SETTING_DURATION)
		return units_parse_duration(text, out);
	if (setting->kind == SETTING_SIZE)
		return units_parse_size(text, out);
	return units_parse_count(text, out);
}

static enum pt_err
parse_number(const struct setting *setting, struct slice text, struct settings *settings, struct buf *why)
{
	int64_t value = 0;
	const char *problem = number_parse(setting, text, &value);

	if (problem)
		return refuse(why, text, problem);
	if (value < setting->low || value > setting->high) {
		buf_printf(why, "\"%.*s\" is out of range; it may be ", SLICE_ARG(text));
		setting_describe(setting, why);
		return PT_ERR_INVALID;
	}
	number_put(setting, settings, value);
	return PT_OK;
}

static enum pt_err
parse_mode(const struct setting *setting, struct slice text, struct settings *settings, struct buf *why)
{
	int64_t mode;
	const char *problem = units_parse_mode(text, &mode);

	if (problem)
		return refuse(why, text, problem);
	if (mode & ~setting->high)
		return refuse(why, text, "lets others connect, who could then claim to be anybody; 0770 is the widest");
	number_put(setting, settings, mode);
	return PT_OK;
}

static enum pt_err
parse_bool(const struct setting *setting, struct slice text, struct settings *settings, struct buf *why)
{
	bool value;
	const char *problem = units_parse_bool(text, &value);

	if (problem)
		return refuse(why, text, problem);
	number_put(setting, settings, value);
	return PT_OK;
}

static enum pt_err
parse_word(const struct setting *setting, struct slice text, struct settings *settings, struct buf *why)
{
	for (const struct setting_word *word = setting->words; word->name; word++) {
		if (!slice_eq(text, slice_of(word->name)))
			continue;
		number_put(setting, settings, word->value);
		return PT_OK;
	}
	buf_printf(why, "\"%.*s\" is not possible; it may be ", SLICE_ARG(text));
	setting_describe(setting, why);
	return PT_ERR_INVALID;
}

/* ---- strings: what is wrong with one value, or NULL ---- */

static const char *
text_problem(struct slice text)
{
	if (text.len == 0)
		return "is empty";
	return slice_has_control(text) || !slice_is_utf8(text) ? "holds a control character or is no UTF-8" : NULL;
}

static const char *
issuer_problem(struct slice text)
{
	struct url url;

	return url_parse(text, &url);
}

static const char *
origin_problem(struct slice text)
{
	struct url url;
	const char *problem = url_parse(text, &url);

	if (problem)
		return problem;
	return url.path.len ? "has a path; an origin is scheme, host and port alone" : NULL;
}

static const char *
address_problem(struct slice text)
{
	struct slice base;

	slice_cut(text, '/', &base, &(struct slice){ 0 });
	if (address_proxy_valid(text))
		return NULL;
	return address_valid(base) ? "has a prefix length that is none" : "is no IP address";
}

static const char *
loopback_problem(struct slice text)
{
	char address[64];

	if (text.len == 0)
		return NULL;
	return slice_copy(text, address, sizeof(address)) && loopback_can_connect(address) ? NULL :
	    "is no address of this machine alone with a port, such as 127.0.0.1:931 or [::1]:931";
}

static const char *
path_problem(struct slice text)
{
	if (text.len == 0 || text.ptr[0] != '/')
		return "is no absolute path";
	return text_problem(text);
}

static bool
is_word(struct slice text, const char *more)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!alnum && (c == '\0' || strchr(more, c) == NULL))
			return false;
	}
	return text.len > 0;
}

static const char *
account_problem(struct slice text)
{
	return text.len == 0 || is_word(text, "_-.") ? NULL : "is no name of a user or group";
}

static const char *
groups_problem(struct slice text)
{
	return groups_valid(text) ? NULL : "is no list of groups [a-z0-9._-], with commas and no blanks between";
}

static const char *
cookie_problem(struct slice text)
{
	if (slice_starts(text, SLICE("__")))
		return "begins with a prefix; pintle puts __Secure- or __Host- in front by itself";
	return is_word(text, "_-.") && text.len <= 64 ? NULL : "is no cookie name of letters, digits, _ - and .";
}

static const char *
suffix_problem(struct slice text)
{
	return text.len == 0 || (is_word(text, "_-.") && text.len <= 32) ? NULL : "is not of letters, digits, dots, _ and -";
}

/* ---- strings ---- */

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

static enum pt_err
parse_string(const struct setting *setting, struct slice text, const char *(*problem_of)(struct slice),
    struct settings *settings, struct buf *why)
{
	const char *problem = problem_of(text);

	return problem ? refuse(why, text, problem) : string_put(setting, text, settings);
}

static bool
is_word_of(const struct setting *setting, struct slice text)
{
	for (const struct setting_word *word = setting->words; word->name; word++)
		if (slice_eq(text, slice_of(word->name)))
			return true;
	return false;
}

static enum pt_err
parse_file(const struct setting *setting, struct slice text, struct settings *settings, struct buf *why)
{
	if (is_word_of(setting, text))
		return string_put(setting, text, settings);
	return parse_string(setting, text, path_problem, settings, why);
}

/* Values separated by blanks or commas; kept with one space between two. */
static enum pt_err
parse_list(const struct setting *setting, struct slice text, const char *(*problem_of)(struct slice),
    struct settings *settings, struct buf *why)
{
	struct buf list = BUF_EMPTY;
	enum pt_err err = PT_OK;

	while (text.len && err == PT_OK) {
		size_t len = 0;

		while (len < text.len && text.ptr[len] && !strchr(" \t,", text.ptr[len]))
			len++;
		struct slice item = { text.ptr, len };
		const char *problem = len ? problem_of(item) : NULL;

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

enum pt_err
setting_parse(const struct setting *setting, struct slice text, struct settings *settings, struct buf *why)
{
	switch (setting->kind) {
	case SETTING_TEXT:
		return parse_string(setting, text, text_problem, settings, why);
	case SETTING_ISSUER:
		return parse_string(setting, text, issuer_problem, settings, why);
	case SETTING_PATH:
		return parse_string(setting, text, path_problem, settings, why);
	case SETTING_FILE:
		return parse_file(setting, text, settings, why);
	case SETTING_ACCOUNT:
		return parse_string(setting, text, account_problem, settings, why);
	case SETTING_GROUPS:
		return parse_string(setting, text, groups_problem, settings, why);
	case SETTING_COOKIE:
		return parse_string(setting, text, cookie_problem, settings, why);
	case SETTING_SUFFIX:
		return parse_string(setting, text, suffix_problem, settings, why);
	case SETTING_ORIGINS:
		return parse_list(setting, text, origin_problem, settings, why);
	case SETTING_LOOPBACK:
		return parse_string(setting, text, loopback_problem, settings, why);
	case SETTING_ADDRESSES:
		return parse_list(setting, text, address_problem, settings, why);
	case SETTING_DURATION:
	case SETTING_SIZE:
	case SETTING_COUNT:
		return parse_number(setting, text, settings, why);
	case SETTING_MODE:
		return parse_mode(setting, text, settings, why);
	case SETTING_BOOL:
		return parse_bool(setting, text, settings, why);
	case SETTING_WORD:
		return parse_word(setting, text, settings, why);
	}
	return PT_ERR_INVALID;
}

/* ---- and back into text ---- */

static void
number_format(const struct setting *setting, int64_t value, struct buf *out)
{
	char text[UNITS_TEXT_SIZE];

	if (setting->kind == SETTING_DURATION)
		units_format_duration(value, text);
	else if (setting->kind == SETTING_SIZE)
		units_format_size(value, text);
	else
		snprintf(text, sizeof(text), "%lld", (long long)value);
	buf_puts(out, text);
}

static void
word_format(const struct setting *setting, int64_t value, struct buf *out)
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

	if (string) {
		buf_puts(out, *string ? *string : "");
		return;
	}

	int64_t value = number_get(setting, settings);

	if (setting->kind == SETTING_WORD)
		word_format(setting, value, out);
	else if (setting->kind == SETTING_BOOL)
		buf_puts(out, value ? "yes" : "no");
	else if (setting->kind == SETTING_MODE)
		buf_printf(out, "%04llo", (unsigned long long)value);
	else
		number_format(setting, value, out);
}

static void
words_describe(const struct setting *setting, struct buf *out)
{
	for (const struct setting_word *word = setting->words; word->name; word++) {
		const char *before = word == setting->words ? "" : word[1].name ? ", " : " or ";

		buf_printf(out, "%s%s", before, word->name);
	}
}

void
setting_describe(const struct setting *setting, struct buf *out)
{
	switch (setting->kind) {
	case SETTING_TEXT:
		buf_puts(out, "text");
		return;
	case SETTING_ISSUER:
		buf_puts(out, "a URL");
		return;
	case SETTING_ORIGINS:
		buf_puts(out, "origins, separated by spaces");
		return;
	case SETTING_ADDRESSES:
		buf_puts(out, "addresses, ranges and unix:, separated by spaces");
		return;
	case SETTING_LOOPBACK:
		buf_puts(out, "an address of this machine alone, with a port");
		return;
	case SETTING_PATH:
		buf_puts(out, "an absolute path");
		return;
	case SETTING_FILE:
		for (const struct setting_word *word = setting->words; word->name; word++)
			buf_printf(out, "%s%s", word->name, word[1].name ? ", " : " or an absolute path");
		return;
	case SETTING_ACCOUNT:
		buf_puts(out, "an account's name");
		return;
	case SETTING_GROUPS:
		buf_puts(out, "groups, separated by commas");
		return;
	case SETTING_COOKIE:
		buf_puts(out, "a cookie's name");
		return;
	case SETTING_SUFFIX:
		buf_puts(out, "letters, digits, dots, _ and -");
		return;
	case SETTING_DURATION:
	case SETTING_SIZE:
	case SETTING_COUNT:
		number_format(setting, setting->low, out);
		buf_puts(out, " to ");
		number_format(setting, setting->high, out);
		return;
	case SETTING_MODE:
		buf_printf(out, "at most %04llo", (unsigned long long)setting->high);
		return;
	case SETTING_BOOL:
		buf_puts(out, "yes or no");
		return;
	case SETTING_WORD:
		words_describe(setting, out);
		return;
	}
}
