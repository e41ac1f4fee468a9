/* What the looks and the fixes share. */
#include "store/care/mend.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"

void
mend_did(struct mending *m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(m->text, sizeof(m->text), format, args);
	va_end(args);
}

void
mend_said(struct mending *m)
{
	if (m->text[0] == '\0')
		return;
	m->mended++;
	LOG(LOG_LEVEL_WARNING, "store_mended", LOG_STR("done", m->text));
	if (m->say)
		m->say(m->text, m->ctx);
}

const char *
mend_words(const struct key *key, char out[USER_NAME_SIZE])
{
	slice_copy_printable((struct slice){ (const char *)key->bytes, key->len }, out,
	    USER_NAME_SIZE);
	return out;
}

void
mend_delete(struct store_txn *txn, struct mending *m, const struct key *at)
{
	const enum table table = m->rule->table;
	const char *name = table_name(table);
	char words[USER_NAME_SIZE];

	if (table == TABLE_SERVICES)
		mend_did(m, "an entry of services was removed: it belonged to nothing, or did not "
		    "decode: %s",
		    mend_words(at, words));
	else if (at->len == U64_SIZE)
		mend_did(m, "%s %" PRIu64 " was removed: it did not decode", name, mend_first(at));
	else
		mend_did(m, "an entry of %s was removed: it belonged to nothing, or did not decode",
		    name);
	entry_del(txn, table, at);
}

uint64_t
mend_first(const struct key *key)
{
	return key->len >= U64_SIZE ? u64_get(key->bytes) : 0;
}

uint64_t
mend_second(const struct key *key)
{
	return key->len >= 2 * U64_SIZE ? u64_get(key->bytes + U64_SIZE) : 0;
}

bool
mend_number(struct slice value, uint64_t *number)
{
	if (value.len == U64_SIZE)
		*number = u64_get((const uint8_t *)value.ptr);
	return value.len == U64_SIZE;
}

bool
mend_number_at(struct store_txn *txn, enum table table, const struct key *key, uint64_t *number)
{
	struct slice value;

	return entry_get(txn, table, key, &value) && mend_number(value, number);
}

bool
mend_is_there(struct store_txn *txn, enum table table, struct key key)
{
	struct slice value;

	return entry_get(txn, table, &key, &value);
}

bool
mend_user_is_there(struct store_txn *txn, uint64_t number)
{
	return mend_is_there(txn, TABLE_USERS, key_number(number));
}

void
mend_put_tombstone(struct store_txn *txn, const struct key *sub, uint64_t user_number,
    int64_t now_ms)
{
	const struct tombstone tombstone = { user_number, now_ms };
	struct record_bytes record;

	row_put(txn, TABLE_TOMBSTONES, sub, record_tombstone_encode(&tombstone, &record), &record);
}
