/* The LMDB environment: opening, closing, and what its return codes mean. */
#include "store/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define FEWEST_READERS 126

static const char *const table_names[TABLE_COUNT] = {
	[TABLE_META] = "meta",
	[TABLE_USERS] = "users",
	[TABLE_NAMES] = "names",
	[TABLE_SUBS] = "subs",
	[TABLE_TOMBSTONES] = "tombstones",
	[TABLE_OTP] = "otp",
	[TABLE_LINKS] = "links",
	[TABLE_SERVICES] = "services",
	[TABLE_SESSIONS] = "sessions",
	[TABLE_SIDS] = "sids",
	[TABLE_USER_SESSIONS] = "user_sessions",
	[TABLE_DEVICES] = "devices",
	[TABLE_KNOWN_DEVICES] = "known_devices",
	[TABLE_EXPIRY] = "expiry",
	[TABLE_STATUS] = "status",
	[TABLE_STATUS_ENDED] = "status_ended",
	[TABLE_EVENTS] = "events",
	[TABLE_SESSION_EVENTS] = "session_events",
};

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
		/* The system's own numbers are positive; LMDB's others all mean a database that is not as we left it. */
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
	/* A transaction that has failed says so at every further step: its first failure is in the log. */
	if (rc != MDB_BAD_TXN)
		LOG(LOG_LEVEL_ERROR, "store_failed", LOG_STR("attempted", attempted), LOG_STR("cause", mdb_strerror(rc)));
	if (rc > 0)
		errno = rc;
	return err;
}

enum pt_err
env_corrupt(enum table table, uint64_t number)
{
	LOG(LOG_LEVEL_ERROR, "record_corrupt", LOG_STR("table", table_names[table]), LOG_NUM("number", (int64_t)number));
	return PT_ERR_CORRUPT;
}

static void
env_free(struct store *store)
{
	if (store == NULL)
		return;
	txn_pool_drain(store);
	mdb_env_close(store->env);
	if (store->use_fd >= 0)
		close(store->use_fd);
	commit_queue_destroy(&store->queue);
	pthread_mutex_destroy(&store->pool_lock);
	pthread_rwlock_destroy(&store->map_lock);
	free(store->folder);
	free(store);
}

static struct store *
env_new(const struct store_options *options)
{
	struct store *store = calloc(1, sizeof *store);
	pthread_rwlockattr_t attr;

	if (store == NULL)
		return NULL;
	store->options = *options;
	store->use_fd = -1;
	commit_queue_init(&store->queue);
	pthread_mutex_init(&store->pool_lock, NULL);
	/* Readers without pause must not keep the one that grows the map waiting. */
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&store->map_lock, &attr);
	pthread_rwlockattr_destroy(&attr);
	store->folder = strdup(options->folder);
	store->options.folder = store->folder;
	if (store->folder)
		return store;
	env_free(store);
	return NULL;
}

static enum pt_err
env_map(struct store *store)
{
	const struct store_options *options = &store->options;
	unsigned readers = options->readers > FEWEST_READERS ? options->readers : FEWEST_READERS;
	int rc = mdb_env_create(&store->env);

	if (rc == 0)
		rc = mdb_env_set_mapsize(store->env, options->map_bytes);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(store->env, readers);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(store->env, TABLE_COUNT);
	/* MDB_NOTLS: a read transaction belongs to whoever holds it, not to a thread. */
	if (rc == 0)
		rc = mdb_env_open(store->env, options->folder, MDB_NOTLS, 0600);
	if (rc == 0)
		txn_clear_dead_readers(store);
	return env_err(store, rc, "open the database");
}

static enum pt_err
env_open_tables(struct store_txn *txn, unsigned flags)
{
	for (int i = 0; i < TABLE_COUNT; i++) {
		int rc = mdb_dbi_open(txn->mdb, table_names[i], flags, &txn->store->dbi[i]);

		if (rc != 0)
			return env_err(txn->store, rc, "open a table");
	}
	return PT_OK;
}

static enum pt_err
env_begin_fresh(struct store *store)
{
	struct store_txn txn;
	enum pt_err err = txn_write_begin(store, &txn);

	if (err != PT_OK)
		return err;
	err = env_open_tables(&txn, MDB_CREATE);
	if (err == PT_OK)
		err = meta_create(&txn);
	if (err == PT_OK)
		return txn_write_commit(&txn);
	txn_write_abort(&txn);
	return err;
}

static enum pt_err
env_begin(struct store *store)
{
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	err = env_open_tables(&txn, 0);
	if (err == PT_OK)
		err = meta_check(&txn);
	if (err == PT_OK)
		return txn_read_commit(&txn);
	txn_read_end(&txn);
	return err;
}

enum pt_err
env_open(const struct store_options *options, bool fresh, struct store **out)
{
	struct store *store = env_new(options);

	*out = NULL;
	if (store == NULL)
		return PT_ERR_NOMEM;
	enum pt_err err = env_map(store);

	if (err == PT_OK)
		err = folder_adopt(options->folder);
	if (err == PT_OK)
		err = fresh ? env_begin_fresh(store) : env_begin(store);
	if (err == PT_OK)
		*out = store;
	else
		env_free(store);
	return err;
}

/* Makes the database in a folder of its own, and only then puts it in place. */
static enum pt_err
env_create_staged(const struct store_options *options)
{
	struct store_options staged = *options;
	struct store *store;
	char *stage;
	enum pt_err err = folder_stage(options->folder, &stage);

	if (err != PT_OK)
		return err;
	staged.folder = stage;
	err = env_open(&staged, true, &store);
	if (err == PT_OK) {
		env_free(store);
		err = folder_install(options->folder, stage);
	}
	folder_stage_remove(stage);
	free(stage);
	return err;
}

enum pt_err
store_create(const struct store_options *options)
{
	bool has;
	int lock;

	if (mkdir(options->folder, 0700) != 0 && errno != EEXIST)
		return PT_ERR_IO;
	enum pt_err err = folder_lock(options->folder, true, &lock);

	if (err != PT_OK)
		return err;
	err = folder_has_database(options->folder, &has);
	if (err == PT_OK && has) {
		errno = EEXIST;
		err = PT_ERR_IO;
	} else if (err == PT_OK) {
		err = env_create_staged(options);
	}
	int saved = errno;

	close(lock);
	errno = saved;
	return err;
}

enum pt_err
store_open(const struct store_options *options, struct store **out)
{
	bool has;
	int lock;
	enum pt_err err = folder_lock(options->folder, false, &lock);

	*out = NULL;
	if (err != PT_OK)
		return err;
	err = folder_has_database(options->folder, &has);
	if (err == PT_OK && !has) {
		/* LMDB would make an empty one. */
		errno = ENOENT;
		err = PT_ERR_IO;
	}
	if (err == PT_OK)
		err = env_open(options, false, out);
	if (err == PT_OK) {
		(*out)->use_fd = lock;
		return PT_OK;
	}
	int saved = errno;

	close(lock);
	errno = saved;
	return err;
}

void
store_close(struct store *store)
{
	env_free(store);
}

enum pt_err
store_check(struct store *store)
{
	struct counters counters;
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	err = meta_counters(&txn, &counters);
	txn_read_end(&txn);
	return err;
}
