#include "core/password_policy.h"

#include <string.h>

static size_t
characters(struct slice utf8)
{
	size_t count = 0;

	for (size_t i = 0; i < utf8.len; i++)
		count += ((unsigned char)utf8.ptr[i] & 0xc0) != 0x80;
	return count;
}

/* The name within the password, whatever its case, as at least half of it. */
static bool
mostly_name(struct slice password, struct slice name)
{
	if (name.len == 0 || name.len * 2 < password.len)
		return false;
	for (size_t i = 0; i + name.len <= password.len; i++)
		if (slice_eq_nocase((struct slice){ password.ptr + i, name.len }, name))
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
	if (characters(password) < min_chars)
		return PASSWORD_TOO_SHORT;
	return mostly_name(password, name) ? PASSWORD_IS_NAME : PASSWORD_GOOD;
}

const char *
password_verdict_text(enum password_verdict verdict)
{
	switch (verdict) {
	case PASSWORD_REFUSED:
		return "This password cannot be used.";
	case PASSWORD_TOO_SHORT:
		return "This password is too short.";
	case PASSWORD_TOO_LONG:
		return "This password is longer than 1024 bytes.";
	case PASSWORD_BROKEN:
		return "This password is not well-formed text.";
	case PASSWORD_IS_NAME:
		return "This password is little more than the user name.";
	case PASSWORD_GOOD:
		return "This password can be used.";
	}
	return "This password cannot be used.";
}
