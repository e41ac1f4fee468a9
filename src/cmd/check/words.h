/* Whether the site's own list of passwords that are refused refuses any, for `pintle check`. */
#ifndef PINTLE_CMD_CHECK_WORDS_H
#define PINTLE_CMD_CHECK_WORDS_H

#include "cmd/site/site.h"
#include "cmd/term/findings.h"

/* Looks at password_list where that is a file, as whoever is to read it; says nothing of the list that is built in. */
void check_words(struct findings *findings, const struct site *site);

#endif
