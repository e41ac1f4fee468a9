/* The store's word about itself: its schema, who wrote it so, and its counters. */
#include "store/internal.h"

#include <string.h>

#define META_SCHEMA SLICE("schema")
#define META_WRITER SLICE("writer")
#define META_COUNTERS SLICE("counters")

enum pt_err
meta_format(const struct store_txn *txn, struct store_format *out)
{
	struct key schema_key = key_text(META_SCHEMA), writer_key = key_text(META_WRITER);
	struct slice writer;
	uint64_t schema;
	bool found;
	enum pt_err err = table_get_number(txn, TABLE_META, &schema_key, &schema, &found);

	*out = (struct store_format){ .schema = 0 };
	if (err == PT_OK && (!found || schema == 0 || schema > UINT32_MAX))
		err = PT_ERR_CORRUPT;
	if (err == PT_OK)
		err = table_get(txn, TABLE_META, &writer_key, &writer, &found);
	if (err != PT_OK)
		return err;
	out->schema = (uint32_t)schema;
	/* A word of a newer program, to be shown: whatever is odd about it is no reason to fail. */
	if (found && writer.len < sizeof out->writer && slice_is_utf8(writer) && !slice_has_control(writer))
		memcpy(out->writer, writer.ptr, writer.len);
	return PT_OK;
}

enum pt_err
meta_set_format(struct store_txn *txn)
{
	struct key schema_key = key_text(META_SCHEMA), writer_key = key_text(META_WRITER);
	enum pt_err err = table_put_number(txn, TABLE_META, &schema_key, RECORD_SCHEMA);

	return err != PT_OK ? err : table_put(txn, TABLE_META, &writer_key, SLICE(PACKAGE_STRING));
}

enum pt_err
meta_create(struct store_txn *txn)
{
	/* Numbers begin with 1: 0 says "none" everywhere. */
	const struct counters counters = {
		.next_user = 1, .next_session = 1, .next_event = 1, .status_capacity = STATUS_LEAST_CAPACITY,
	};
	enum pt_err err = meta_set_format(txn);

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
