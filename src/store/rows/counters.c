#include "store/rows/counters.h"

#include <string.h>

#include "store/rows/row_entry.h"

#define META_COUNTERS SLICE("counters")

enum row_look
counters_look(struct store_txn *txn, struct counters *out)
{
	struct key key = key_text(META_COUNTERS);
	struct slice value;

	if (entry_get(txn, TABLE_META, &key, &value) && record_counters_decode(value, out) == PT_OK)
		return ROW_THERE;
	memset(out, 0, sizeof(*out));
	return txn_failed(txn) ? ROW_NONE : ROW_BROKEN;
}

void
counters_get(struct store_txn *txn, struct counters *out)
{
	if (counters_look(txn, out) != ROW_THERE)
		txn_fail(txn, PT_ERR_CORRUPT);
}

void
counters_put(struct store_txn *txn, const struct counters *counters)
{
	struct key key = key_text(META_COUNTERS);
	struct record_bytes record;

	row_put(txn, TABLE_META, &key, record_counters_encode(counters, &record), &record);
}

void
counters_create(struct store_txn *txn)
{
	/* Numbers begin with 1: 0 means "none" everywhere. */
	const struct counters counters = {
		.next_user = 1, .next_session = 1, .next_event = 1,
		.status_capacity = STATUS_LEAST_CAPACITY,
	};

	counters_put(txn, &counters);
}
