#include "cmd/term/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"
#include "cmd/term/output.h"
#include "core/password_policy.h"
#include "worker/exit.h"

#define LINE_MAX_BYTES (PASSWORD_MAX_BYTES + 2)	/* enough to notice that it is too long */
#define INTERRUPT 3				/* what Ctrl-C sends if it raises no signal */

/*
 * Reads one line byte by byte, so that the rest stays for later readers. At a terminal Ctrl-C ends
 * it too.
 */
static enum pt_err
read_line(int fd, bool terminal, struct buf *out)
{
	char byte = 0;

	buf_clear(out);
	for (;;) {
		ssize_t got = read(fd, &byte, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return PT_ERR_IO;
		if (got == 0 || byte == '\n')
			break;
		if (out->len < LINE_MAX_BYTES)
			buf_putc(out, byte);
		if (terminal && byte == INTERRUPT)
			break;
	}
	secret_wipe(&byte, sizeof(byte));
	return buf_status(out);
}

/*
 * Turns the terminal's echo off. Ctrl-C ends the line instead of the process, so that no signal can
 * leave the terminal without echo.
 */
static bool
terminal_mute(int fd, struct termios *before)
{
	struct termios mute;

	if (tcgetattr(fd, before) != 0)
		return false;
	mute = *before;
	mute.c_lflag &= (tcflag_t) ~(ECHO | ISIG);
	mute.c_lflag |= ICANON | ECHONL;
	mute.c_cc[VEOL] = INTERRUPT;
	return tcsetattr(fd, TCSAFLUSH, &mute) == 0;
}

static int
ask_once(int fd, const char *question, struct buf *out)
{
	struct termios before;

	if (!terminal_mute(fd, &before)) {
		output_say("cannot turn the terminal's echo off: %s", strerror(errno));
		return EXIT_FAILED;
	}
	dprintf(fd, "%s: ", question);

	enum pt_err err = read_line(fd, true, out);

	tcsetattr(fd, TCSAFLUSH, &before);
	if (err != PT_OK) {
		output_say("cannot read from the terminal: %s", pt_err_text(err));
		return EXIT_FAILED;
	}
	if (out->len == 0 || memchr(out->ptr, INTERRUPT, out->len) == NULL)
		return EXIT_OK;
	dprintf(fd, "\n");
	output_say("nothing was changed");
	return EXIT_FAILED;
}

static int
ask_twice(int fd, struct buf *out)
{
	struct buf again = BUF_EMPTY;
	int status = ask_once(fd, "New password", out);

	if (status == EXIT_OK)
		status = ask_once(fd, "The same again", &again);
	if (status == EXIT_OK && (out->len != again.len ||
	    (out->len > 0 && !secret_eq(out->ptr, again.ptr, out->len)))) {
		output_say("the two differ; nothing was changed");
		status = EXIT_FAILED;
	}
	buf_free(&again);
	return status;
}

/*
 * Removes what Windows programs add to a line: a byte-order mark before it, a CR after it. Nobody
 * types either.
 */
static void
drop_marks(struct buf *line)
{
	if (line->len > 0 && line->ptr[line->len - 1] == '\r')
		buf_cut(line, line->len - 1);
	if (!slice_starts(buf_slice(line), SLICE("\xef\xbb\xbf")))
		return;
	memmove(line->ptr, line->ptr + 3, line->len - 3);
	buf_cut(line, line->len - 3);
}

static int
read_stdin(struct buf *out)
{
	enum pt_err err = read_line(STDIN_FILENO, false, out);

	if (err == PT_OK)
		drop_marks(out);
	if (err == PT_OK && out->len)
		return EXIT_OK;
	if (err == PT_OK)
		output_say("standard input has no password");
	else
		output_say("cannot read the password: %s", pt_err_text(err));
	return EXIT_FAILED;
}

static int
ask_known(int fd, struct buf *out)
{
	return ask_once(fd, "Password", out);
}

/* Reads from standard input, or asks the person by ask. */
static int
get_password(bool from_stdin, int (*ask)(int fd, struct buf *out), struct buf *out)
{
	if (from_stdin || !isatty(STDIN_FILENO))
		return read_stdin(out);

	/* Standard output may be a file, so the question goes to the terminal. */
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		output_say("cannot open the terminal: %s", strerror(errno));
		return EXIT_FAILED;
	}

	int status = ask(fd, out);

	close(fd);
	return status;
}

int
prompt_password(bool from_stdin, struct buf *out)
{
	return get_password(from_stdin, ask_twice, out);
}

int
prompt_known_password(bool from_stdin, struct buf *out)
{
	return get_password(from_stdin, ask_known, out);
}

bool
prompt_confirm(const char *question)
{
	struct buf answer = BUF_EMPTY;

	if (!isatty(STDIN_FILENO))
		return true;
	fprintf(stderr, "%s [y/N] ", question);

	bool yes = read_line(STDIN_FILENO, true, &answer) == PT_OK &&
	    (slice_eq_nocase(buf_slice(&answer), SLICE("y")) ||
	    slice_eq_nocase(buf_slice(&answer), SLICE("yes")));

	buf_free(&answer);
	if (!yes)
		output_say("nothing was changed");
	return yes;
}
