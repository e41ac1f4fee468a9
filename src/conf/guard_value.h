/*
 * The allowed values of a guarded place's settings. Each value has only characters that no web
 * server's configuration treats as special.
 *
 * These functions return NULL for a good value, else what is wrong with it: a static phrase to
 * follow the value.
 */
#ifndef PINTLE_CONF_GUARD_VALUE_H
#define PINTLE_CONF_GUARD_VALUE_H

#include "base/slice.h"

/* the section's path: "/app/", "/favicon.ico" */
const char *guard_value_path(struct slice value);
const char *guard_value_proxy(struct slice value);
const char *guard_value_folder(struct slice value);
const char *guard_value_fpm(struct slice value);
const char *guard_value_front(struct slice value);
const char *guard_value_groups(struct slice value);
const char *guard_value_max_age(struct slice value);
const char *guard_value_body(struct slice value);
const char *guard_value_method(struct slice value);	/* one item of a list, like the next */
const char *guard_value_from(struct slice value);

/*
 * Whether a path can be written into every server's configuration unchanged: absolute, with plain
 * characters only.
 */
bool guard_value_is_plain_path(struct slice path);

#endif
