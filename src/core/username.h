/*
 * One person is one name: the form in which names are kept, compared and
 * counted. Pure.
 */
#ifndef PINTLE_CORE_USERNAME_H
#define PINTLE_CORE_USERNAME_H

#include "core/records.h"

/*
 * Folds what was typed into the kept form: ASCII letters, digits and . _ - @,
 * lower case, 1 to 128 bytes. False, with out empty, for anything else.
 */
bool username_fold(struct slice typed, char out[USER_NAME_SIZE]);

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
