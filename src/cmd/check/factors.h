/* Second factors that the keys of the site do not open: made under another master key. */
#ifndef PINTLE_CMD_CHECK_FACTORS_H
#define PINTLE_CMD_CHECK_FACTORS_H

#include "cmd/site/site.h"
#include "cmd/term/findings.h"

/* Adds what pintle check says of them; nothing where the keys themselves cannot be read. */
void check_factors(struct findings *findings, const struct site *site);

/* Says how many there are, where there are any, of a store that was just restored. */
void tell_factors(const struct site *site);

#endif
