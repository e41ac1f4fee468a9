#include "cmd/term/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "worker/exit.h"

/* Some output is missing, and the exit status must show it. */
static bool output_incomplete;

void
output_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("pintle: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

void
output_write(struct slice text)
{
	fwrite(text.ptr ? text.ptr : "", 1, text.len, stdout);
}

void
output_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

int
output_finish(int status)
{
	bool failed = ferror(stdout) != 0;

	if (fflush(stdout) != 0 || failed) {
		output_say("cannot write to standard output: %s", strerror(errno));
		output_incomplete = true;
	}
	return status == EXIT_OK && output_incomplete ? EXIT_FAILED : status;
}

void
output_check(const struct buf *text)
{
	if (buf_status(text) == PT_OK)
		return;
	output_say("not everything could be written: %s", pt_err_text(PT_ERR_NOMEM));
	output_incomplete = true;
}

bool
output_is_watched(void)
{
	return isatty(STDERR_FILENO);
}

bool
output_is_seen(void)
{
	return isatty(STDOUT_FILENO);
}

/* C1 controls (U+0080 to U+009F) begin escape sequences on some terminals. */
static bool
is_c1(struct slice text)
{
	return text.len >= 2 && (unsigned char)text.ptr[0] == 0xc2 &&
	    (unsigned char)text.ptr[1] < 0xa0;
}

void
output_put_safe(struct buf *out, struct slice text)
{
	char piece[128];

	while (text.len) {
		size_t len = 0;

		if (is_c1(text)) {
			buf_putc(out, '?');
			text = slice_skip(text, 2);
			continue;
		}
		while (len < text.len && !is_c1(slice_skip(text, len)))
			len++;
		slice_copy_printable((struct slice){ text.ptr, len }, piece, sizeof(piece));
		/* What did not fit into this piece is written with the next one. */
		len = len < sizeof(piece) ? len : strlen(piece);
		buf_puts(out, piece);
		text = slice_skip(text, len);
	}
}
