#include "core/password_policy.h"

#include <string.h>

#define PART_MIN 3	/* characters: shorter parts of names occur in many words */

/* For well-formed UTF-8: every byte that is no continuation begins a code point. */
static size_t
code_points(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		if (((unsigned char)text.ptr[i] & 0xc0) != 0x80)
			count++;
	return count;
}

/* ---- made from the name ---- */

static bool
starts_reversed(struct slice text, struct slice word)
{
	if (text.len < word.len)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (text.ptr[i] != word.ptr[word.len - 1 - i])
			return false;
	return true;
}

/* The longer of best and word, if text begins with word forwards or backwards. */
static size_t
longer_start(struct slice text, struct slice word, size_t best)
{
	if (word.len > best && (slice_starts(text, word) || starts_reversed(text, word)))
		return word.len;
	return best;
}

/*
 * The length of the longest word that text begins with; the signs separate the words. best if none
 * is longer.
 */
static size_t
longest_word(struct slice text, struct slice words, struct slice signs, size_t best)
{
	size_t begin = 0;

	for (size_t i = 0; i <= words.len; i++) {
		if (i < words.len && !memchr(signs.ptr, words.ptr[i], signs.len))
			continue;
		struct slice word = { words.ptr + begin, i - begin };

		if (word.len && code_points(word) >= PART_MIN)
			best = longer_start(text, word, best);
		begin = i + 1;
	}
	return best;
}

static bool
is_digit_or_sign(char c)
{
	return (unsigned char)c < 0x80 && !(c >= 'a' && c <= 'z');
}

static bool
made_of_names(const struct password_facts *facts)
{
	struct slice rest = facts->lower;
	size_t taken = 0, own = 0;	/* in half characters */

	while (rest.len) {
		size_t len = longer_start(rest, facts->name, 0);

		len = longest_word(rest, facts->name, SLICE("._-@"), len);
		len = longest_word(rest, facts->context, SLICE(" "), len);
		if (len)
			taken += 2 * code_points((struct slice){ rest.ptr, len });
		else
			own += is_digit_or_sign(rest.ptr[0]) ?
			    1 : 2 * code_points((struct slice){ rest.ptr, 1 });
		rest = slice_skip(rest, len ? len : 1);
	}
	return taken >= 2 * PART_MIN && taken > own;
}

/* ---- the decision ---- */

enum password_verdict
password_policy_decide(const struct password_facts *facts)
{
	const struct slice password = facts->password;

	if (password.len > facts->max_bytes || password.len > PASSWORD_MAX_BYTES)
		return PASSWORD_TOO_LONG;
	if (!slice_is_utf8(password) || (password.len && memchr(password.ptr, '\0', password.len)))
		return PASSWORD_BROKEN;
	size_t chars = code_points(password);

	if (chars == 0 || chars < facts->min_chars)
		return PASSWORD_TOO_SHORT;
	if (made_of_names(facts))
		return PASSWORD_IS_NAME;
	return facts->known_bad ? PASSWORD_KNOWN_BAD : PASSWORD_GOOD;
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
		return "The new password contains characters that cannot be used.";
	case PASSWORD_IS_NAME:
		return "Too close to your user name or this site's name.";
	case PASSWORD_KNOWN_BAD:
		return "This password is too common.";
	case PASSWORD_GOOD:
		return "This password can be used.";
	}
	return "This password cannot be used.";
}
