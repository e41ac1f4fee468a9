/* The files of src/cmd/templates, as they are built in; made by src/embed.awk. */
#ifndef PINTLE_CMD_TEMPLATES_H
#define PINTLE_CMD_TEMPLATES_H

#include "base/slice.h"

extern const struct slice template_nginx_conf;

#endif
