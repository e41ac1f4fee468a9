#include "web/guard/reading.h"

#include <string.h>

#define READINGS 64	/* an address with more was made on purpose */

struct slice
reading_path(struct slice target)
{
	struct slice path = target, rest;

	if (target.len && target.ptr[0] != '/' && slice_cut(target, ':', &path, &rest) &&
	    slice_starts(rest, SLICE("//"))) {
		const char *slash = memchr(rest.ptr + 2, '/', rest.len - 2);

		target = slash ? slice_skip(rest, (size_t)(slash - rest.ptr)) : SLICE("/");
	}
	slice_cut(target, '?', &path, &rest);
	return path;
}

/* ---- ways to read; each appends text as it reads it ---- */

static void
reading_decode(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		int high = text.ptr[i] == '%' && i + 2 < text.len ?
		    slice_hex_digit(text.ptr[i + 1]) : -1;
		int low = high >= 0 ? slice_hex_digit(text.ptr[i + 2]) : -1;

		if (low >= 0)
			i += 2;
		buf_putc(out, low >= 0 ? (char)(high * 16 + low) : text.ptr[i]);
	}
}

/* Removes parameters; some readers stop at a NUL, some at a fragment. */
static void
cut_parameters(struct slice text, struct buf *out)
{
	bool parameter = false;

	for (size_t i = 0; i < text.len && text.ptr[i] != '#' && text.ptr[i] != '\0'; i++) {
		if (text.ptr[i] == ';' || text.ptr[i] == '/')
			parameter = text.ptr[i] == ';';
		if (!parameter)
			buf_putc(out, text.ptr[i]);
	}
}

static void
turn_backslashes(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++)
		buf_putc(out, text.ptr[i] == '\\' ? '/' : text.ptr[i]);
}

/* Resolves dot segments (RFC 3986, 5.2.4), and takes several slashes as one. */
static void
resolve(struct slice text, struct buf *out)
{
	const size_t start = out->len;
	struct slice segment;
	bool more = true;

	while (more) {
		more = slice_cut(text, '/', &segment, &text);
		if (slice_eq(segment, SLICE(".."))) {
			while (out->len > start && out->ptr[out->len - 1] != '/')
				out->len--;
			out->len -= out->len > start;
		} else if (segment.len && !slice_eq(segment, SLICE("."))) {
			buf_putc(out, '/');
			buf_put(out, segment);
			continue;
		}
		/* A path that ends in a slash or in dots is a folder. */
		if (!more)
			buf_putc(out, '/');
	}
}

/*
 * Takes several slashes as one and leaves dots in, as programs do that compare only the beginning
 * of an address.
 */
static void
merge_slashes(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] != '/' || i == 0 || text.ptr[i - 1] != '/')
			buf_putc(out, text.ptr[i]);
}

static void (*const ways[])(struct slice text, struct buf *out) = { reading_decode, cut_parameters,
    turn_backslashes, resolve };

#define DECODE 0
#define WAYS (sizeof(ways) / sizeof(ways[0]))

void
reading_put(struct slice path, struct buf *out)
{
	struct buf text = BUF_EMPTY;

	reading_decode(path, &text);
	resolve(buf_slice(&text), out);
	out->failed = out->failed || text.failed;
	buf_free(&text);
}

/* ---- all of them, combined in every order ---- */

struct path_reading {
	struct buf text;
	unsigned decoded;	/* how many times; a path that is not decoded yet is no reading */
};

struct readings {
	struct path_reading list[READINGS];
	size_t count;
	bool full;
};

/* Adds the result of one way to read a reading, unless it is there already. */
static void
readings_add(struct readings *readings, const struct path_reading *from, size_t way)
{
	struct path_reading made = { .text = BUF_EMPTY,
	    .decoded = from->decoded + (way == DECODE) };

	ways[way](buf_slice(&from->text), &made.text);
	for (size_t i = 0; i < readings->count; i++) {
		const struct path_reading *other = &readings->list[i];

		if (other->decoded <= made.decoded && (other->decoded > 0 || made.decoded == 0) &&
		    slice_eq(buf_slice(&other->text), buf_slice(&made.text))) {
			buf_free(&made.text);
			return;
		}
	}
	if (readings->count == READINGS) {
		readings->full = true;
		buf_free(&made.text);
		return;
	}
	readings->list[readings->count++] = made;
}

static bool
is_elsewhere(const struct guards *guards, struct slice path, const struct guard_place *home)
{
	const struct guard_place *exact = places_at(guards, path, false);
	const struct guard_place *any = home && home->ignore_case == PLACE_YES ?
	    places_at(guards, path, true) : exact;

	return (exact && exact != home) || (any && any != home);
}

/* Whether a reading is in another place, with its dots resolved or left in. */
static enum pt_err
reading_judge(const struct guards *guards, const struct path_reading *reading,
    const struct guard_place *home, bool *strays)
{
	static void (*const ends[])(struct slice text, struct buf *out) = { resolve,
	    merge_slashes };
	struct buf path = BUF_EMPTY;
	enum pt_err err = reading->text.failed ? PT_ERR_NOMEM : PT_OK;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && err == PT_OK && !*strays; i++) {
		buf_clear(&path);
		ends[i](buf_slice(&reading->text), &path);
		err = buf_status(&path);
		if (err == PT_OK)
			*strays = is_elsewhere(guards, buf_slice(&path), home);
	}
	buf_free(&path);
	return err;
}

/*
 * Whether there is only one way to read it. A path without a leading slash is read as if it had
 * one.
 */
static bool
is_plain(struct slice path)
{
	if (path.len == 0 || path.ptr[0] != '/')
		return false;
	for (size_t i = 0; i < path.len; i++) {
		char c = path.ptr[i];

		if (c == '%' || c == ';' || c == '\\' || c == '#' || c == '\0')
			return false;
		if (c == '/' && i + 1 < path.len &&
		    (path.ptr[i + 1] == '/' || path.ptr[i + 1] == '.'))
			return false;
	}
	return true;
}

enum pt_err
reading_strays(const struct guards *guards, struct slice path, const struct guard_place *home,
    bool *strays)
{
	struct readings readings = { .count = 1 };
	enum pt_err err = PT_OK;

	*strays = path.len > READING_MAX || (is_plain(path) && is_elsewhere(guards, path, home));
	if (*strays || is_plain(path))
		return PT_OK;
	buf_put(&readings.list[0].text, path);
	for (size_t i = 0; i < readings.count && !readings.full; i++)
		for (size_t way = 0; way < WAYS; way++)
			if (way != DECODE || readings.list[i].decoded < 2)
				readings_add(&readings, &readings.list[i], way);
	*strays = readings.full;
	for (size_t i = 0; i < readings.count && err == PT_OK && !*strays; i++)
		if (readings.list[i].decoded > 0)
			err = reading_judge(guards, &readings.list[i], home, strays);
	for (size_t i = 0; i < readings.count; i++)
		buf_free(&readings.list[i].text);
	return err;
}
