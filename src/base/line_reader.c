#include "base/line_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

struct line_reader {
	int fd;
	uint64_t number;
	size_t from, end;	/* bytes that are held and not given out yet */
	bool at_end;		/* the end of the file was reached */
	char held[LINE_READER_MAX + 2];
};

struct line_reader *
line_reader_new(int fd)
{
	struct line_reader *reader = calloc(1, sizeof(*reader));

	if (reader)
		reader->fd = fd;
	return reader;
}

/* Reads more after the held bytes; the caller has made room. */
static enum pt_err
read_more(struct line_reader *reader)
{
	ssize_t len;

	do
		len = read(reader->fd, reader->held + reader->end,
		    sizeof(reader->held) - reader->end);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return PT_ERR_IO;
	reader->end += (size_t)len;
	reader->at_end = len == 0;
	return PT_OK;
}

/*
 * Reads until a whole line is held, if the file has one that fits; *len is how many bytes precede
 * its end.
 */
static enum pt_err
find_line(struct line_reader *reader, size_t *len, bool *whole)
{
	enum pt_err err = PT_OK;

	for (*len = 0; err == PT_OK;) {
		const char *from = reader->held + reader->from + *len;
		const char *found = memchr(from, '\n', reader->end - reader->from - *len);

		*whole = found != NULL;
		*len = found ? (size_t)(found - reader->held) - reader->from :
		    reader->end - reader->from;
		if (found || reader->at_end || *len == sizeof(reader->held))
			return PT_OK;
		memmove(reader->held, reader->held + reader->from, *len);
		reader->from = 0;
		reader->end = *len;
		err = read_more(reader);
	}
	return err;
}

/* Drops the bytes of the line up to its end. */
static void
line_drop(struct line_reader *reader, size_t len, bool whole)
{
	reader->from += len + whole;
}

static enum pt_err
skip_rest(struct line_reader *reader, size_t len, bool whole)
{
	enum pt_err err = PT_OK;

	while (err == PT_OK && !whole && !reader->at_end) {
		line_drop(reader, len, whole);
		err = find_line(reader, &len, &whole);
	}
	line_drop(reader, len, whole);
	return err;
}

static struct slice
trim_line(struct slice text, bool first)
{
	if (first && slice_starts(text, SLICE("\xef\xbb\xbf")))
		text = slice_skip(text, 3);
	if (text.len > 0 && text.ptr[text.len - 1] == '\r')
		text.len--;
	return text;
}

enum pt_err
line_reader_next(struct line_reader *reader, struct line_read *out)
{
	size_t len;
	bool whole;
	enum pt_err err = find_line(reader, &len, &whole);

	*out = (struct line_read){ .number = reader->number + 1 };
	if (err != PT_OK)
		return err;
	out->end = !whole && len == 0;
	if (out->end)
		return PT_OK;
	reader->number++;
	out->too_long = len > LINE_READER_MAX;
	if (out->too_long)
		return skip_rest(reader, len, whole);
	out->text = trim_line((struct slice){ reader->held + reader->from, len },
	    reader->number == 1);
	line_drop(reader, len, whole);
	return PT_OK;
}

void
line_reader_free(struct line_reader *reader)
{
	if (reader == NULL)
		return;
	secret_wipe(reader, sizeof(*reader));
	free(reader);
}
