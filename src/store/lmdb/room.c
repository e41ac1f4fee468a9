#include "store/lmdb/room.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/lmdb/engine.h"
#include "store/lmdb/env_err.h"

/* LMDB's own table: transaction -> the pages that it freed, after their count */
#define FREE_TABLE 0

struct room {
	uint64_t map_pages;
	uint64_t high_pages;	/* the file's pages, in use or freed */
	uint64_t page_bytes;
};

/* Only inside a transaction: otherwise the map may move. */
static enum pt_err
room_measure(const struct store *store, struct room *out)
{
	MDB_envinfo info;
	MDB_stat stat;

	*out = (struct room){ 0 };
	/* Neither call fails for an open environment. */
	if (mdb_env_info(store->env, &info) != 0 || mdb_env_stat(store->env, &stat) != 0)
		return PT_ERR_IO;
	out->page_bytes = stat.ms_psize;
	out->map_pages = info.me_mapsize / stat.ms_psize;
	out->high_pages = info.me_last_pgno + 1;
	return PT_OK;
}

/*
 * One line of LMDB's reader table: process, thread, and the transaction whose snapshot is held, or
 * "-".
 */
static int
room_oldest_line(const char *line, void *ctx)
{
	size_t *oldest = ctx, txnid;

	if (sscanf(line, "%*d %*x %zu", &txnid) == 1 && txnid < *oldest)
		*oldest = txnid;
	return 0;
}

/* Pages that were freed so long ago that no reader sees them: LMDB will use them again. */
static enum pt_err
room_free_pages(const struct store_txn *txn, uint64_t *pages)
{
	size_t oldest = SIZE_MAX, freed_by;
	MDB_cursor *cursor;
	MDB_val k, v;

	*pages = 0;
	mdb_reader_list(txn->store->env, room_oldest_line, &oldest);
	int rc = mdb_cursor_open(txn->engine, FREE_TABLE, &cursor);

	if (rc != 0)
		return env_err(txn->store, rc, "count free pages");
	while ((rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
		size_t count;

		memcpy(&freed_by, k.mv_data, sizeof(freed_by));
		if (freed_by >= oldest)
			break;
		memcpy(&count, v.mv_data, sizeof(count));
		*pages += count;
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? PT_OK : env_err(txn->store, rc, "count free pages");
}

enum pt_err
room_used(const struct store_txn *txn, uint64_t *used)
{
	struct room room;
	uint64_t pages = 0;
	enum pt_err err = room_measure(txn->store, &room);

	if (err == PT_OK)
		err = room_free_pages(txn, &pages);
	*used = err == PT_OK && pages < room.high_pages ?
	    (room.high_pages - pages) * room.page_bytes : 0;
	return err;
}

/* The limit in pages. */
static uint64_t
room_limit(const struct room *room, enum room_for what)
{
	switch (what) {
	case ROOM_FOR_GROWTH:
		return room->map_pages / 10 * 9;
	case ROOM_FOR_REFRESH:
		return room->map_pages / 20 * 19;
	}
	return 0;
}

#define ROOM_LEAST_PAGES 65536	/* in a map of at least this many pages an answer is remembered */
/*
 * An answer stays valid for one commit for every ROOM_COMMIT_PAGES pages of the map: a commit
 * adds a few dozen pages, mostly none.
 */
#define ROOM_COMMIT_PAGES 8192
#define ROOM_ANSWER_MS 1000

/*
 * In a map that is nearly full, all free pages would be counted for each refresh. So an answer is
 * valid for a few commits, of any process, which could not change it by much, and only for a
 * moment, since readers may finish without a commit. In a small map counting is quick, and each
 * commit matters.
 */
static bool
room_remembers(const struct store *store, const struct store_txn *txn, const struct room *room,
    enum room_for what, bool *full)
{
	const struct room_answer *answer = &store->room[what];
	uint64_t word = atomic_load(&answer->word), commit = mdb_txn_id(txn->engine);

	*full = word & 1;
	return room->map_pages >= ROOM_LEAST_PAGES && word != 0 && commit >= word >> 1 &&
	    commit - (word >> 1) <= room->map_pages / ROOM_COMMIT_PAGES &&
	    clock_now().stamp.ms - atomic_load(&answer->at_ms) < ROOM_ANSWER_MS;
}

/* Two threads that answer at once may mix their times, which are nearly the same. */
static void
room_remember(struct store *store, const struct store_txn *txn, enum room_for what, bool full)
{
	uint64_t commit = mdb_txn_id(txn->engine);

	atomic_store(&store->room[what].at_ms, clock_now().stamp.ms);
	atomic_store(&store->room[what].word, commit << 1 | full);
	atomic_fetch_add(&store->room_counts, 1);
}

/* Whether the snapshot has no room for this. */
static bool
room_is_full(struct store_txn *txn, enum room_for what)
{
	struct room room;
	uint64_t used;
	bool full;

	if (txn_failed(txn))
		return false;
	txn_fail(txn, room_measure(txn->store, &room));
	/* Usually the file has never come near the limit, and nothing must be counted. */
	if (txn_failed(txn) || room.high_pages < room_limit(&room, what))
		return false;
	if (room_remembers(txn->store, txn, &room, what, &full))
		return full;
	txn_clear_dead_readers(txn->store);
	txn_fail(txn, room_used(txn, &used));
	if (txn_failed(txn))
		return false;
	full = used / room.page_bytes >= room_limit(&room, what);
	room_remember(txn->store, txn, what, full);
	return full;
}

enum pt_err
room_check(struct store *store, enum room_for what)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	if (room_is_full(&txn, what))
		txn_fail(&txn, PT_ERR_FULL);
	return txn_read_end(&txn);
}

bool
store_takes_logins(struct store *store)
{
	return !store_is_lost(store) && room_check(store, ROOM_FOR_GROWTH) == PT_OK;
}

void
room_figures(struct store_txn *txn, struct store_stats *out)
{
	struct store *store = txn->store;
	MDB_envinfo info;
	MDB_stat stat;

	if (txn_failed(txn))
		return;
	txn_fail(txn, room_used(txn, &out->used_bytes));
	txn_fail(txn, env_err(store, mdb_env_info(store->env, &info),
	    "read the environment's figures"));
	txn_fail(txn, env_err(store, mdb_env_stat(store->env, &stat),
	    "read the environment's figures"));
	if (txn_failed(txn))
		return;
	out->map_bytes = info.me_mapsize;
	out->file_bytes = (info.me_last_pgno + 1) * stat.ms_psize;
	out->readers = info.me_numreaders;
	out->readers_max = info.me_maxreaders;
	out->commits = atomic_load(&store->queue.commits);
	out->changes = atomic_load(&store->queue.changes);
	out->largest_group = atomic_load(&store->queue.largest);
}
