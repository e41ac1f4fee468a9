#include "core/password_policy.h"

#include <string.h>

/* Of well-formed UTF-8: every byte that is no continuation begins one. */
static size_t
code_points(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		if (((unsigned char)text.ptr[i] & 0xc0) != 0x80)
			count++;
	return count;
}

static bool
contains_nocase(struct slice text, struct slice part)
{
	for (; text.len >= part.len; text = slice_skip(text, 1))
		if (slice_eq_nocase((struct slice){ text.ptr, part.len }, part))
			return true;
	return false;
}

enum password_verdict
password_policy_decide(struct slice password, struct slice name, unsigned min_chars)
{
	if (password.len > PASSWORD_MAX_BYTES)
		return PASSWORD_TOO_LONG;
	if (!slice_is_utf8(password) || (password.len && memchr(password.ptr, '\0', password.len)))
		return PASSWORD_BROKEN;
	size_t chars = code_points(password);

	if (chars == 0 || chars < min_chars)
		return PASSWORD_TOO_SHORT;
	if (name.len && code_points(name) * 2 > chars && contains_nocase(password, name))
		return PASSWORD_IS_NAME;
	return PASSWORD_GOOD;
}

const char *
password_verdict_text(enum password_verdict verdict)
{
	switch (verdict) {
	case PASSWORD_REFUSED:
		return "This password cannot be used.";
	case PASSWORD_TOO_SHORT:
		return "The new password is too short.";
	case PASSWORD_TOO_LONG:
		return "The new password is too long.";
	case PASSWORD_BROKEN:
		return "The new password has characters that cannot be used.";
	case PASSWORD_IS_NAME:
		return "The new password is little more than the user name.";
	case PASSWORD_GOOD:
		return "The new password can be used.";
	}
	return "This password cannot be used.";
}
