/* Backups: consistent copies of a store, made while everything goes on. */
#ifndef PINTLE_STORE_CARE_BACKUP_H
#define PINTLE_STORE_CARE_BACKUP_H

#include "store/store.h"

/* Does what store_backup does, and with replace may take the place of a file that is there. */
enum pt_err backup_write(struct store *store, const char *file, bool replace);

#endif
