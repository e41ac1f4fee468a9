#include "base/json.h"

#include <stdio.h>

#include "base/clock.h"

struct json_writer
json_writer(struct buf *out)
{
	return (struct json_writer){ out, false };
}

/* Writes the character of n bytes at the head of text; n is 0 for a broken one. */
static void
put_char(struct buf *out, struct slice text, size_t n)
{
	const unsigned char *c = (const unsigned char *)text.ptr;

	if (n == 0)
		buf_put(out, SLICE("\xef\xbf\xbd"));
	else if (c[0] == '"' || c[0] == '\\')
		buf_printf(out, "\\%c", c[0]);
	else if (c[0] < 0x20 || c[0] == 0x7f)
		buf_printf(out, "\\u%04x", c[0]);
	/*
	 * Terminals obey the C1 controls, and some log readers take U+2028 and U+2029 for the end
	 * of a line.
	 */
	else if (n == 2 && c[0] == 0xc2 && c[1] < 0xa0)
		buf_printf(out, "\\u%04x", c[1]);
	else if (n == 3 && slice_starts(text, SLICE("\xe2\x80\xa8")))
		buf_put(out, SLICE("\\u2028"));
	else if (n == 3 && slice_starts(text, SLICE("\xe2\x80\xa9")))
		buf_put(out, SLICE("\\u2029"));
	else
		buf_append(out, text.ptr, n);
}

/* How many bytes at the head of text need no escape: nearly always all of them. */
static size_t
plain_run(struct slice text)
{
	size_t n = 0;

	while (n < text.len && text.ptr[n] >= 0x20 && text.ptr[n] < 0x7f && text.ptr[n] != '"' &&
	    text.ptr[n] != '\\')
		n++;
	return n;
}

static void
put_quoted(struct buf *out, struct slice text)
{
	buf_putc(out, '"');
	for (;;) {
		size_t plain = plain_run(text);

		buf_append(out, text.ptr, plain);
		text = slice_skip(text, plain);
		if (text.len == 0)
			break;
		size_t n = slice_utf8_head(text);

		put_char(out, text, n);
		text = slice_skip(text, n ? n : 1);
	}
	buf_putc(out, '"');
}

/* Writes the comma before a member, and its name. */
static void
member_begin(struct json_writer *w, const char *name)
{
	if (w->comma)
		buf_putc(w->out, ',');
	w->comma = true;
	if (name) {
		put_quoted(w->out, slice_of(name));
		buf_putc(w->out, ':');
	}
}

void
json_open(struct json_writer *w, const char *name)
{
	member_begin(w, name);
	buf_putc(w->out, '{');
	w->comma = false;
}

void
json_close(struct json_writer *w)
{
	buf_putc(w->out, '}');
	w->comma = true;
}

void
json_open_array(struct json_writer *w, const char *name)
{
	member_begin(w, name);
	buf_putc(w->out, '[');
	w->comma = false;
}

void
json_close_array(struct json_writer *w)
{
	buf_putc(w->out, ']');
	w->comma = true;
}

void
json_put_string(struct json_writer *w, const char *name, struct slice value)
{
	member_begin(w, name);
	put_quoted(w->out, value);
}

void
json_put_cstr(struct json_writer *w, const char *name, const char *value)
{
	json_put_string(w, name, slice_of(value));
}

void
json_put_integer(struct json_writer *w, const char *name, int64_t value)
{
	member_begin(w, name);
	buf_printf(w->out, "%lld", (long long)value);
}

void
json_put_bool(struct json_writer *w, const char *name, bool value)
{
	member_begin(w, name);
	buf_puts(w->out, value ? "true" : "false");
}

void
json_put_null(struct json_writer *w, const char *name)
{
	member_begin(w, name);
	buf_puts(w->out, "null");
}

void
json_put_time(struct json_writer *w, const char *name, int64_t wall_ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (wall_ms == 0) {
		json_put_null(w, name);
		return;
	}
	clock_format(wall_ms, text);
	json_put_cstr(w, name, text);
}
