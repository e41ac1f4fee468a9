/*
 * A list of words, one a line, in the order that whoever wrote it liked: a text in memory, or a
 * file that is held open and read through for each question. It takes no memory, so it may
 * be long; who asks seldom and hashes a password beside it does not feel the milliseconds.
 */
#ifndef PINTLE_BASE_WORD_LIST_H
#define PINTLE_BASE_WORD_LIST_H

#include "base/error.h"
#include "base/slice.h"

#define WORD_LIST_MAX (64 * 1024 * 1024)	/* bytes of a file; longer ones would be felt */

struct word_list;

/* *out is yours, for word_list_free. The text is borrowed for as long. PT_ERR_NOMEM. */
enum pt_err word_list_of_text(struct slice text, struct word_list **out);

/*
 * The file's lines; it stays open, so that a worker that may open nothing any more can read it, and what is
 * changed in its place counts at once. PT_ERR_IO with errno; PT_ERR_INVALID if it is
 * no regular file or larger than WORD_LIST_MAX; PT_ERR_NOMEM.
 */
enum pt_err word_list_open(const char *path, struct word_list **out);

/*
 * Whether a whole line is word, which is in lower case: capital letters of ASCII in the line are
 * folded. An end of line may be CR LF, and before the first line may be a byte-order mark. From many threads at once. PT_ERR_IO with errno.
 */
enum pt_err word_list_has(const struct word_list *list, struct slice word, bool *has);

/* NULL does nothing. */
void word_list_free(struct word_list *list);

#endif
