/*
 * One person is one name: the form in which names are kept, compared and
 * counted. Pure, but that Unicode takes memory.
 */
#ifndef PINTLE_CORE_USERNAME_H
#define PINTLE_CORE_USERNAME_H

#include "base/error.h"
#include "core/records.h"

/* Of which characters names are made. */
enum username_form {
	USERNAME_ASCII = 0,	/* ASCII letters, digits and . _ - @; lower case */
	USERNAME_UNICODE,	/* letters, marks and digits of all scripts, and . _ - @; folded as base/unicode.h says */
};

/*
 * Folds what was typed into the kept form, of 1 to 128 bytes; out is empty for what is
 * no name. Folding the kept form gives the same again. In a form without ASCII alone
 * PT_ERR_NOMEM.
 */
enum pt_err username_fold(enum username_form form, struct slice typed, char out[USER_NAME_SIZE]);

/* What a name may be made of, in words for the person; static. */
const char *username_rule(enum username_form form);

/*
 * Whether text is a comma-separated list of group names [a-z0-9._-]+, without
 * blanks or repeats, at most 4,000 bytes (it becomes a header); or empty.
 */
bool groups_valid(struct slice text);

/* Whether group (exact) is one of the comma-separated groups. */
bool groups_has(struct slice groups, struct slice group);

/* Whether two comma-separated lists have a group in common. */
bool groups_share(struct slice a, struct slice b);

#endif
