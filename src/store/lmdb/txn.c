/*
 * Transactions. Read transactions are kept in a small pool, reset, because a new
 * one costs a slot in a table that all processes share. A map that another
 * process has made larger is adopted here, when no transaction of this process
 * is under way.
 */
#include "store/internal.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"

/* Takes over the size of the map that another process has given the database. */
static enum pt_err
txn_adopt_map(struct store *store)
{
	pthread_rwlock_wrlock(&store->map_lock);
	int rc = mdb_env_set_mapsize(store->env, 0);

	pthread_rwlock_unlock(&store->map_lock);
	return env_err(store, rc, "adopt the map's new size");
}

static MDB_txn *
pool_take(struct store *store)
{
	MDB_txn *mdb = NULL;

	pthread_mutex_lock(&store->pool_lock);
	if (store->pooled > 0)
		mdb = store->pool[--store->pooled];
	pthread_mutex_unlock(&store->pool_lock);
	return mdb;
}

static void
pool_give(struct store *store, MDB_txn *mdb)
{
	bool kept = false;

	mdb_txn_reset(mdb);
	pthread_mutex_lock(&store->pool_lock);
	if (store->pooled < READER_POOL) {
		store->pool[store->pooled++] = mdb;
		kept = true;
	}
	pthread_mutex_unlock(&store->pool_lock);
	if (!kept)
		mdb_txn_abort(mdb);
}

void
txn_pool_drain(struct store *store)
{
	while (store->pooled > 0)
		mdb_txn_abort(store->pool[--store->pooled]);
}

bool
txn_clear_dead_readers(struct store *store)
{
	int dead = 0;

	return env_err(store, mdb_reader_check(store->env, &dead), "look for dead readers") == PT_OK && dead > 0;
}

/* One try; a transaction of the pool that does not wake up is let go. */
static int
txn_try_read(struct store *store, MDB_txn **mdb)
{
	*mdb = pool_take(store);
	if (*mdb == NULL)
		return mdb_txn_begin(store->env, NULL, MDB_RDONLY, mdb);
	int rc = mdb_txn_renew(*mdb);

	if (rc != 0)
		mdb_txn_abort(*mdb);
	return rc;
}

enum pt_err
txn_read_begin(struct store *store, struct store_txn *txn)
{
	bool checked = false;

	*txn = (struct store_txn){ .store = store };
	while (!atomic_load(&store->fatal)) {
		pthread_rwlock_rdlock(&store->map_lock);
		int rc = txn_try_read(store, &txn->mdb);

		if (rc == 0)
			return PT_OK;	/* with the lock, until the end */
		pthread_rwlock_unlock(&store->map_lock);
		enum pt_err err = PT_OK;

		if (rc == MDB_MAP_RESIZED)
			err = txn_adopt_map(store);
		else if (rc != MDB_READERS_FULL || checked || !txn_clear_dead_readers(store))
			err = env_err(store, rc, "begin to read");
		if (err != PT_OK)
			return err;
		checked = rc == MDB_READERS_FULL;
	}
	return PT_ERR_FATAL;
}

void
txn_read_end(struct store_txn *txn)
{
	pool_give(txn->store, txn->mdb);
	pthread_rwlock_unlock(&txn->store->map_lock);
}

enum pt_err
txn_read_commit(struct store_txn *txn)
{
	int rc = mdb_txn_commit(txn->mdb);

	pthread_rwlock_unlock(&txn->store->map_lock);
	return env_err(txn->store, rc, "keep the tables open");
}

enum pt_err
txn_write_begin(struct store *store, struct store_txn *txn)
{
	*txn = (struct store_txn){ .store = store };
	if (atomic_load(&store->lost)) {
		errno = EIO;
		return PT_ERR_IO;
	}
	while (!atomic_load(&store->fatal)) {
		pthread_rwlock_rdlock(&store->map_lock);
		int rc = mdb_txn_begin(store->env, NULL, 0, &txn->mdb);

		if (rc == 0)
			return PT_OK;	/* with the lock, until the end */
		pthread_rwlock_unlock(&store->map_lock);
		enum pt_err err = rc == MDB_MAP_RESIZED ? txn_adopt_map(store) : env_err(store, rc, "begin to write");

		if (err != PT_OK)
			return err;
	}
	return PT_ERR_FATAL;
}

/*
 * Whether a failed commit leaves it unknown what is on disk. LMDB's own numbers
 * and a lack of room or memory come before the page that makes a commit count
 * is written; where they did not, LMDB refuses the next transaction itself.
 */
static bool
txn_commit_is_unsure(int rc)
{
	return rc > 0 && rc != ENOSPC && rc != EDQUOT && rc != ENOMEM;
}

enum pt_err
txn_write_commit(struct store_txn *txn)
{
	struct store *store = txn->store;
	int rc = mdb_txn_commit(txn->mdb);

	pthread_rwlock_unlock(&store->map_lock);
	enum pt_err err = env_err(store, rc, "commit");

	/* What is read is of before or after that commit, and both are whole: whoever only asks is answered on. */
	if (txn_commit_is_unsure(rc) && !atomic_exchange(&store->lost, true))
		LOG(LOG_LEVEL_ERROR, "store_lost", LOG_STR("cause", strerror(rc)),
		    LOG_STR("advice", "the disk takes no writes: sign-ins, refreshes and logouts answer 503 until it does"));
	return err;
}

void
txn_write_abort(struct store_txn *txn)
{
	mdb_txn_abort(txn->mdb);
	pthread_rwlock_unlock(&txn->store->map_lock);
}
