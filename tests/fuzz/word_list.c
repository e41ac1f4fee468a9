/*
 * Lists of words: the first line is the word that is looked for, the rest is the list, which is
 * searched in memory and as a file whose parts end wherever the second line's length says. The
 * plain way of searching has to give the same result.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/word_list.h"
#include "fuzz.h"

enum { PART = 16 * 1024 };	/* what word_list.c reads at once */
#define MARK SLICE("\xef\xbb\xbf")

static bool
is_word(struct slice line, struct slice word)
{
	if (line.len != word.len)
		return false;
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];

		if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != word.ptr[i])
			return false;
	}
	return true;
}

/* A line is a word with or without a CR at its end. */
static bool
has_plainly(struct slice text, struct slice word)
{
	struct slice line;
	bool more = word.len > 0;

	while (more) {
		more = slice_cut(text, '\n', &line, &text);
		if (is_word(line, word))
			return true;
		if (line.len > 0 && line.ptr[line.len - 1] == '\r' && is_word((struct slice){ line.ptr, line.len - 1 }, word))
			return true;
	}
	return false;
}

static bool
has(struct word_list *list, struct slice word)
{
	bool found;

	MUST(word_list_has(list, word, &found) == PT_OK);
	word_list_free(list);
	return found;
}

/*
 * The text in a file, with this many bytes of it before the first part ends: a long line goes
 * before it, which may be the word.
 */
static void
must_find_in_file(struct slice text, size_t before, struct slice word, bool plainly)
{
	static char filler[PART];
	const size_t filled = PART - before;
	static int fd = -1;
	struct word_list *list;
	char path[64];

	if (fd < 0)
		fd = memfd_create("words", 0);
	memset(filler, '-', filled - 1);
	filler[filled - 1] = '\n';
	MUST(ftruncate(fd, 0) == 0 && pwrite(fd, filler, filled, 0) == (ssize_t)filled);
	MUST(pwrite(fd, text.ptr, text.len, (off_t)filled) == (ssize_t)text.len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	MUST(word_list_open(path, &list) == PT_OK);
	MUST(has(list, word) == (plainly || (word.len > 0 && is_word((struct slice){ filler, filled - 1 }, word))));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice word, cut, text, rest = { (const char *)bytes, len };
	struct word_list *list;
	bool plainly;

	slice_cut(rest, '\n', &word, &rest);
	slice_cut(rest, '\n', &cut, &text);
	plainly = has_plainly(slice_starts(text, MARK) ? slice_skip(text, MARK.len) : text, word);
	MUST(word_list_of_text(text, &list) == PT_OK);
	MUST(has(list, word) == plainly);
	/* After other lines the mark is a part of the word that follows it. */
	must_find_in_file(text, cut.len < PART ? cut.len : 0, word, has_plainly(text, word));
	return 0;
}
