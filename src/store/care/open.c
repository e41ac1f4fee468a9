#include "store/care/open.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "store/care/stage.h"
#include "store/care/upgrade.h"
#include "store/lmdb/engine.h"
#include "store/lmdb/env.h"
#include "store/lmdb/folder.h"
#include "store/lmdb/look.h"
#include "store/rows/counters.h"
#include "store/rows/meta_row.h"
#include "store/rows/record.h"

static enum pt_err
begin_fresh(struct store *store)
{
	struct store_txn txn;

	txn_write_begin(store, &txn);
	env_make_tables(&txn);
	meta_row_set_format(&txn);
	counters_create(&txn);
	return txn_write_commit(&txn);
}

/* Read before anything else: who wrote the store, and in which schema. */
static enum pt_err
begin_look(struct store *store, struct store_format *format)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	if (!env_open_meta(&txn))
		txn_fail(&txn, PT_ERR_CORRUPT);
	meta_row_format(&txn, format);
	return txn_read_commit(&txn);
}

/* A store of our schema may lack a table that was introduced without a new schema. */
static enum pt_err
add_tables(struct store *store)
{
	struct store_txn txn;

	LOG(LOG_LEVEL_INFO, "tables_made", LOG_STR("folder", env_folder(store)));
	txn_write_begin(store, &txn);
	env_make_tables(&txn);
	return txn_write_commit(&txn);
}

static enum pt_err
begin_ours(struct store *store)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	bool all = env_open_tables(&txn);
	enum pt_err err = txn_read_commit(&txn);

	return err != PT_OK || all ? err : add_tables(store);
}

static enum pt_err
begin_there(struct store *store, enum open_way way, struct store_format *format)
{
	enum pt_err err = begin_look(store, format);

	if (err != PT_OK)
		return err;
	if (format->schema == RECORD_SCHEMA)
		return begin_ours(store);
	if (!upgrade_suits(format) || way == OPEN_AS_IT_IS)
		return PT_ERR_SCHEMA;
	return upgrade_store(store, format->schema, way == OPEN_BACK_UP_AND_CARRY_OVER);
}

static enum pt_err
open_measure(const char *folder)
{
	char *path = file_path(folder, "data.mdb");
	enum pt_err err = path ? look_mend_size(path) : PT_ERR_NOMEM;

	free(path);
	return err;
}

enum pt_err
open_folder(const struct store_options *options, enum open_way way, struct store_format *format,
    struct store **out)
{
	struct store *store = env_new(options);

	*format = (struct store_format){ .schema = 0 };
	*out = NULL;
	if (store == NULL)
		return PT_ERR_NOMEM;
	enum pt_err err = way == OPEN_FRESH ? PT_OK : open_measure(options->folder);

	if (err == PT_OK)
		err = env_map(store);
	if (err == PT_OK)
		err = folder_adopt(options->folder);
	if (err == PT_OK)
		err = way == OPEN_FRESH ? begin_fresh(store) : begin_there(store, way, format);
	if (err == PT_OK)
		*out = store;
	else
		env_free(store);
	return err;
}

static enum pt_err
run_create(const struct store_options *options, const char *stage, void *ctx)
{
	struct store_options staged = *options;
	struct store_format format;
	struct store *store;
	bool has;
	enum pt_err err = folder_has_database(options->folder, &has);

	(void)ctx;
	if (err != PT_OK)
		return err;
	if (has) {
		errno = EEXIST;
		return PT_ERR_IO;
	}
	staged.folder = stage;
	err = open_folder(&staged, OPEN_FRESH, &format, &store);
	if (err != PT_OK)
		return err;
	env_free(store);
	return folder_install(options->folder, stage);
}

enum pt_err
store_create(const struct store_options *options)
{
	if (mkdir(options->folder, 0700) != 0 && errno != EEXIST)
		return PT_ERR_IO;
	return stage_run(options, run_create, NULL);
}

/* LMDB would create an empty database if there is none. */
static enum pt_err
must_be_there(const char *folder)
{
	bool has;
	enum pt_err err = folder_has_database(folder, &has);

	if (err != PT_OK || has)
		return err;
	errno = ENOENT;
	return PT_ERR_IO;
}

/*
 * Opens the store, with the lock that shows it. If the schema is why it failed, format says more.
 */
static enum pt_err
open_locked(const struct store_options *options, enum open_way way, struct timespec until,
    struct store_format *format, struct store **out)
{
	int lock;
	enum pt_err err = folder_lock_until(options->folder, way != OPEN_AS_IT_IS, until, &lock);

	*format = (struct store_format){ .schema = 0 };
	*out = NULL;
	if (err != PT_OK)
		return err;
	err = must_be_there(options->folder);
	if (err == PT_OK)
		err = open_folder(options, way, format, out);
	if (err == PT_OK) {
		env_keep_lock(*out, lock);
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
	enum pt_err err = open_locked(options, OPEN_AS_IT_IS, until, &format, out);

	if (err != PT_ERR_SCHEMA || !upgrade_suits(&format))
		return err;
	/*
	 * Upgrades the store while nobody else has it open. Another process may be doing that, or
	 * have just done it.
	 */
	err = open_locked(options, OPEN_BACK_UP_AND_CARRY_OVER, until, &format, out);
	if (err != PT_OK)
		return err;
	env_free(*out);
	return open_locked(options, OPEN_AS_IT_IS, until, &format, out);
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

	txn_read_begin(store, &txn);
	counters_get(&txn, &counters);
	return txn_read_end(&txn);
}
