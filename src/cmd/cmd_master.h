/* What pintle gc does about master keys that are not the present one. */
#ifndef PINTLE_CMD_CMD_MASTER_H
#define PINTLE_CMD_CMD_MASTER_H

#include "cmd/site/site.h"

/*
 * Seals anew what an older one has sealed, and forgets it where nothing of it can be shown any
 * more.
 */
int cmd_master_sweep(const struct site *site);

#endif
