/*
 * A list of words, one on each line, in any order: a text in memory, or a file that is held open
 * and read through for each question (DESIGN.md, Bad passwords are searched, not loaded). It takes
 * no memory, so it may be long; it is asked seldom, and hashing a password takes longer.
 */
#ifndef PINTLE_BASE_WORD_LIST_H
#define PINTLE_BASE_WORD_LIST_H

#include "base/error.h"
#include "base/slice.h"

/* bytes of a file; a longer search would be noticed */
#define WORD_LIST_MAX (64 * 1024 * 1024)

struct word_list;

/* Free *out with word_list_free. The text is borrowed until then. PT_ERR_NOMEM. */
enum pt_err word_list_of_text(struct slice text, struct word_list **out);

/*
 * The lines of a file. It stays open, so that a sandboxed worker can read it, and changes made in
 * place count at once. PT_ERR_IO with errno; PT_ERR_INVALID if it is no regular file or larger than
 * WORD_LIST_MAX; PT_ERR_NOMEM.
 */
enum pt_err word_list_open(const char *path, struct word_list **out);

/*
 * Whether some line equals word, which is in lower case; ASCII capitals in the line are folded.
 * Lines may end in CR LF, and a byte-order mark may precede the first. From many threads at once.
 * PT_ERR_IO with errno.
 */
enum pt_err word_list_has(const struct word_list *list, struct slice word, bool *has);

/* NULL does nothing. */
void word_list_free(struct word_list *list);

#endif
