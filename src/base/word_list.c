#include "base/word_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART_SIZE (16 * 1024)	/* bytes read at once */

struct word_list {
	struct slice text;
	int fd;		/* -1: the list is text in memory */
};

/* Where the search stands in the current line, which may go on in the next part. */
struct search {
	struct slice word;
	size_t matched;		/* how many bytes of the word this line has matched */
	bool differs;		/* this line is a different word */
	bool ended;		/* a CR followed the word */
	bool found;
};

enum pt_err
word_list_of_text(struct slice text, struct word_list **out)
{
	struct word_list *list = calloc(1, sizeof(*list));

	*out = list;
	if (list == NULL)
		return PT_ERR_NOMEM;
	list->text = text;
	list->fd = -1;
	return PT_OK;
}

/* A descriptor of the file that can be read again and again; -1 with *err. */
static int
open_file(const char *path, enum pt_err *err)
{
	struct stat about;
	/* NONBLOCK: a pipe in the file's place must not block us. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*err = PT_ERR_IO;
	if (fd < 0)
		return -1;
	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size <= WORD_LIST_MAX) {
		*err = PT_OK;
		return fd;
	}
	*err = PT_ERR_INVALID;
	close(fd);
	return -1;
}

enum pt_err
word_list_open(const char *path, struct word_list **out)
{
	enum pt_err err;
	int fd = open_file(path, &err);

	*out = NULL;
	if (fd < 0)
		return err;
	err = word_list_of_text((struct slice){ NULL, 0 }, out);
	if (err == PT_OK)
		(*out)->fd = fd;
	else
		close(fd);
	return err;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* The end of a line, or of the list. */
static void
search_line_end(struct search *search)
{
	search->found = search->found || (!search->differs && search->matched == search->word.len);
	search->matched = 0;
	search->differs = false;
	search->ended = false;
}

static void
search_byte(struct search *search, char c)
{
	if (search->matched < search->word.len && lower(c) == search->word.ptr[search->matched])
		search->matched++;
	else if (search->matched == search->word.len && c == '\r' && !search->ended)
		search->ended = true;
	else
		search->differs = true;
}

/*
 * A byte-order mark before the first line, as written by some Windows editors, is no part of a
 * word.
 */
static struct slice
without_mark(struct slice text)
{
	return slice_starts(text, SLICE("\xef\xbb\xbf")) ? slice_skip(text, 3) : text;
}

static void
search_part(struct search *search, struct slice part)
{
	while (part.len && !search->found) {
		if (search->differs) {
			const char *end = memchr(part.ptr, '\n', part.len);

			part = end ? slice_skip(part, (size_t)(end - part.ptr)) :
			    (struct slice){ NULL, 0 };
			if (part.len == 0)
				return;
		}
		if (part.ptr[0] == '\n')
			search_line_end(search);
		else
			search_byte(search, part.ptr[0]);
		part = slice_skip(part, 1);
	}
}

/* Read by position, since threads share the descriptor. */
static enum pt_err
search_file(struct search *search, int fd)
{
	char part[PART_SIZE];
	off_t at = 0;

	while (!search->found && at <= WORD_LIST_MAX) {
		ssize_t got = pread(fd, part, sizeof(part), at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return PT_ERR_IO;
		if (got == 0)
			break;
		struct slice read = { part, (size_t)got };

		search_part(search, at == 0 ? without_mark(read) : read);
		at += got;
	}
	return PT_OK;
}

enum pt_err
word_list_has(const struct word_list *list, struct slice word, bool *has)
{
	struct search search = { .word = word };
	enum pt_err err = PT_OK;

	*has = false;
	if (word.len == 0)
		return PT_OK;
	if (list->fd >= 0)
		err = search_file(&search, list->fd);
	else
		search_part(&search, without_mark(list->text));
	search_line_end(&search);
	*has = err == PT_OK && search.found;
	return err;
}

void
word_list_free(struct word_list *list)
{
	if (list == NULL)
		return;
	if (list->fd >= 0)
		close(list->fd);
	free(list);
}
