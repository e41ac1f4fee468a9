/*
 * What the settings of a guarded place may say. Each value is held to
 * characters that no web server's configuration reads as its own.
 *
 * These give NULL for a good value, else what is wrong with it: a static phrase
 * that follows the value.
 */
#ifndef PINTLE_CONF_GUARD_VALUE_H
#define PINTLE_CONF_GUARD_VALUE_H

#include "base/slice.h"

const char *guard_value_path(struct slice value);	/* of the section: "/app/", "/favicon.ico" */
const char *guard_value_proxy(struct slice value);
const char *guard_value_folder(struct slice value);
const char *guard_value_fpm(struct slice value);
const char *guard_value_front(struct slice value);
const char *guard_value_groups(struct slice value);
const char *guard_value_max_age(struct slice value);
const char *guard_value_body(struct slice value);
const char *guard_value_method(struct slice value);	/* one of a list, as the next */
const char *guard_value_from(struct slice value);

/* Whether a path can stand in every server's configuration as it is: absolute, and of plain characters. */
bool guard_value_is_plain_path(struct slice path);

#endif
