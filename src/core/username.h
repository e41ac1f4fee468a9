/*
 * One person has one name: the form in which names are stored, compared and counted (DESIGN.md, One
 * folded form of a name). Pure, except that Unicode needs memory.
 */
#ifndef PINTLE_CORE_USERNAME_H
#define PINTLE_CORE_USERNAME_H

#include "base/error.h"
#include "core/records.h"

/* Which characters names consist of. */
enum username_form {
	USERNAME_ASCII = 0,	/* ASCII letters, digits and . _ - @; lower case */
	/* letters, marks and digits of all scripts, and . _ - @; folded as base/unicode.h says */
	USERNAME_UNICODE,
};

/*
 * Folds a typed name into the stored form of 1 to 128 bytes; out is empty if it is no name. Folding
 * the stored form changes nothing. PT_ERR_NOMEM, only with USERNAME_UNICODE.
 */
enum pt_err username_fold(enum username_form form, struct slice typed, char out[USER_NAME_SIZE]);

/* Which names are allowed, in words for the person; static. */
const char *username_rule(enum username_form form);

/*
 * Whether text is empty or a comma-separated list of group names [a-z0-9._-]+ without blanks or
 * duplicates, at most 4,000 bytes long, since it becomes a header.
 */
bool groups_valid(struct slice text);

/* Whether group is exactly one of the comma-separated groups. */
bool groups_has(struct slice groups, struct slice group);

/* Whether two comma-separated lists have a group in common. */
bool groups_share(struct slice a, struct slice b);

#endif
