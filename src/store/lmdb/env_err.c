#include "store/lmdb/env_err.h"

#include <errno.h>

#include "base/log.h"
#include "store/lmdb/engine.h"

enum pt_err
env_meaning(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return PT_OK;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case ENOSPC:
	case EDQUOT:
		return PT_ERR_FULL;
	case MDB_READERS_FULL:
		return PT_ERR_BUSY;
	case MDB_PANIC:
		return PT_ERR_FATAL;
	case MDB_VERSION_MISMATCH:
		return PT_ERR_SCHEMA;
	case ENOMEM:
		return PT_ERR_NOMEM;
	default:
		/*
		 * The system's error numbers are positive; any other code of LMDB's means that the
		 * database is not as we left it.
		 */
		return rc > 0 ? PT_ERR_IO : PT_ERR_CORRUPT;
	}
}

enum pt_err
env_err(struct store *store, int rc, const char *attempted)
{
	enum pt_err err = env_meaning(rc);

	if (err == PT_OK)
		return PT_OK;
	if (err == PT_ERR_FATAL)
		atomic_store(&store->fatal, true);
	/*
	 * A failed transaction returns this at every further step; its first failure is in the log.
	 */
	if (rc != MDB_BAD_TXN)
		LOG_SPARELY(LOG_LEVEL_ERROR, "store_failed", attempted,
		    LOG_STR("attempted", attempted), LOG_STR("cause", mdb_strerror(rc)));
	if (rc > 0)
		errno = rc;
	return err;
}
