#include "store/rows/meta_row.h"

#include <string.h>

#include "store/rows/row_entry.h"

#define META_SCHEMA SLICE("schema")
#define META_WRITER SLICE("writer")
#define META_HELD_TO SLICE("otp_required")

void
meta_row_format(struct store_txn *txn, struct store_format *out)
{
	struct key schema_key = key_text(META_SCHEMA), writer_key = key_text(META_WRITER);
	struct slice writer;
	uint64_t schema;

	*out = (struct store_format){ .schema = 0 };
	if (!entry_get_number(txn, TABLE_META, &schema_key, &schema) || schema == 0 ||
	    schema > UINT32_MAX) {
		txn_fail(txn, PT_ERR_CORRUPT);
		return;
	}
	bool found = entry_get(txn, TABLE_META, &writer_key, &writer);

	if (txn_failed(txn))
		return;
	out->schema = (uint32_t)schema;
	/*
	 * A word that a newer program wrote, only to be shown: nothing odd in it is a reason to
	 * fail.
	 */
	if (found && writer.len < sizeof(out->writer) && slice_is_utf8(writer) &&
	    !slice_has_control(writer))
		memcpy(out->writer, writer.ptr, writer.len);
}

void
meta_row_set_format(struct store_txn *txn)
{
	struct key schema_key = key_text(META_SCHEMA), writer_key = key_text(META_WRITER);

	entry_put_number(txn, TABLE_META, &schema_key, RECORD_SCHEMA);
	entry_put(txn, TABLE_META, &writer_key, SLICE(PACKAGE_STRING));
}

uint32_t
store_schema(void)
{
	return RECORD_SCHEMA;
}

bool
meta_row_is_held_to(struct store_txn *txn, struct slice otp_required)
{
	struct key key = key_text(META_HELD_TO);
	struct slice held;

	if (entry_get(txn, TABLE_META, &key, &held))
		return slice_eq(held, otp_required);
	/* A store without this note has sessions from a time when nobody needed a second factor. */
	return !txn_failed(txn) && otp_required.len == 0;
}

void
meta_row_set_held_to(struct store_txn *txn, struct slice otp_required)
{
	struct key key = key_text(META_HELD_TO);

	entry_put(txn, TABLE_META, &key, otp_required);
}
