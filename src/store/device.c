#include "store/device.h"

#include "store/each.h"
#include "store/rows/device_row.h"

void
device_use(struct store_txn *txn, uint64_t user_number, const uint8_t device_hash[DIGEST_SIZE],
    int64_t now_ms)
{
	if (!device_row_is_known(txn, user_number, device_hash))
		device_row_make_room(txn, user_number, txn_options(txn)->known_devices);
	device_row_put(txn, user_number, device_hash, now_ms);
}

enum pt_err
store_device_is_known(struct store *store, uint64_t user_number,
    const uint8_t device_hash[DIGEST_SIZE], bool *known)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	*known = device_row_is_known(&txn, user_number, device_hash);
	return txn_read_end(&txn);
}

static enum row_look
next_device(struct store_txn *txn, void *walk, void *record)
{
	(void)record;
	return device_row_next(txn, walk) ? ROW_THERE : ROW_NONE;
}

enum pt_err
store_device_each(struct store *store, uint64_t user_number,
    bool (*visit)(const uint8_t device_hash[DIGEST_SIZE], int64_t used_at, void *ctx), void *ctx)
{
	struct device_walk walk = { .user_number = user_number };
	struct each each = { .store = store, .next = next_device, .walk = &walk };

	while (each_next(&each, NULL) && visit(walk.device_hash, walk.used_at, ctx))
		;
	return each.err;
}
