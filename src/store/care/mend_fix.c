/* What the looks and the fixes share. */
#include "store/care/mend.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void
mend_did(struct mending *m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(m->text, sizeof m->text, format, args);
	va_end(args);
}

/* What a key says where it is text: printable in any case. */
const char *
mend_words(const struct key *key, char out[USER_NAME_SIZE])
{
	slice_copy_printable((struct slice){ (const char *)key->bytes, key->len }, out, USER_NAME_SIZE);
	return out;
}

uint64_t
mend_first(const struct key *key)
{
	return key->len >= 8 ? record_get_u64(key->bytes) : 0;
}

uint64_t
mend_second(const struct key *key)
{
	return key->len >= 16 ? record_get_u64(key->bytes + 8) : 0;
}

/* What does not decode is not good; any other error is one. */
enum pt_err
mend_looked(enum pt_err err, bool found, bool *good)
{
	*good = err == PT_OK && found && *good;
	return err == PT_ERR_CORRUPT ? PT_OK : err;
}

enum pt_err
mend_delete(struct store_txn *txn, struct mending *m, const struct key *at)
{
	char words[USER_NAME_SIZE];

	if (at->len == 8)
		mend_did(m, "%s %" PRIu64 " was removed: it did not decode", env_table_name(m->rule->table), mend_first(at));
	else
		mend_did(m, "an entry of %s was removed: it belonged to nothing, or did not decode%s%s",
		    env_table_name(m->rule->table), m->rule->table == TABLE_SERVICES ? ": " : "",
		    m->rule->table == TABLE_SERVICES ? mend_words(at, words) : "");
	return table_del(txn, m->rule->table, at);
}

/* Whether there is a user of that number, readable or not. */
enum pt_err
mend_user_is_there(const struct store_txn *txn, uint64_t number, bool *there)
{
	struct key key = key_number(number);
	struct slice value;

	return table_get(txn, TABLE_USERS, &key, &value, there);
}

enum pt_err
mend_put_tombstone(struct store_txn *txn, const struct key *sub, uint64_t user_number, int64_t now_ms)
{
	const struct tombstone tombstone = { user_number, now_ms };
	struct record_bytes record;
	enum pt_err err = record_tombstone_encode(&tombstone, &record);

	return err != PT_OK ? err :
	    table_put(txn, TABLE_TOMBSTONES, sub, (struct slice){ (const char *)record.bytes, record.len });
}
