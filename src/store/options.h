/* The settings of a site that the store needs. */
#ifndef PINTLE_STORE_OPTIONS_H
#define PINTLE_STORE_OPTIONS_H

#include "conf/settings.h"
#include "store/store.h"

/*
 * Fills *out. It borrows from settings and from folder, a buffer of cap bytes for the path of the
 * database. False if the path does not fit.
 */
bool store_options_from(const struct settings *settings, char *folder, size_t cap,
    struct store_options *out);

#endif
