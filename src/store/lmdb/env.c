/* The LMDB environment: opening, closing, and what its return codes mean. */
#include "store/internal.h"
#include "store/rows/counters.h"
#include "store/rows/meta_row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define FEWEST_READERS 126

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
	atomic_init(&store->sweep.links_from, LINKS_FROM_ANYWHERE);
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
		rc = mdb_env_set_mapsize(store->env, (size_t)options->map_bytes);
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

/* With flags MDB_CREATE, inside a write transaction, those that are missing are made. */
static enum pt_err
env_open_tables(struct store_txn *txn, unsigned flags, bool *missing)
{
	*missing = false;
	for (int i = 0; i < TABLE_COUNT; i++) {
		int rc = mdb_dbi_open(txn->engine, entry_table_name((enum table)i), flags, &txn->store->dbi[i]);

		if (rc == MDB_NOTFOUND)
			*missing = true;
		else if (rc != 0)
			return env_err(txn->store, rc, "open a table");
	}
	return PT_OK;
}

enum pt_err
env_make_tables(struct store_txn *txn)
{
	bool missing;

	return env_open_tables(txn, MDB_CREATE, &missing);
}

static enum pt_err
env_begin_fresh(struct store *store)
{
	struct store_txn txn;
	enum pt_err err = txn_write_begin(store, &txn);

	if (err != PT_OK)
		return err;
	txn_fail(&txn, env_make_tables(&txn));
	meta_row_set_format(&txn);
	counters_create(&txn);
	return txn_write_commit(&txn);
}

/* Before anything else is looked at: by whom, and how, what follows was written. */
static enum pt_err
env_look(struct store *store, struct store_format *format)
{
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	int rc = mdb_dbi_open(txn.engine, entry_table_name(TABLE_META), 0, &store->dbi[TABLE_META]);

	txn_fail(&txn, env_err(store, rc, "open the table of what the store says of itself"));
	meta_row_format(&txn, format);
	return txn_failed(&txn) ? txn_read_end(&txn) : txn_read_commit(&txn);
}

/* A store of our schema lacks a table that came without a new one. */
static enum pt_err
env_add_tables(struct store *store)
{
	struct store_txn txn;
	enum pt_err err = txn_write_begin(store, &txn);

	if (err != PT_OK)
		return err;
	LOG(LOG_LEVEL_INFO, "tables_made", LOG_STR("folder", store->folder));
	err = env_make_tables(&txn);
	if (err == PT_OK)
		return txn_write_commit(&txn);
	txn_write_abort(&txn);
	return err;
}

static enum pt_err
env_begin(struct store *store)
{
	struct store_txn txn;
	bool missing;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	err = env_open_tables(&txn, 0, &missing);
	if (err == PT_OK)
		err = txn_read_commit(&txn);
	else
		txn_read_end(&txn);
	return err != PT_OK || !missing ? err : env_add_tables(store);
}

static enum pt_err
env_begin_there(struct store *store, enum env_way way, struct store_format *format)
{
	enum pt_err err = env_look(store, format);

	if (err != PT_OK)
		return err;
	if (format->schema == RECORD_SCHEMA)
		return env_begin(store);
	if (!format_is_older(format) || way == ENV_AS_IT_IS)
		return PT_ERR_SCHEMA;
	return upgrade_store(store, format->schema, way == ENV_BACK_UP_AND_CARRY_OVER);
}

static enum pt_err
env_measure(const char *folder)
{
	char *path = folder_path(folder, "data.mdb");
	enum pt_err err = path ? look_mend_size(path) : PT_ERR_NOMEM;

	free(path);
	return err;
}

enum pt_err
env_open(const struct store_options *options, enum env_way way, struct store_format *format, struct store **out)
{
	struct store *store = env_new(options);

	*format = (struct store_format){ .schema = 0 };
	*out = NULL;
	if (store == NULL)
		return PT_ERR_NOMEM;
	enum pt_err err = way == ENV_FRESH ? PT_OK : env_measure(store->folder);

	if (err == PT_OK)
		err = env_map(store);
	if (err == PT_OK)
		err = folder_adopt(options->folder);
	if (err == PT_OK)
		err = way == ENV_FRESH ? env_begin_fresh(store) : env_begin_there(store, way, format);
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
	struct store_format format;
	struct store *store;
	char *stage;
	enum pt_err err = folder_stage(options->folder, &stage);

	if (err != PT_OK)
		return err;
	staged.folder = stage;
	err = env_open(&staged, ENV_FRESH, &format, &store);
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

/* LMDB would make an empty one where there is none. */
static enum pt_err
env_must_be_there(const char *folder)
{
	bool has;
	enum pt_err err = folder_has_database(folder, &has);

	if (err != PT_OK || has)
		return err;
	errno = ENOENT;
	return PT_ERR_IO;
}

/* An open store with the lock that says so; what failed is in format, too, where that is why. */
static enum pt_err
env_open_locked(const struct store_options *options, enum env_way way, struct timespec until,
    struct store_format *format, struct store **out)
{
	int lock;
	enum pt_err err = folder_lock_until(options->folder, way != ENV_AS_IT_IS, until, &lock);

	*format = (struct store_format){ .schema = 0 };
	*out = NULL;
	if (err != PT_OK)
		return err;
	err = env_must_be_there(options->folder);
	if (err == PT_OK)
		err = env_open(options, way, format, out);
	if (err == PT_OK) {
		(*out)->use_fd = lock;
		return PT_OK;
	}
	int saved = errno;

	close(lock);
	errno = saved;
	return err;
}

enum pt_err
store_open(const struct store_options *options, struct store **out)
{
	struct timespec until = clock_wait_end(options->wait_ms * 1000);
	struct store_format format;
	enum pt_err err = env_open_locked(options, ENV_AS_IT_IS, until, &format, out);

	if (err != PT_ERR_SCHEMA || !format_is_older(&format))
		return err;
	/* Carried over while nobody else has it open; another process may be doing it, or have just done it. */
	err = env_open_locked(options, ENV_BACK_UP_AND_CARRY_OVER, until, &format, out);
	if (err != PT_OK)
		return err;
	env_free(*out);
	return env_open_locked(options, ENV_AS_IT_IS, until, &format, out);
}

void
store_close(struct store *store)
{
	env_free(store);
}

bool
store_is_lost(struct store *store)
{
	return atomic_load(&store->lost);
}

/* Into the file that says who has the store open: it is beside the database, and empty. */
bool
store_disk_writes(struct store *store)
{
	int fd;

	return pwrite(store->use_fd, "", 1, 0) == 1 && fdatasync(store->use_fd) == 0 &&
	    mdb_env_get_fd(store->env, &fd) == 0 && fdatasync(fd) == 0;
}

enum pt_err
store_check(struct store *store)
{
	struct counters counters;
	struct store_txn txn;

	txn_read_begin(store, &txn);
	counters_get(&txn, &counters);
	return txn_read_end(&txn);
}

struct sweep_place *
txn_sweep_place(struct store *store)
{
	return &store->sweep;
}
