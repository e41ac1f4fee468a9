/* Every record of the store, looked at in a process of its own: damaged pages may end whoever reads them. */
#ifndef PINTLE_CMD_CHECK_RECORDS_H
#define PINTLE_CMD_CHECK_RECORDS_H

#include "cmd/site/site.h"
#include "cmd/term/findings.h"

/*
 * Adds what is wrong with the records of the store in folder, which this process must not have open. False if nobody should open
 * it: it ended the process that did. A store that cannot be opened is told of by whoever opens it next.
 */
bool check_records(struct findings *findings, struct site *site, const char *folder, struct store_options *options);

#endif
