/* What LMDB's return codes mean. */
#ifndef PINTLE_STORE_LMDB_ENV_ERR_H
#define PINTLE_STORE_LMDB_ENV_ERR_H

#include "store/store.h"

enum pt_err env_meaning(int rc);

/*
 * The same, logged with what was attempted. errno is set if the error is the system's. Marks the
 * store as fatal if LMDB reports that.
 */
enum pt_err env_err(struct store *store, int rc, const char *attempted);

#endif
