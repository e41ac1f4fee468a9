/*
 * Second factors that the keys of the site do not open, since they were made under another master
 * key.
 */
#ifndef PINTLE_CMD_CHECK_FACTORS_H
#define PINTLE_CMD_CHECK_FACTORS_H

#include "cmd/site/site.h"
#include "cmd/term/findings.h"

/* Adds the findings of pintle check; none if the keys themselves cannot be read. */
void check_factors(struct findings *findings, const struct site *site);

/* Reports how many there are, if any, in a store that was just restored. */
void factors_report(const struct site *site);

#endif
