#include "base/slice.h"

#include <string.h>

struct slice
slice_of(const char *cstr)
{
	return (struct slice){ cstr, cstr ? strlen(cstr) : 0 };
}

bool
slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool
slice_eq_nocase(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (fold(a.ptr[i]) != fold(b.ptr[i]))
			return false;
	return true;
}

bool
slice_starts(struct slice s, struct slice prefix)
{
	if (s.len < prefix.len)
		return false;
	s.len = prefix.len;
	return slice_eq(s, prefix);
}

struct slice
slice_skip(struct slice s, size_t n)
{
	if (n > s.len)
		n = s.len;
	return (struct slice){ s.len ? s.ptr + n : s.ptr, s.len - n };
}

bool
slice_cut(struct slice s, char sep, struct slice *before, struct slice *after)
{
	const char *at = s.len ? memchr(s.ptr, sep, s.len) : NULL;

	if (at == NULL) {
		*before = s;
		*after = (struct slice){ NULL, 0 };
		return false;
	}
	size_t head = (size_t)(at - s.ptr);
	*before = (struct slice){ s.ptr, head };
	*after = slice_skip(s, head + 1);
	return true;
}

bool
slice_is_listed(struct slice word, struct slice list, char sep)
{
	struct slice one;

	while (list.len) {
		slice_cut(list, sep, &one, &list);
		if (slice_eq(one, word))
			return true;
	}
	return false;
}

struct slice
slice_trim(struct slice s)
{
	while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = slice_skip(s, 1);
	while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

#define EACH_BYTE(value) (0x0101010101010101u * (value))

/* Eight bytes of s at once, if it has so many: every read of a record checks all its text. */
static bool
slice_word(struct slice s, size_t at, uint64_t *word)
{
	if (s.len - at < sizeof(*word))
		return false;
	memcpy(word, s.ptr + at, sizeof(*word));
	return true;
}

/* Whether one of the eight bytes has its highest bit, is below a space, or is DEL. */
static bool
word_is_special(uint64_t word)
{
	uint64_t not_del = word ^ EACH_BYTE(0x7f);

	return ((word | (word - EACH_BYTE(0x20)) | (not_del - EACH_BYTE(0x01))) &
	    EACH_BYTE(0x80)) != 0;
}

bool
slice_is_plain(struct slice s, const char *more)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9');

		if (!alnum && (c == '\0' || strchr(more, c) == NULL))
			return false;
	}
	return true;
}

bool
slice_has_control(struct slice s)
{
	uint64_t word;
	size_t i = 0;

	while (slice_word(s, i, &word) && !word_is_special(word))
		i += sizeof(word);
	for (; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return true;
	return false;
}

size_t
slice_utf8_head(struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	size_t need;
	unsigned char low = 0x80, high = 0xbf;

	if (s.len == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		need = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		need = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		need = 4;
	else
		return 0;
	if (s.len < need)
		return 0;
	/*
	 * RFC 3629, section 4: the second byte's range excludes overlong forms, surrogates and
	 * everything above U+10FFFF.
	 */
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return need;
}

bool
slice_is_utf8(struct slice s)
{
	uint64_t word;

	while (s.len) {
		size_t n = slice_word(s, 0, &word) && !(word & EACH_BYTE(0x80)) ?
		    sizeof(word) : slice_utf8_head(s);

		if (n == 0)
			return false;
		s = slice_skip(s, n);
	}
	return true;
}

int
slice_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = fold(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
slice_to_u64(struct slice s, uint64_t *out)
{
	uint64_t value = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		uint64_t digit = (uint64_t)(s.ptr[i] - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

bool
slice_copy(struct slice s, char *dst, size_t cap)
{
	if (s.len >= cap || (s.len && memchr(s.ptr, '\0', s.len))) {
		if (cap)
			dst[0] = '\0';
		return false;
	}
	if (s.len)
		memcpy(dst, s.ptr, s.len);
	dst[s.len] = '\0';
	return true;
}

/* Whether the character of n bytes at p is printable, not a control. */
static bool
printable(const char *p, size_t n)
{
	const unsigned char *c = (const unsigned char *)p;

	if (n == 1)
		return c[0] >= 0x20 && c[0] != 0x7f;
	return n > 2 || (n == 2 && !(c[0] == 0xc2 && c[1] < 0xa0));
}

void
slice_copy_printable(struct slice s, char *dst, size_t cap)
{
	size_t at = 0;

	if (cap == 0)
		return;
	while (s.len) {
		size_t n = slice_utf8_head(s);
		bool keep = printable(s.ptr, n);

		if (n == 0)
			n = 1;
		if (at + (keep ? n : 1) >= cap)
			break;
		if (keep) {
			memcpy(dst + at, s.ptr, n);
			at += n;
		} else {
			dst[at++] = '?';
		}
		s = slice_skip(s, n);
	}
	dst[at] = '\0';
}
