/* Whether the site's own list of refused passwords refuses any, for `pintle check`. */
#ifndef PINTLE_CMD_CHECK_WORDS_H
#define PINTLE_CMD_CHECK_WORDS_H

#include "cmd/site/site.h"
#include "cmd/term/findings.h"

/*
 * Checks password_list if it is a file, as the user who has to read it; the built-in list is not
 * reported.
 */
void check_words(struct findings *findings, const struct site *site);

#endif
