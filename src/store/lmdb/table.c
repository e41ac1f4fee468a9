/* Bytes under keys: the few things that the rest of the store asks of LMDB. */
#include "store/internal.h"

#include <string.h>

struct key
key_none(void)
{
	return (struct key){ .len = 0 };
}

struct key
key_with(const struct key *prefix, uint64_t number)
{
	struct key key = *prefix;

	record_put_u64(key.bytes + key.len, number);
	key.len += 8;
	return key;
}

struct key
key_number(uint64_t number)
{
	struct key none = key_none();

	return key_with(&none, number);
}

struct key
key_pair(uint64_t first, uint64_t second)
{
	struct key key = key_number(first);

	return key_with(&key, second);
}

struct key
key_text(struct slice text)
{
	struct key key = key_none();

	if (text.len == 0 || text.len >= sizeof key.bytes)
		return key;
	memcpy(key.bytes, text.ptr, text.len);
	key.len = text.len;
	return key;
}

struct key
key_digest(const uint8_t digest[DIGEST_LEN])
{
	return key_text((struct slice){ (const char *)digest, DIGEST_LEN });
}

static MDB_val
key_val(const struct key *key)
{
	return (MDB_val){ key->len, (void *)(uintptr_t)key->bytes };
}

enum pt_err
table_get(const struct store_txn *txn, enum table table, const struct key *key, struct slice *value, bool *found)
{
	MDB_val k = key_val(key), v;

	*value = SLICE("");
	*found = false;
	if (key->len == 0)
		return PT_OK;
	int rc = mdb_get(txn->mdb, txn->store->dbi[table], &k, &v);

	if (rc == MDB_NOTFOUND)
		return PT_OK;
	if (rc != 0)
		return env_err(txn->store, rc, "read a record");
	*value = (struct slice){ v.mv_data, v.mv_size };
	*found = true;
	return PT_OK;
}

enum pt_err
table_put(struct store_txn *txn, enum table table, const struct key *key, struct slice value)
{
	MDB_val k = key_val(key), v = { value.len, (void *)(uintptr_t)value.ptr };

	txn->writes++;
	return env_err(txn->store, mdb_put(txn->mdb, txn->store->dbi[table], &k, &v, 0), "write a record");
}

enum pt_err
table_get_number(const struct store_txn *txn, enum table table, const struct key *key, uint64_t *number, bool *found)
{
	struct slice value;
	enum pt_err err = table_get(txn, table, key, &value, found);

	if (err != PT_OK || !*found)
		return err;
	if (value.len != 8)
		return PT_ERR_CORRUPT;
	*number = record_get_u64((const uint8_t *)value.ptr);
	return PT_OK;
}

enum pt_err
table_put_number(struct store_txn *txn, enum table table, const struct key *key, uint64_t number)
{
	struct key value = key_number(number);

	return table_put(txn, table, key, (struct slice){ (const char *)value.bytes, value.len });
}

enum pt_err
table_del(struct store_txn *txn, enum table table, const struct key *key)
{
	MDB_val k = key_val(key);

	txn->writes++;
	int rc = mdb_del(txn->mdb, txn->store->dbi[table], &k, NULL);

	return rc == MDB_NOTFOUND ? PT_OK : env_err(txn->store, rc, "delete a record");
}

static enum pt_err
key_copy(struct key *at, MDB_val k)
{
	if (k.mv_size >= sizeof at->bytes)
		return PT_ERR_CORRUPT;
	memcpy(at->bytes, k.mv_data, k.mv_size);
	at->len = k.mv_size;
	return PT_OK;
}

/* In damaged pages keys may be out of order, and a walk that goes by them would come to no end. */
static bool
key_is_before(MDB_val k, const struct key *from)
{
	size_t len = k.mv_size < from->len ? k.mv_size : from->len;
	int order = len ? memcmp(k.mv_data, from->bytes, len) : 0;

	return order < 0 || (order == 0 && k.mv_size < from->len);
}

enum pt_err
table_ceil(const struct store_txn *txn, enum table table, const struct key *from, struct key *at,
    struct slice *value, bool *found)
{
	MDB_val k = key_val(from), v;
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(txn->mdb, txn->store->dbi[table], &cursor);

	*found = false;
	if (rc != 0)
		return env_err(txn->store, rc, "open a cursor");
	rc = mdb_cursor_get(cursor, &k, &v, from->len ? MDB_SET_RANGE : MDB_FIRST);
	mdb_cursor_close(cursor);
	if (rc == MDB_NOTFOUND)
		return PT_OK;
	if (rc == 0 && key_is_before(k, from))
		rc = MDB_CORRUPTED;
	if (rc != 0)
		return env_err(txn->store, rc, "walk a table");
	if (value)
		*value = (struct slice){ v.mv_data, v.mv_size };
	*found = true;
	return key_copy(at, k);
}

enum pt_err
table_each(const struct store_txn *txn, enum table table, const struct key *from,
    bool (*visit)(const struct key *at, struct slice value, void *ctx), void *ctx)
{
	MDB_val k = key_val(from), v;
	MDB_cursor *cursor;
	struct key at;
	int rc = mdb_cursor_open(txn->mdb, txn->store->dbi[table], &cursor);
	enum pt_err err = PT_OK;

	if (rc != 0)
		return env_err(txn->store, rc, "open a cursor");
	rc = mdb_cursor_get(cursor, &k, &v, from->len ? MDB_SET_RANGE : MDB_FIRST);
	while (rc == 0) {
		err = key_copy(&at, k);
		if (err != PT_OK || !visit(&at, (struct slice){ v.mv_data, v.mv_size }, ctx))
			break;
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	return rc == 0 || rc == MDB_NOTFOUND ? err : env_err(txn->store, rc, "walk a table");
}

static bool
key_begins(const struct key *at, const struct key *prefix)
{
	return at->len >= prefix->len && memcmp(at->bytes, prefix->bytes, prefix->len) == 0;
}

/* Reads at as prefix and a number; false: nobody of us wrote such a key. */
static bool
key_read(const struct key *at, const struct key *prefix, uint64_t *number)
{
	if (at->len != prefix->len + 8)
		return false;
	*number = record_get_u64(at->bytes + prefix->len);
	/* No sequence comes this far, and number + 1 has to be the next one to ask for. */
	return *number != UINT64_MAX;
}

struct key
key_after(const struct key *key)
{
	struct key after = *key;

	after.bytes[after.len++] = 0;
	return after;
}

enum pt_err
table_next(const struct store_txn *txn, enum table table, const struct key *prefix, uint64_t from, uint64_t *number,
    bool *found)
{
	struct key start = key_with(prefix, from), at;

	/* A key that is no such number is damage, which store_verify reports: it stops nobody's walk. */
	for (;; start = key_after(&at)) {
		enum pt_err err = table_ceil(txn, table, &start, &at, NULL, found);

		if (err != PT_OK || !*found)
			return err;
		*found = key_begins(&at, prefix);
		if (!*found || key_read(&at, prefix, number))
			return PT_OK;
	}
}

enum pt_err
table_prev(const struct store_txn *txn, enum table table, const struct key *prefix, uint64_t upto, uint64_t *number,
    bool *found)
{
	struct key start = key_with(prefix, upto == UINT64_MAX ? upto : upto + 1), at;
	MDB_val k = key_val(&start), v;
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(txn->mdb, txn->store->dbi[table], &cursor);

	*found = false;
	if (rc != 0)
		return env_err(txn->store, rc, "open a cursor");
	rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
	if (rc == 0 || rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(cursor, &k, &v, rc == 0 ? MDB_PREV : MDB_LAST);
	enum pt_err err = rc == 0 ? key_copy(&at, k) : PT_OK;

	/* As in table_next: keys that are no such number are passed over. */
	while (rc == 0 && err == PT_OK && key_begins(&at, prefix) && !key_read(&at, prefix, number)) {
		rc = mdb_cursor_get(cursor, &k, &v, MDB_PREV);
		if (rc == 0)
			err = key_copy(&at, k);
	}
	mdb_cursor_close(cursor);
	if (rc != 0)
		return rc == MDB_NOTFOUND ? PT_OK : env_err(txn->store, rc, "walk a table backwards");
	*found = err == PT_OK && key_begins(&at, prefix);
	return *found && *number > upto ? env_err(txn->store, MDB_CORRUPTED, "walk a table backwards") : err;
}

enum pt_err
table_count(const struct store_txn *txn, enum table table, uint64_t *count)
{
	MDB_stat stat;
	int rc = mdb_stat(txn->mdb, txn->store->dbi[table], &stat);

	*count = rc == 0 ? stat.ms_entries : 0;
	return env_err(txn->store, rc, "count a table");
}

enum pt_err
table_pages(const struct store_txn *txn, enum table table, uint64_t *pages)
{
	MDB_stat stat;
	int rc = mdb_stat(txn->mdb, txn->store->dbi[table], &stat);

	*pages = rc == 0 ? stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages : 0;
	return env_err(txn->store, rc, "measure a table");
}
