#include "core/username.h"

#include "base/unicode.h"

static bool
is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The stored form of one character; NUL if names may not contain it. */
static char
username_fold_char(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c + ('a' - 'A'));
	if (is_lower_or_digit(c) || c == '.' || c == '_' || c == '-' || c == '@')
		return c;
	return '\0';
}

static void
fold_ascii(struct slice typed, char out[USER_NAME_SIZE])
{
	out[0] = '\0';
	if (typed.len >= USER_NAME_SIZE)
		return;
	for (size_t i = 0; i < typed.len; i++) {
		out[i] = username_fold_char(typed.ptr[i]);
		if (out[i] == '\0') {
			out[0] = '\0';
			return;
		}
	}
	out[typed.len] = '\0';
}

/*
 * Both forms allow the same few ASCII characters: a comma would separate lists, and a blank or a
 * quote would trip up other programs.
 */
static bool
ascii_is_kept(const char *folded)
{
	for (; *folded; folded++)
		if ((unsigned char)*folded < 0x80 && username_fold_char(*folded) != *folded)
			return false;
	return true;
}

static enum pt_err
fold_unicode(struct slice typed, char out[USER_NAME_SIZE])
{
	enum pt_err err = unicode_fold(typed, out, USER_NAME_SIZE);

	if (err == PT_OK && !(ascii_is_kept(out) && unicode_is_identifier(slice_of(out))))
		out[0] = '\0';
	return err;
}

enum pt_err
username_fold(enum username_form form, struct slice typed, char out[USER_NAME_SIZE])
{
	switch (form) {
	case USERNAME_ASCII:
		fold_ascii(typed, out);
		return PT_OK;
	case USERNAME_UNICODE:
		return fold_unicode(typed, out);
	}
	out[0] = '\0';
	return PT_ERR_INVALID;
}

const char *
username_rule(enum username_form form)
{
	switch (form) {
	case USERNAME_ASCII:
		return "1 to 128 letters, digits, \".\", \"_\", \"-\" and \"@\"";
	case USERNAME_UNICODE:
		return "1 to 128 bytes of letters and digits of any script, \".\", \"_\", \"-\" "
		    "and \"@\"";
	}
	return "";
}

static bool
group_valid(struct slice group)
{
	for (size_t i = 0; i < group.len; i++) {
		char c = group.ptr[i];

		if (!is_lower_or_digit(c) && c != '.' && c != '_' && c != '-')
			return false;
	}
	return group.len > 0;
}

bool
groups_valid(struct slice text)
{
	struct slice group, rest = text;
	bool more = text.len > 0;

	if (text.len >= GROUPS_SIZE)
		return false;
	while (more) {
		more = slice_cut(rest, ',', &group, &rest);
		if (!group_valid(group) || groups_has(rest, group))
			return false;
	}
	return true;
}

bool
groups_has(struct slice groups, struct slice group)
{
	/* An empty name is nobody's group, although a list with ",," yields one. */
	return group.len && slice_is_listed(group, groups, ',');
}

bool
groups_share(struct slice a, struct slice b)
{
	struct slice one;

	while (a.len) {
		slice_cut(a, ',', &one, &a);
		if (one.len && groups_has(b, one))
			return true;
	}
	return false;
}
