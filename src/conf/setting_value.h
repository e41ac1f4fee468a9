/*
 * What the strings of the configuration may be, outside the sections of guarded places.
 *
 * These give NULL for a good value, else what is wrong with it: a static phrase that follows the
 * value.
 */
#ifndef PINTLE_CONF_SETTING_VALUE_H
#define PINTLE_CONF_SETTING_VALUE_H

#include "base/slice.h"

const char *setting_value_text(struct slice text);
const char *setting_value_issuer(struct slice text);
const char *setting_value_origin(struct slice text);
const char *setting_value_proxy(struct slice text);	/* whose forwarding header is believed */
const char *setting_value_loopback(struct slice text);
const char *setting_value_path(struct slice text);
const char *setting_value_account(struct slice text);
const char *setting_value_groups(struct slice text);
const char *setting_value_cookie(struct slice text);
const char *setting_value_suffix(struct slice text);

#endif
