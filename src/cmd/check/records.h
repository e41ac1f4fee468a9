/*
 * Every record of the store, checked in a process of its own, since damaged pages may crash whoever
 * reads them.
 */
#ifndef PINTLE_CMD_CHECK_RECORDS_H
#define PINTLE_CMD_CHECK_RECORDS_H

#include "cmd/site/site.h"
#include "cmd/term/findings.h"

/*
 * Adds what is wrong with the records of the store in folder, which this process must not have
 * open. False if nobody should open it, because it crashed the process that did. A store that
 * cannot be opened is reported by whoever opens it next.
 */
bool check_records(struct findings *findings, struct site *site, const char *folder,
    struct store_options *options);

#endif
