/*
 * The strict scan that goes before cJSON: RFC 8259 and the bounds of json.h, in one pass and
 * without memory. A text that passes means the same to every parser; what cJSON would forgive never
 * reaches it.
 */
#include <string.h>

#include "base/json.h"

enum { CHAR_END = -1, CHAR_BROKEN = -2 };

struct scan {
	const char *at;
	const char *end;
	unsigned depth;
};

static bool scan_value(struct scan *scan);

static void
scan_space(struct scan *scan)
{
	while (scan->at < scan->end && strchr(" \t\r\n", *scan->at) && *scan->at)
		scan->at++;
}

static bool
scan_take(struct scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

static bool
scan_word(struct scan *scan, struct slice word)
{
	struct slice rest = { scan->at, (size_t)(scan->end - scan->at) };

	if (!slice_starts(rest, word))
		return false;
	scan->at += word.len;
	return true;
}

static bool
scan_digits(struct scan *scan)
{
	const char *from = scan->at;

	while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
		scan->at++;
	return scan->at > from;
}

/* RFC 8259, section 6. */
static bool
scan_number(struct scan *scan)
{
	scan_take(scan, '-');
	if (!scan_take(scan, '0') && !scan_digits(scan))
		return false;
	if (scan_take(scan, '.') && !scan_digits(scan))
		return false;
	if (!scan_take(scan, 'e') && !scan_take(scan, 'E'))
		return true;
	if (!scan_take(scan, '+'))
		scan_take(scan, '-');
	return scan_digits(scan);
}

/* The value of four hexadecimal digits; -1 if they are not there. */
static int32_t
hex4(const char *at, const char *end)
{
	int32_t value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = slice_hex_digit(at[i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* A \u escape at *at, after the u; a surrogate must have its other half. */
static int32_t
unicode_escape(const char **at, const char *end)
{
	int32_t high = hex4(*at, end);

	if (high < 0)
		return CHAR_BROKEN;
	*at += 4;
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
		return CHAR_BROKEN;
	int32_t low = hex4(*at + 2, end);

	if (low < 0xdc00 || low > 0xdfff)
		return CHAR_BROKEN;
	*at += 6;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/*
 * The next character between a string's quotes: a raw byte, or the code point of an escape.
 * CHAR_END after the last, CHAR_BROKEN for a control byte, an unknown escape or half a surrogate
 * pair.
 */
static int32_t
next_char(const char **at, const char *end)
{
	if (*at == end)
		return CHAR_END;
	unsigned char c = (unsigned char)*(*at)++;

	if (c != '\\')
		return c < 0x20 ? CHAR_BROKEN : c;
	if (*at == end)
		return CHAR_BROKEN;
	switch (*(*at)++) {
	case '"':
		return '"';
	case '\\':
		return '\\';
	case '/':
		return '/';
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'u':
		return unicode_escape(at, end);
	default:
		return CHAR_BROKEN;
	}
}

/* A string; *inside is the text between its quotes. Its UTF-8 was checked before. */
static bool
scan_string(struct scan *scan, struct slice *inside)
{
	if (!scan_take(scan, '"'))
		return false;
	const char *from = scan->at;

	while (scan->at < scan->end && *scan->at != '"') {
		int32_t c = next_char(&scan->at, scan->end);

		if (c == CHAR_BROKEN || c == 0)
			return false;
	}
	*inside = (struct slice){ from, (size_t)(scan->at - from) };
	return scan_take(scan, '"');
}

/* The next byte of a string's meaning in UTF-8: an escaped letter counts as the letter. */
struct meaning {
	const char *at, *end;
	unsigned char rest[3];
	unsigned left;
};

static int
meaning_next(struct meaning *meaning)
{
	if (meaning->left)
		return meaning->rest[--meaning->left];
	bool escaped = meaning->at < meaning->end && *meaning->at == '\\';
	int32_t c = next_char(&meaning->at, meaning->end);

	if (!escaped || c < 0x80)
		return c;
	/* The last byte comes first, since they are taken from the end. */
	unsigned more = 1;

	if (c >= 0x800)
		more = c < 0x10000 ? 2 : 3;

	for (unsigned i = 0; i < more; i++, c >>= 6)
		meaning->rest[i] = (unsigned char)(0x80 | (c & 0x3f));
	meaning->left = more;
	return (0xf0 << (3 - more) & 0xff) | (int)c;
}

/* Whether two names, as written between their quotes, mean the same. */
static bool
same_name(struct slice a, struct slice b)
{
	struct meaning x = { .at = a.ptr, .end = a.ptr + a.len },
	    y = { .at = b.ptr, .end = b.ptr + b.len };
	int c;

	do {
		c = meaning_next(&x);
		if (c != meaning_next(&y))
			return false;
	} while (c >= 0);
	return true;
}

static bool
scan_member(struct scan *scan, struct slice *names, size_t count)
{
	if (count == JSON_MAX_MEMBERS || !scan_string(scan, &names[count]))
		return false;
	for (size_t i = 0; i < count; i++)
		if (same_name(names[i], names[count]))
			return false;
	scan_space(scan);
	return scan_take(scan, ':') && scan_value(scan);
}

static bool
scan_object(struct scan *scan)
{
	struct slice names[JSON_MAX_MEMBERS];
	size_t count = 0;

	scan_space(scan);
	if (scan_take(scan, '}'))
		return true;
	do {
		scan_space(scan);
		if (!scan_member(scan, names, count++))
			return false;
	} while (scan_take(scan, ','));
	return scan_take(scan, '}');
}

static bool
scan_array(struct scan *scan)
{
	scan_space(scan);
	if (scan_take(scan, ']'))
		return true;
	do {
		if (!scan_value(scan))
			return false;
	} while (scan_take(scan, ','));
	return scan_take(scan, ']');
}

/* A value with the white space around it. */
static bool
scan_value(struct scan *scan)
{
	struct slice ignored;
	bool good;

	scan_space(scan);
	if (scan->at == scan->end)
		return false;
	switch (*scan->at) {
	case '{':
	case '[':
		if (scan->depth == JSON_MAX_DEPTH)
			return false;
		scan->depth++;
		good = *scan->at++ == '{' ? scan_object(scan) : scan_array(scan);
		scan->depth--;
		break;
	case '"':
		good = scan_string(scan, &ignored);
		break;
	case 't':
		good = scan_word(scan, SLICE("true"));
		break;
	case 'f':
		good = scan_word(scan, SLICE("false"));
		break;
	case 'n':
		good = scan_word(scan, SLICE("null"));
		break;
	default:
		good = scan_number(scan);
	}
	scan_space(scan);
	return good;
}

bool
json_scan(struct slice text)
{
	/* An empty text may have a NULL pointer. */
	if (text.len == 0)
		return false;

	struct scan scan = { text.ptr, text.ptr + text.len, 0 };

	return slice_is_utf8(text) && scan_value(&scan) && scan.at == scan.end;
}
