/* Copies of a database that is in use. */
#ifndef PINTLE_STORE_CARE_COPY_H
#define PINTLE_STORE_CARE_COPY_H

#include "store/store.h"

/* store_backup, perhaps in the place of a file that is there. */
enum pt_err copy_write(struct store *store, const char *file, bool replace);

#endif
