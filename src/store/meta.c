/* The store's word about itself: its schema, and its counters. */
#include "store/internal.h"

#define META_SCHEMA SLICE("schema")
#define META_COUNTERS SLICE("counters")

enum pt_err
meta_check(const struct store_txn *txn)
{
	struct key key = key_text(META_SCHEMA);
	uint64_t schema;
	bool found;
	enum pt_err err = table_get_number(txn, TABLE_META, &key, &schema, &found);

	if (err != PT_OK)
		return err;
	return found && schema == RECORD_SCHEMA ? PT_OK : PT_ERR_SCHEMA;
}

enum pt_err
meta_create(struct store_txn *txn)
{
	/* Numbers begin with 1: 0 says "none" everywhere. */
	const struct counters counters = {
		.next_user = 1, .next_session = 1, .next_event = 1, .status_capacity = STATUS_LEAST_CAPACITY,
	};
	struct key key = key_text(META_SCHEMA);
	enum pt_err err = table_put_number(txn, TABLE_META, &key, RECORD_SCHEMA);

	return err != PT_OK ? err : meta_set_counters(txn, &counters);
}

enum pt_err
meta_counters(const struct store_txn *txn, struct counters *out)
{
	struct key key = key_text(META_COUNTERS);
	struct slice value;
	bool found;
	enum pt_err err = table_get(txn, TABLE_META, &key, &value, &found);

	if (err != PT_OK)
		return err;
	return found ? record_counters_decode(value, out) : PT_ERR_CORRUPT;
}

enum pt_err
meta_set_counters(struct store_txn *txn, const struct counters *counters)
{
	struct key key = key_text(META_COUNTERS);
	struct record_bytes record;
	enum pt_err err = record_counters_encode(counters, &record);

	if (err != PT_OK)
		return err;
	return table_put(txn, TABLE_META, &key, (struct slice){ (const char *)record.bytes, record.len });
}
