/* Whether anything about the machine keeps the site from working, for `pintle check`. */
#ifndef PINTLE_CMD_CHECK_MACHINE_H
#define PINTLE_CMD_CHECK_MACHINE_H

#include "cmd/site/site.h"
#include "cmd/term/findings.h"

/*
 * The limit on memory against the store's size, where the log goes, the certificate that certbot
 * keeps for the site, and the disk that the store grows on. Works for any caller; root sees most.
 */
void check_machine(struct findings *findings, const struct site *site);

/* The folders that guarded places serve. */
void check_place_folders(struct findings *findings, const struct site *site);

/* Groups that guarded places require but that have no members; the store must be open. */
void check_place_groups(struct findings *findings, const struct site *site);

#endif
