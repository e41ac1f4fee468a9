#include "store/limits/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "store/limits/head.h"
#include "store/limits/mark.h"

#define MAP_BYTES (UINT64_C(128) << 20)	/* LIMITS_RECORDS take a third of it, with their index */

struct limits {
	MDB_env *env;
	MDB_dbi dbi[GROUND_TABLES];
	int mark_fd;
	unsigned records;
	/* found broken, by this process or another: the next one makes it anew */
	atomic_bool lost;
};

/* ---- failures ---- */

static enum pt_err
ground_is_broken(struct limits *limits, const char *what)
{
	LOG(LOG_LEVEL_ERROR, "limits_broken", LOG_STR("cause", what));
	atomic_store(&limits->lost, true);
	mark_write(limits->mark_fd, MARK_BROKEN);
	return PT_ERR_FATAL;
}

/* What a return code of LMDB means. Whatever is not the system's fault is damage: PT_ERR_FATAL. */
static enum pt_err
ground_meaning(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return PT_OK;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case ENOSPC:
	case EDQUOT:
		return PT_ERR_FULL;
	case ENOMEM:
		return PT_ERR_NOMEM;
	default:
		return rc > 0 ? PT_ERR_IO : PT_ERR_FATAL;
	}
}

/* The same, logged. */
static enum pt_err
ground_err(struct limits *limits, int rc, const char *attempted)
{
	enum pt_err err = ground_meaning(rc);

	if (err == PT_OK)
		return PT_OK;
	if (err == PT_ERR_FATAL)
		return ground_is_broken(limits, mdb_strerror(rc));
	LOG_SPARELY(LOG_LEVEL_ERROR, "limits_failed", attempted, LOG_STR("attempted", attempted),
	    LOG_STR("cause", mdb_strerror(rc)));
	if (rc > 0)
		errno = rc;
	return err;
}

/* Whether it went well; the first error that did not stays with the transaction. */
static bool
ground_good(struct ground_txn *txn, int rc, const char *attempted)
{
	if (rc != 0 && txn->err == PT_OK)
		txn->err = ground_err(txn->limits, rc, attempted);
	return txn->err == PT_OK;
}

void
ground_broken(struct ground_txn *txn, const char *what)
{
	if (txn->err == PT_OK)
		txn->err = ground_is_broken(txn->limits, what);
}

/* ---- transactions ---- */

void
ground_begin(struct limits *limits, struct ground_txn *txn)
{
	*txn = (struct ground_txn){ .limits = limits };
	if (atomic_load(&limits->lost)) {
		txn->err = PT_ERR_FATAL;
		return;
	}
	if (!ground_good(txn, mdb_txn_begin(limits->env, NULL, 0, &txn->mdb), "begin to count"))
		return;
	enum mark mark = mark_read(limits->mark_fd);

	txn->clean = mark == MARK_CLEAN;
	/*
	 * An environment that is in use was good when it was opened, whatever the boot of its mark.
	 */
	if (mark == MARK_CLEAN || mark == MARK_UNSYNCED || mark == MARK_LOST)
		return;
	/* Another process found it broken, or made another one in its place. */
	atomic_store(&limits->lost, true);
	txn->err = PT_ERR_FATAL;
}

enum pt_err
ground_end(struct ground_txn *txn)
{
	if (txn->err == PT_OK && txn->wrote && txn->clean)
		txn->err = mark_write(txn->limits->mark_fd, MARK_UNSYNCED);
	if (txn->err == PT_OK && txn->wrote)
		ground_good(txn, mdb_txn_commit(txn->mdb), "count");
	else if (txn->mdb)
		mdb_txn_abort(txn->mdb);
	txn->mdb = NULL;
	return txn->err;
}

enum pt_err
ground_sync(struct limits *limits)
{
	struct ground_txn txn;

	ground_begin(limits, &txn);
	/* Inside the transaction: nobody may write between the sync and the mark. */
	if (txn.err == PT_OK && !txn.clean &&
	    ground_good(&txn, mdb_env_sync(limits->env, 1), "bring the limits to the disk"))
		txn.err = mark_write(limits->mark_fd, MARK_CLEAN);
	return ground_end(&txn);
}

unsigned
ground_records(const struct ground_txn *txn)
{
	return txn->limits->records;
}

/* ---- bytes under keys ---- */

static MDB_val
ground_val(struct slice bytes)
{
	return (MDB_val){ bytes.len, (void *)(uintptr_t)bytes.ptr };
}

static struct slice
ground_slice(MDB_val val)
{
	return (struct slice){ val.mv_data, val.mv_size };
}

bool
ground_get(struct ground_txn *txn, enum ground_table table, struct slice key, struct slice *value)
{
	MDB_val k = ground_val(key), v;

	if (txn->err != PT_OK)
		return false;
	int rc = mdb_get(txn->mdb, txn->limits->dbi[table], &k, &v);

	if (rc == MDB_NOTFOUND || !ground_good(txn, rc, "read what was counted"))
		return false;
	*value = ground_slice(v);
	return true;
}

bool
ground_first(struct ground_txn *txn, enum ground_table table, struct slice *key)
{
	MDB_cursor *cursor;
	MDB_val k, v;

	if (txn->err != PT_OK ||
	    !ground_good(txn, mdb_cursor_open(txn->mdb, txn->limits->dbi[table], &cursor),
	    "look for the oldest"))
		return false;
	int rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);

	mdb_cursor_close(cursor);
	if (rc == MDB_NOTFOUND || !ground_good(txn, rc, "look for the oldest"))
		return false;
	*key = ground_slice(k);
	return true;
}

void
ground_put(struct ground_txn *txn, enum ground_table table, struct slice key, struct slice value)
{
	MDB_val k = ground_val(key), v = ground_val(value);

	if (txn->err != PT_OK)
		return;
	txn->wrote = true;
	ground_good(txn, mdb_put(txn->mdb, txn->limits->dbi[table], &k, &v, 0), "remember");
}

void
ground_del(struct ground_txn *txn, enum ground_table table, struct slice key)
{
	MDB_val k = ground_val(key);

	if (txn->err != PT_OK)
		return;
	txn->wrote = true;
	int rc = mdb_del(txn->mdb, txn->limits->dbi[table], &k, NULL);

	ground_good(txn, rc == MDB_NOTFOUND ? 0 : rc, "forget");
}

uint64_t
ground_count(struct ground_txn *txn, enum ground_table table)
{
	MDB_stat stat;

	if (txn->err != PT_OK ||
	    !ground_good(txn, mdb_stat(txn->mdb, txn->limits->dbi[table], &stat), "count"))
		return 0;
	return stat.ms_entries;
}

/* ---- opening ---- */

/* -1 with errno. */
static int
ground_open_file(const char *folder, const char *name, int flags)
{
	char *path = file_path(folder, name);
	int fd = path ? open(path, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;

	free(path);
	return fd;
}

/* After a failed assertion LMDB ends the process; the next one must not run into the same. */
static void
ground_assertion_failed(MDB_env *env, const char *what)
{
	ground_is_broken(mdb_env_get_userctx(env), what);
}

/* A file that was cut short would be met as a SIGBUS; pages of zeros are met as damage. */
static enum pt_err
ground_fill_up(struct limits *limits)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat file;
	int fd;

	if (mdb_env_info(limits->env, &info) != 0 || mdb_env_stat(limits->env, &stat) != 0 ||
	    mdb_env_get_fd(limits->env, &fd) != 0 || fstat(fd, &file) != 0)
		return PT_ERR_IO;

	off_t size = (off_t)(info.me_last_pgno + 1) * (off_t)stat.ms_psize;

	return file.st_size >= size || ftruncate(fd, size) == 0 ? PT_OK : PT_ERR_IO;
}

static enum pt_err
ground_open_tables(struct limits *limits)
{
	MDB_txn *mdb;
	int rc = mdb_txn_begin(limits->env, NULL, 0, &mdb);

	if (rc != 0)
		return ground_err(limits, rc, "begin");
	rc = mdb_dbi_open(mdb, "buckets", MDB_CREATE, &limits->dbi[GROUND_BUCKETS]);
	if (rc == 0)
		rc = mdb_dbi_open(mdb, "order", MDB_CREATE, &limits->dbi[GROUND_ORDER]);
	if (rc == 0)
		return ground_err(limits, mdb_txn_commit(mdb), "make the tables");
	mdb_txn_abort(mdb);
	return ground_err(limits, rc, "open the tables");
}

/* Opens in the folder's turn, as the store is opened, and for its reason (store/lmdb/env.c). */
static int
ground_env_open(MDB_env *env, const char *folder)
{
	int turn = file_take_turn(folder);

	if (turn < 0)
		return errno;
	int rc = mdb_env_open(env, folder, MDB_NOTLS | MDB_NOSYNC, 0600);

	close(turn);
	return rc;
}

static void
ground_env_close(MDB_env *env)
{
	const char *folder = NULL;
	int turn = -1;

	if (env && mdb_env_get_path(env, &folder) == 0 && folder)
		turn = file_take_turn(folder);
	mdb_env_close(env);
	if (turn >= 0)
		close(turn);
}

static enum pt_err
ground_map(struct limits *limits, const char *folder)
{
	int rc = mdb_env_create(&limits->env);

	if (rc == 0)
		rc = mdb_env_set_userctx(limits->env, limits);
	if (rc == 0)
		rc = mdb_env_set_assert(limits->env, ground_assertion_failed);
	if (rc == 0)
		rc = mdb_env_set_mapsize(limits->env, MAP_BYTES);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(limits->env, GROUND_TABLES);
	if (rc == 0)
		rc = ground_env_open(limits->env, folder);
	enum pt_err err = ground_err(limits, rc, "open the limits");

	if (err == PT_OK)
		err = ground_fill_up(limits);
	return err == PT_OK ? ground_open_tables(limits) : err;
}

/* Why the environment that is there is not to be trusted; NULL: it is. */
static const char *
ground_fault(const struct limits *limits, const char *folder)
{
	enum mark mark = mark_read(limits->mark_fd);

	if (mark == MARK_LOST)
		return "the machine went down while they were written";
	if (mark != MARK_CLEAN && mark != MARK_UNSYNCED)
		return "they were found damaged";
	/* If it cannot be opened, LMDB says so when it tries. */
	int fd = ground_open_file(folder, "data.mdb", 0);
	bool sound = fd < 0 || head_is_sound(fd, MAP_BYTES);

	if (fd >= 0)
		close(fd);
	return sound ? NULL : "their first pages are damaged";
}

static enum pt_err
ground_try_open(struct limits *limits, const char *folder)
{
	char *data = file_path(folder, "data.mdb");
	struct stat st;

	if (data == NULL)
		return PT_ERR_NOMEM;
	bool there = stat(data, &st) == 0;
	int cause = errno;

	free(data);
	errno = cause;
	if (!there && errno != ENOENT)
		return PT_ERR_IO;
	limits->mark_fd = ground_open_file(folder, "mark", O_CREAT);
	if (limits->mark_fd < 0)
		return PT_ERR_IO;
	const char *fault = there ? ground_fault(limits, folder) : NULL;

	if (fault)
		return ground_is_broken(limits, fault);
	/*
	 * A good mark is left alone: others are writing, and it may say something else by now.
	 */
	enum pt_err err = there ? PT_OK : mark_write(limits->mark_fd, MARK_UNSYNCED);

	return err == PT_OK ? ground_map(limits, folder) : err;
}

enum pt_err
ground_open(const char *folder, unsigned records, struct limits **out)
{
	struct limits *limits = calloc(1, sizeof(*limits));

	*out = NULL;
	if (limits == NULL)
		return PT_ERR_NOMEM;
	limits->mark_fd = -1;
	limits->records = records;
	enum pt_err err = ground_try_open(limits, folder);

	if (err == PT_OK)
		*out = limits;
	else
		ground_free(limits);
	return err;
}

void
ground_free(struct limits *limits)
{
	int cause = errno;

	if (limits == NULL)
		return;
	ground_env_close(limits->env);
	if (limits->mark_fd >= 0)
		close(limits->mark_fd);
	free(limits);
	errno = cause;
}

int
ground_lock(const char *folder)
{
	int fd = ground_open_file(folder, "open.lock", O_CREAT);

	if (fd < 0 || flock(fd, LOCK_EX) == 0)
		return fd;
	int cause = errno;

	close(fd);
	errno = cause;
	return -1;
}

void
ground_discard(const char *folder)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "mark" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = file_path(folder, names[i]);

		if (path)
			unlink(path);
		free(path);
	}
}
