#include "store/lmdb/env.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/lmdb/engine.h"
#include "store/lmdb/env_err.h"

#define FEWEST_READERS 126

/* Opens in the folder's turn: see env_close. Gives LMDB's code, or errno. */
static int
env_open(MDB_env *env, const char *folder)
{
	int turn = file_take_turn(folder);

	if (turn < 0)
		return errno;
	/* MDB_NOTLS: a read transaction belongs to its holder, not to a thread. */
	int rc = mdb_env_open(env, folder, MDB_NOTLS, 0600);

	close(turn);
	return rc;
}

/*
 * LMDB 0.9.31 destroys the mutexes of the lock file when the last process closes it, and a process
 * that opens it at that moment would go on with them: it then fails by EINVAL. So opening and
 * closing take turns. Where the turn cannot be had, closing goes on without.
 */
static void
env_close(MDB_env *env, const char *folder)
{
	int turn = file_take_turn(folder);

	mdb_env_close(env);
	if (turn >= 0)
		close(turn);
}

void
env_free(struct store *store)
{
	int cause = errno;

	if (store == NULL)
		return;
	txn_pool_drain(store);
	env_close(store->env, store->folder);
	if (store->use_fd >= 0)
		close(store->use_fd);
	commit_queue_destroy(&store->queue);
	pthread_mutex_destroy(&store->pool_lock);
	pthread_rwlock_destroy(&store->map_lock);
	free(store->folder);
	free(store);
	errno = cause;
}

struct store *
env_new(const struct store_options *options)
{
	struct store *store = calloc(1, sizeof(*store));
	pthread_rwlockattr_t attr;

	if (store == NULL)
		return NULL;
	store->options = *options;
	store->use_fd = -1;
	atomic_init(&store->sweep.links_from, STORE_ANYWHERE);
	commit_queue_init(&store->queue);
	pthread_mutex_init(&store->pool_lock, NULL);
	pthread_rwlockattr_init(&attr);
#ifdef __GLIBC__
	/*
	 * An unbroken series of readers must not keep the thread waiting that grows the map. musl
	 * has no such attribute.
	 */
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
	pthread_rwlock_init(&store->map_lock, &attr);
	pthread_rwlockattr_destroy(&attr);
	store->folder = strdup(options->folder);
	store->options.folder = store->folder;
	if (store->folder)
		return store;
	env_free(store);
	return NULL;
}

enum pt_err
env_map(struct store *store)
{
	const struct store_options *options = &store->options;
	unsigned readers = options->readers > FEWEST_READERS ? options->readers : FEWEST_READERS;
	int rc = mdb_env_create(&store->env);

	if (rc == 0)
		rc = mdb_env_set_mapsize(store->env, (size_t)options->map_bytes);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(store->env, readers);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(store->env, TABLE_COUNT);
	if (rc == 0)
		rc = env_open(store->env, options->folder);
	if (rc == 0)
		txn_clear_dead_readers(store);
	return env_err(store, rc, "open the database");
}

enum pt_err
env_grow_map(struct store *store)
{
	MDB_envinfo info;
	int rc = mdb_env_info(store->env, &info);

	if (rc == 0)
		rc = mdb_env_set_mapsize(store->env, info.me_mapsize + info.me_mapsize / 2);
	return env_err(store, rc, "grow the map");
}

enum pt_err
env_copy(struct store *store, int fd)
{
	struct store_txn txn;

	/* LMDB copies in a transaction of its own; meanwhile this one keeps the map where it is. */
	txn_read_begin(store, &txn);
	if (!txn_failed(&txn))
		txn_fail(&txn, env_err(store, mdb_env_copyfd2(store->env, fd, MDB_CP_COMPACT),
		    "copy the database"));
	return txn_read_end(&txn);
}

/* For an environment that only looks: it takes no lock, and so no place among the readers. */
static enum pt_err
env_look_inside(MDB_env *env, void (*look)(struct store_txn *txn, void *ctx), void *ctx)
{
	struct store store = { .env = env };
	MDB_txn *mdb;
	int rc = mdb_txn_begin(env, NULL, MDB_RDONLY, &mdb);

	if (rc != 0)
		return env_meaning(rc);
	rc = mdb_dbi_open(mdb, table_name(TABLE_META), 0, &store.dbi[TABLE_META]);
	struct store_txn txn = { .store = &store, .engine = mdb, .err = env_meaning(rc) };

	look(&txn, ctx);
	mdb_txn_abort(mdb);
	return txn.err;
}

enum pt_err
env_look(const char *file, void (*look)(struct store_txn *txn, void *ctx), void *ctx)
{
	MDB_env *env;
	int rc = mdb_env_create(&env);

	if (rc != 0)
		return env_meaning(rc);
	rc = mdb_env_set_maxdbs(env, TABLE_COUNT);
	if (rc == 0)
		rc = mdb_env_open(env, file, MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS,
		    0600);
	enum pt_err err = rc == 0 ? env_look_inside(env, look, ctx) : env_meaning(rc);

	mdb_env_close(env);
	return err;
}

/* Opens one table; whether it exists. */
static bool
env_open_one(struct store_txn *txn, enum table table, unsigned flags)
{
	int rc = MDB_NOTFOUND;

	if (!txn_failed(txn))
		rc = mdb_dbi_open(txn->engine, table_name(table), flags, &txn->store->dbi[table]);
	if (rc != 0 && rc != MDB_NOTFOUND)
		txn_fail(txn, env_err(txn->store, rc, "open a table"));
	return rc == 0;
}

bool
env_open_meta(struct store_txn *txn)
{
	return env_open_one(txn, TABLE_META, 0);
}

bool
env_open_tables(struct store_txn *txn)
{
	bool all = true;

	for (int i = 0; i < TABLE_COUNT; i++)
		all = env_open_one(txn, (enum table)i, 0) && all;
	return all;
}

void
env_make_tables(struct store_txn *txn)
{
	for (int i = 0; i < TABLE_COUNT; i++)
		env_open_one(txn, (enum table)i, MDB_CREATE);
}

void
env_keep_lock(struct store *store, int fd)
{
	store->use_fd = fd;
}

const char *
env_folder(const struct store *store)
{
	return store->folder;
}

const struct store_options *
env_options(const struct store *store)
{
	return &store->options;
}

bool
store_is_lost(struct store *store)
{
	return atomic_load(&store->lost);
}

/* Uses the file that shows who has the store open: it is beside the database, and empty. */
bool
store_disk_writes(struct store *store)
{
	int fd;

	return pwrite(store->use_fd, "", 1, 0) == 1 && fdatasync(store->use_fd) == 0 &&
	    mdb_env_get_fd(store->env, &fd) == 0 && fdatasync(fd) == 0;
}

struct sweep_place *
env_sweep_place(struct store *store)
{
	return &store->sweep;
}
