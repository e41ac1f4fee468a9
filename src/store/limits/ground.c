/* The limits' environment: opened, made anew where it cannot be trusted, synced now and then. */
#include "store/limits/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define MAP_BYTES (UINT64_C(128) << 20)	/* LIMITS_RECORDS take a third of it, with their index */

/* ---- the mark ---- */

#define MARK_SIZE 16	/* the boot under which it was written, and a word */

enum mark_word { MARK_CLEAN = 0x636c65616e, MARK_UNSYNCED = 0x756e73796e63, MARK_BROKEN = 0x62726f6b656e };

static enum pt_err
mark_write(int fd, enum mark_word word)
{
	uint8_t bytes[MARK_SIZE];

	record_put_u64(bytes, clock_now().stamp.boot);
	record_put_u64(bytes + 8, word);
	if (pwrite(fd, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes && fdatasync(fd) == 0)
		return PT_OK;
	LOG(LOG_LEVEL_ERROR, "limits_failed", LOG_STR("attempted", "mark what is on disk"), LOG_STR("cause", strerror(errno)));
	return PT_ERR_IO;
}

/* Zero for a mark that is none. */
static uint64_t
mark_read(int fd, uint64_t *boot)
{
	uint8_t bytes[MARK_SIZE];

	*boot = 0;
	if (pread(fd, bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return 0;
	*boot = record_get_u64(bytes);
	return record_get_u64(bytes + 8);
}

/* ---- failures ---- */

enum pt_err
limits_broken(struct limits *limits, const char *what)
{
	LOG(LOG_LEVEL_ERROR, "limits_broken", LOG_STR("cause", what));
	atomic_store(&limits->lost, true);
	mark_write(limits->mark_fd, MARK_BROKEN);
	return PT_ERR_FATAL;
}

enum pt_err
limits_err(struct limits *limits, int rc, const char *attempted)
{
	enum pt_err err = env_meaning(rc);

	if (err == PT_OK)
		return PT_OK;
	if (err == PT_ERR_CORRUPT || err == PT_ERR_FATAL || err == PT_ERR_SCHEMA)
		return limits_broken(limits, mdb_strerror(rc));
	LOG(LOG_LEVEL_ERROR, "limits_failed", LOG_STR("attempted", attempted), LOG_STR("cause", mdb_strerror(rc)));
	if (rc > 0)
		errno = rc;
	return err;
}

/* ---- transactions ---- */

enum pt_err
limits_txn_begin(struct limits *limits, struct limits_txn *txn)
{
	uint64_t boot, word;

	*txn = (struct limits_txn){ .limits = limits };
	if (atomic_load(&limits->lost))
		return PT_ERR_FATAL;
	enum pt_err err = limits_err(limits, mdb_txn_begin(limits->env, NULL, 0, &txn->mdb), "begin to count");

	if (err != PT_OK)
		return err;
	word = mark_read(limits->mark_fd, &boot);
	txn->clean = word == MARK_CLEAN;
	if (word == MARK_CLEAN || word == MARK_UNSYNCED)
		return PT_OK;
	/* Another process found it broken, or made another one in its place. */
	limits_txn_abort(txn);
	atomic_store(&limits->lost, true);
	return PT_ERR_FATAL;
}

enum pt_err
limits_txn_commit(struct limits_txn *txn)
{
	enum pt_err err = txn->wrote && txn->clean ? mark_write(txn->limits->mark_fd, MARK_UNSYNCED) : PT_OK;

	if (err != PT_OK || !txn->wrote) {
		limits_txn_abort(txn);
		return err;
	}
	return limits_err(txn->limits, mdb_txn_commit(txn->mdb), "count");
}

void
limits_txn_abort(struct limits_txn *txn)
{
	mdb_txn_abort(txn->mdb);
}

enum pt_err
limits_sync(struct limits *limits)
{
	struct limits_txn txn;
	enum pt_err err = limits_txn_begin(limits, &txn);

	if (err != PT_OK)
		return err;
	/* Inside the transaction: nobody may write between the sync and the mark. */
	if (!txn.clean) {
		err = limits_err(limits, mdb_env_sync(limits->env, 1), "bring the limits to the disk");
		if (err == PT_OK)
			err = mark_write(limits->mark_fd, MARK_CLEAN);
	}
	limits_txn_abort(&txn);
	return err;
}

/* ---- opening ---- */

static void
limits_reset(struct limits *limits)
{
	mdb_env_close(limits->env);
	limits->env = NULL;
	if (limits->mark_fd >= 0)
		close(limits->mark_fd);
	limits->mark_fd = -1;
	atomic_store(&limits->lost, false);
}

static int
limits_open_file(const char *folder, const char *name)
{
	char *path = folder_path(folder, name);
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;

	free(path);
	return fd;
}

/*
 * What LMDB believes unread of its first two pages, each of which holds one of these behind a header: with a
 * page size of 0 it divides by it, and with pages beyond the map it asks for more memory than there is, every time.
 */
struct meta_table {
	uint32_t page_size;	/* of the first table: of all */
	uint16_t flags, depth;
	size_t pages[3], entries, root;
};

struct meta {
	uint32_t magic, version;
	void *address;
	size_t map_bytes;
	struct meta_table tables[2];
	size_t last_page, transaction;
};

#define META_VERSION 1	/* that of LMDB 0.9: of another one nothing is known here */
#define META_AT (sizeof(size_t) + 8)	/* behind the header of the page */
#define META_FLAGS 0x8	/* MDB_INTEGERKEY: the table of free pages has it, and no other flag is there */

static bool
meta_is_sound(const struct meta *meta, uint32_t page_size)
{
	return meta->version == META_VERSION && meta->tables[0].page_size == page_size &&
	    meta->tables[0].flags == META_FLAGS && meta->tables[1].flags == 0 &&
	    meta->last_page < MAP_BYTES / page_size;
}

static bool
meta_pages_are_sound(int fd)
{
	struct meta first, second;
	uint32_t page_size;

	/* What is too short for one, or of another version, LMDB tells by itself. */
	if (pread(fd, &first, sizeof(first), META_AT) != (ssize_t)sizeof(first) || first.version != META_VERSION)
		return true;
	page_size = first.tables[0].page_size;
	if (page_size < 256 || page_size > 65536 || (page_size & (page_size - 1)) != 0)
		return false;
	return pread(fd, &second, sizeof(second), (off_t)(page_size + META_AT)) == (ssize_t)sizeof(second) &&
	    meta_is_sound(&first, page_size) && meta_is_sound(&second, page_size);
}

/* False for a file whose first pages LMDB must not see. One that cannot be read it tells of. */
static bool
limits_head_is_sound(const char *folder)
{
	int fd = limits_open_file(folder, "data.mdb");
	bool sound = fd < 0 || meta_pages_are_sound(fd);

	if (fd >= 0)
		close(fd);
	return sound;
}

/* Where LMDB ends the process since it met what cannot be: the next one shall not meet it again. */
static void
limits_assertion_failed(MDB_env *env, const char *what)
{
	limits_broken(mdb_env_get_userctx(env), what);
}

/* A file that was cut short would be met as a SIGBUS; pages of zeros are met as damage. */
static enum pt_err
limits_fill_up(struct limits *limits)
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
limits_open_tables(struct limits *limits)
{
	MDB_txn *mdb;
	int rc = mdb_txn_begin(limits->env, NULL, 0, &mdb);

	if (rc != 0)
		return limits_err(limits, rc, "begin");
	rc = mdb_dbi_open(mdb, "buckets", MDB_CREATE, &limits->buckets);
	if (rc == 0)
		rc = mdb_dbi_open(mdb, "order", MDB_CREATE, &limits->order);
	if (rc == 0)
		return limits_err(limits, mdb_txn_commit(mdb), "make the tables");
	mdb_txn_abort(mdb);
	return limits_err(limits, rc, "open the tables");
}

static enum pt_err
limits_map(struct limits *limits, const char *folder)
{
	int rc = mdb_env_create(&limits->env);

	if (rc == 0)
		rc = mdb_env_set_userctx(limits->env, limits);
	if (rc == 0)
		rc = mdb_env_set_assert(limits->env, limits_assertion_failed);
	if (rc == 0)
		rc = mdb_env_set_mapsize(limits->env, MAP_BYTES);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(limits->env, 2);
	if (rc == 0)
		rc = mdb_env_open(limits->env, folder, MDB_NOTLS | MDB_NOSYNC, 0600);
	enum pt_err err = limits_err(limits, rc, "open the limits");

	if (err == PT_OK)
		err = limits_fill_up(limits);
	return err == PT_OK ? limits_open_tables(limits) : err;
}

/* PT_ERR_FATAL for what is there and is not to be trusted. */
static enum pt_err
limits_try_open(struct limits *limits, const char *folder)
{
	uint64_t boot, word;
	bool has;
	enum pt_err err = folder_has_database(folder, &has);

	if (err != PT_OK)
		return err;
	limits->mark_fd = limits_open_file(folder, "mark");
	if (limits->mark_fd < 0)
		return PT_ERR_IO;
	word = mark_read(limits->mark_fd, &boot);
	if (has && word != MARK_CLEAN && (word != MARK_UNSYNCED || boot != clock_now().stamp.boot))
		return limits_broken(limits, word == MARK_UNSYNCED ? "the machine went down while they were written" :
		    "they were found damaged");
	if (has && !limits_head_is_sound(folder))
		return limits_broken(limits, "their first pages are damaged");
	/* One that is good is left alone: others are writing, and it may say another word by now. */
	if (!has)
		err = mark_write(limits->mark_fd, MARK_UNSYNCED);
	return err == PT_OK ? limits_map(limits, folder) : err;
}

static void
limits_discard(const char *folder)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "mark" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *path = folder_path(folder, names[i]);

		if (path)
			unlink(path);
		free(path);
	}
}

static enum pt_err
limits_open_locked(const char *folder, unsigned records, struct limits **out)
{
	struct limits *limits = calloc(1, sizeof *limits);

	if (limits == NULL)
		return PT_ERR_NOMEM;
	limits->mark_fd = -1;
	limits->records = records;
	enum pt_err err = limits_try_open(limits, folder);

	if (err == PT_ERR_FATAL) {
		LOG(LOG_LEVEL_ERROR, "limits_made_anew", LOG_STR("folder", folder),
		    LOG_STR("advice", "wrong guesses so far are forgotten; look at the disk if the machine did not crash"));
		limits_reset(limits);
		limits_discard(folder);
		err = limits_try_open(limits, folder);
	}
	if (err == PT_OK)
		*out = limits;
	else
		limits_close(limits);
	return err;
}

enum pt_err
limits_open(const char *folder, unsigned records, struct limits **out)
{
	int lock;
	enum pt_err err = PT_ERR_IO;

	*out = NULL;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return PT_ERR_IO;
	/* One at a time looks whether it has to be made anew. */
	lock = limits_open_file(folder, "open.lock");
	if (lock < 0)
		return PT_ERR_IO;
	if (flock(lock, LOCK_EX) == 0)
		err = limits_open_locked(folder, records, out);
	int saved = errno;

	close(lock);
	errno = saved;
	return err;
}

void
limits_close(struct limits *limits)
{
	if (limits == NULL)
		return;
	limits_reset(limits);
	free(limits);
}
