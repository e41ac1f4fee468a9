#include "store/lmdb/entry.h"

#include <string.h>

#include "store/lmdb/engine.h"
#include "store/lmdb/env_err.h"

static void
entry_fail(struct store_txn *txn, int rc, const char *attempted)
{
	txn_fail(txn, env_err(txn->store, rc, attempted));
}

static MDB_val
key_val(const struct key *key)
{
	return (MDB_val){ key->len, (void *)(uintptr_t)key->bytes };
}

/* A key longer than any of ours is damage. */
static bool
key_copy(struct store_txn *txn, struct key *at, MDB_val k)
{
	if (k.mv_size >= sizeof(at->bytes)) {
		txn_fail(txn, PT_ERR_CORRUPT);
		return false;
	}
	memcpy(at->bytes, k.mv_data, k.mv_size);
	at->len = k.mv_size;
	return true;
}

bool
entry_get(struct store_txn *txn, enum table table, const struct key *key, struct slice *value)
{
	MDB_val k = key_val(key), v;

	*value = SLICE("");
	if (txn->err != PT_OK || key->len == 0)
		return false;
	int rc = mdb_get(txn->engine, txn->store->dbi[table], &k, &v);

	if (rc != 0) {
		if (rc != MDB_NOTFOUND)
			entry_fail(txn, rc, "read a record");
		return false;
	}
	*value = (struct slice){ v.mv_data, v.mv_size };
	return true;
}

void
entry_put(struct store_txn *txn, enum table table, const struct key *key, struct slice value)
{
	MDB_val k = key_val(key), v = { value.len, (void *)(uintptr_t)value.ptr };

	if (txn->err != PT_OK)
		return;
	txn->writes++;
	entry_fail(txn, mdb_put(txn->engine, txn->store->dbi[table], &k, &v, 0), "write a record");
}

bool
entry_get_number(struct store_txn *txn, enum table table, const struct key *key, uint64_t *number)
{
	struct slice value;

	*number = 0;
	if (!entry_get(txn, table, key, &value))
		return false;
	if (value.len != 8) {
		txn_fail(txn, PT_ERR_CORRUPT);
		return false;
	}
	*number = u64_get((const uint8_t *)value.ptr);
	return true;
}

void
entry_put_number(struct store_txn *txn, enum table table, const struct key *key, uint64_t number)
{
	struct key value = key_number(number);

	entry_put(txn, table, key, (struct slice){ (const char *)value.bytes, value.len });
}

void
entry_del(struct store_txn *txn, enum table table, const struct key *key)
{
	MDB_val k = key_val(key);

	if (txn->err != PT_OK)
		return;
	txn->writes++;
	int rc = mdb_del(txn->engine, txn->store->dbi[table], &k, NULL);

	if (rc != MDB_NOTFOUND)
		entry_fail(txn, rc, "delete a record");
}

/* A cursor; NULL after an error. */
static MDB_cursor *
cursor_open(struct store_txn *txn, enum table table)
{
	MDB_cursor *cursor = NULL;

	if (txn->err == PT_OK)
		entry_fail(txn, mdb_cursor_open(txn->engine, txn->store->dbi[table], &cursor),
		    "open a cursor");
	return txn->err == PT_OK ? cursor : NULL;
}

/* In damaged pages keys may be out of order, and a walk that follows them would never end. */
static bool
key_is_before(MDB_val k, const struct key *from)
{
	size_t len = k.mv_size < from->len ? k.mv_size : from->len;
	int order = len ? memcmp(k.mv_data, from->bytes, len) : 0;

	return order < 0 || (order == 0 && k.mv_size < from->len);
}

bool
entry_ceil(struct store_txn *txn, enum table table, const struct key *from, struct key *at,
    struct slice *value)
{
	MDB_val k = key_val(from), v;
	MDB_cursor *cursor = cursor_open(txn, table);

	at->len = 0;
	if (cursor == NULL)
		return false;
	int rc = mdb_cursor_get(cursor, &k, &v, from->len ? MDB_SET_RANGE : MDB_FIRST);

	mdb_cursor_close(cursor);
	if (rc == MDB_NOTFOUND)
		return false;
	if (rc == 0 && key_is_before(k, from))
		rc = MDB_CORRUPTED;
	if (rc != 0) {
		entry_fail(txn, rc, "walk a table");
		return false;
	}
	if (value)
		*value = (struct slice){ v.mv_data, v.mv_size };
	return key_copy(txn, at, k);
}

void
entry_each(struct store_txn *txn, enum table table, const struct key *from,
    bool (*visit)(const struct key *at, struct slice value, void *ctx), void *ctx)
{
	MDB_val k = key_val(from), v;
	MDB_cursor *cursor = cursor_open(txn, table);
	struct key at;

	if (cursor == NULL)
		return;
	int rc = mdb_cursor_get(cursor, &k, &v, from->len ? MDB_SET_RANGE : MDB_FIRST);

	while (rc == 0 && key_copy(txn, &at, k) &&
	    visit(&at, (struct slice){ v.mv_data, v.mv_size }, ctx))
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	mdb_cursor_close(cursor);
	if (rc != MDB_NOTFOUND)
		entry_fail(txn, rc, "walk a table");
}

bool
entry_next(struct store_txn *txn, enum table table, const struct key *prefix, uint64_t from,
    uint64_t *number)
{
	struct key start = key_with(prefix, from), at;

	for (;; start = key_after(&at)) {
		if (!entry_ceil(txn, table, &start, &at, NULL) || !key_begins(&at, prefix))
			return false;
		if (key_read(&at, prefix, number))
			return true;
	}
}

/* Moves the cursor to the last key at or below upto, which is prefix and a number, and reads it. */
static int
cursor_seek_prev(struct store_txn *txn, MDB_cursor *cursor, const struct key *prefix, uint64_t upto,
    uint64_t *number, bool *found)
{
	struct key start = key_with(prefix, upto == UINT64_MAX ? upto : upto + 1), at;
	MDB_val k = key_val(&start), v;
	int rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);

	if (rc == 0 || rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(cursor, &k, &v, rc == 0 ? MDB_PREV : MDB_LAST);
	for (*found = false; rc == 0 && key_copy(txn, &at, k) && key_begins(&at, prefix) && !*found;
	    ) {
		*found = key_read(&at, prefix, number);
		if (!*found)
			rc = mdb_cursor_get(cursor, &k, &v, MDB_PREV);
	}
	return rc == 0 && *found && *number > upto ? MDB_CORRUPTED : rc;
}

bool
entry_prev(struct store_txn *txn, enum table table, const struct key *prefix, uint64_t upto,
    uint64_t *number)
{
	MDB_cursor *cursor = cursor_open(txn, table);
	bool found;

	if (cursor == NULL)
		return false;
	int rc = cursor_seek_prev(txn, cursor, prefix, upto, number, &found);

	mdb_cursor_close(cursor);
	if (rc != MDB_NOTFOUND)
		entry_fail(txn, rc, "walk a table backwards");
	return found && txn->err == PT_OK;
}

static MDB_stat
entry_stat(struct store_txn *txn, enum table table)
{
	MDB_stat stat;

	memset(&stat, 0, sizeof(stat));
	if (txn->err == PT_OK)
		entry_fail(txn, mdb_stat(txn->engine, txn->store->dbi[table], &stat),
		    "measure a table");
	return stat;
}

uint64_t
entry_count(struct store_txn *txn, enum table table)
{
	return entry_stat(txn, table).ms_entries;
}

uint64_t
entry_pages(struct store_txn *txn, enum table table)
{
	MDB_stat stat = entry_stat(txn, table);

	return stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
}

uint64_t
entry_map_pages(struct store_txn *txn)
{
	MDB_envinfo info;
	MDB_stat stat;

	/* Neither call fails for an open environment. */
	if (txn->err != PT_OK || mdb_env_info(txn->store->env, &info) != 0 ||
	    mdb_env_stat(txn->store->env, &stat) != 0)
		return 0;
	return info.me_mapsize / stat.ms_psize;
}
