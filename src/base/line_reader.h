/*
 * Reads the lines of a file of any length in bounded memory, and wipes the bytes, which may contain
 * hashes.
 */
#ifndef PINTLE_BASE_LINE_READER_H
#define PINTLE_BASE_LINE_READER_H

#include "base/error.h"
#include "base/slice.h"

#define LINE_READER_MAX 16384	/* bytes of the longest line that is given out */

struct line_reader;

/* fd is borrowed. NULL without memory. */
struct line_reader *line_reader_new(int fd);

struct line_read {
	/*
	 * without LF or CR LF, and without a byte-order mark on the first line; valid until the
	 * next call
	 */
	struct slice text;
	uint64_t number;	/* from 1 */
	bool too_long;		/* longer than LINE_READER_MAX; text is empty */
	bool end;		/* there are no more lines */
};

/* The next line; the last one may lack its end. PT_ERR_IO with errno. */
enum pt_err line_reader_next(struct line_reader *reader, struct line_read *out);

/* NULL does nothing. */
void line_reader_free(struct line_reader *reader);

#endif
