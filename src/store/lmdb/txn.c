/*
 * Transactions. Read transactions are reset and kept in a small pool, because a new one costs a
 * slot in a table that all processes share. If another process has made the map larger, this one
 * adopts the size here, when it has no transaction under way.
 */
#include "store/txn.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "store/lmdb/engine.h"
#include "store/lmdb/env_err.h"

void
txn_fail(struct store_txn *txn, enum pt_err err)
{
	if (err == PT_OK || txn->err != PT_OK)
		return;
	txn->err = err;
	txn->saved_errno = errno;
}

bool
txn_failed(const struct store_txn *txn)
{
	return txn->err != PT_OK;
}

enum pt_err
txn_take_err(struct store_txn *txn)
{
	enum pt_err err = txn->err;

	if (txn->engine)
		txn->err = PT_OK;
	return err;
}

const struct store_options *
txn_options(const struct store_txn *txn)
{
	return &txn->store->options;
}

uint64_t
txn_state(const struct store_txn *txn)
{
	if (txn->engine == NULL || txn->writes > 0)
		return 0;
	/* A write transaction is numbered as the commit that it is going to be. */
	return mdb_txn_id(txn->engine) - (txn->changes ? 1 : 0);
}

/* The first error, with errno as it was then. */
static enum pt_err
txn_result(const struct store_txn *txn)
{
	if (txn->err != PT_OK)
		errno = txn->saved_errno;
	return txn->err;
}

/* Adopts the size that another process has given the map. */
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

	return env_err(store, mdb_reader_check(store->env, &dead),
	    "look for dead readers") == PT_OK && dead > 0;
}

/* One attempt; a transaction of the pool that cannot be renewed is dropped. */
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

/* Takes a snapshot; the map's lock is held until it is released. */
static enum pt_err
txn_snapshot(struct store *store, MDB_txn **mdb)
{
	bool checked = false;

	while (!atomic_load(&store->fatal)) {
		pthread_rwlock_rdlock(&store->map_lock);
		int rc = txn_try_read(store, mdb);

		if (rc == 0)
			return PT_OK;
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

enum pt_err
txn_read_begin(struct store *store, struct store_txn *txn)
{
	MDB_txn *mdb = NULL;

	*txn = (struct store_txn){ .store = store };
	txn_fail(txn, txn_snapshot(store, &mdb));
	if (!txn_failed(txn))
		txn->engine = mdb;
	return txn->err;
}

enum pt_err
txn_read_end(struct store_txn *txn)
{
	if (txn->engine) {
		pool_give(txn->store, txn->engine);
		pthread_rwlock_unlock(&txn->store->map_lock);
		txn->engine = NULL;
	}
	return txn_result(txn);
}

enum pt_err
txn_read_commit(struct store_txn *txn)
{
	if (txn_failed(txn))
		return txn_read_end(txn);
	int rc = mdb_txn_commit(txn->engine);

	pthread_rwlock_unlock(&txn->store->map_lock);
	return env_err(txn->store, rc, "keep the tables open");
}

/* Becomes the only writer among all processes; the map's lock is held until that ends. */
static enum pt_err
txn_writer(struct store *store, MDB_txn **mdb)
{
	if (atomic_load(&store->lost)) {
		errno = EIO;
		return PT_ERR_IO;
	}
	while (!atomic_load(&store->fatal)) {
		pthread_rwlock_rdlock(&store->map_lock);
		int rc = mdb_txn_begin(store->env, NULL, 0, mdb);

		if (rc == 0)
			return PT_OK;
		pthread_rwlock_unlock(&store->map_lock);
		enum pt_err err = rc == MDB_MAP_RESIZED ?
		    txn_adopt_map(store) : env_err(store, rc, "begin to write");

		if (err != PT_OK)
			return err;
	}
	return PT_ERR_FATAL;
}

enum pt_err
txn_write_begin(struct store *store, struct store_txn *txn)
{
	MDB_txn *mdb = NULL;

	*txn = (struct store_txn){ .store = store, .changes = true };
	txn_fail(txn, txn_writer(store, &mdb));
	if (!txn_failed(txn))
		txn->engine = mdb;
	return txn->err;
}

/*
 * Whether it is unknown after a failed commit what is on disk. LMDB's own errors, and a lack of
 * room or memory, occur before LMDB writes the page that makes a commit count; if they occur later,
 * LMDB itself refuses the next transaction.
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

	if (txn_failed(txn)) {
		txn_write_abort(txn);
		return txn_result(txn);
	}
	int rc = mdb_txn_commit(txn->engine);

	txn->engine = NULL;
	pthread_rwlock_unlock(&store->map_lock);
	enum pt_err err = env_err(store, rc, "commit");

	/*
	 * A reader sees the state before or after that commit; both are consistent, so reading
	 * continues.
	 */
	if (txn_commit_is_unsure(rc) && !atomic_exchange(&store->lost, true))
		LOG(LOG_LEVEL_ERROR, "store_lost", LOG_STR("cause", strerror(rc)),
		    LOG_STR("advice", "the disk takes no writes: sign-ins, refreshes and logouts "
		    "answer 503 until it does"));
	return err;
}

void
txn_write_abort(struct store_txn *txn)
{
	if (txn->engine == NULL)
		return;
	mdb_txn_abort(txn->engine);
	pthread_rwlock_unlock(&txn->store->map_lock);
	txn->engine = NULL;
}
