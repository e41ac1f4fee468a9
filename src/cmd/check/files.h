/* Owners and permissions of everything below the state folder, for `pintle check`. */
#ifndef PINTLE_CMD_CHECK_FILES_H
#define PINTLE_CMD_CHECK_FILES_H

#include "cmd/site/site.h"
#include "cmd/term/findings.h"

/* False if the state folder is not there, so that nothing in it can be looked at. */
bool check_files(struct findings *findings, const struct site *site);

/* The socket's folder, and the socket itself if the worker has made it. */
void check_socket(struct findings *findings, const struct site *site);

/* Who answers Apache at the address of the setting `authorizer`, if it has one. */
void check_authorizer(struct findings *findings, const struct site *site);

#endif
