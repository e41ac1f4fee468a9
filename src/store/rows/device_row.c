#include "store/rows/device_row.h"

#include <string.h>

#include "store/rows/row_entry.h"

#define DEVICE_KEY_LEN (8 + DIGEST_SIZE)

static struct key
known_device_key(uint64_t user_number, const uint8_t device_hash[DIGEST_SIZE])
{
	struct key key = key_number(user_number);

	memcpy(key.bytes + key.len, device_hash, DIGEST_SIZE);
	key.len += DIGEST_SIZE;
	return key;
}

/*
 * The user's first device at or after the key from, and when it was last used. One that does not
 * decode counts as used so long ago that it is the first to be forgotten.
 */
static bool
device_ceil(struct store_txn *txn, uint64_t user_number, const struct key *from, struct key *at,
    uint64_t *used_at)
{
	struct key prefix = key_number(user_number);
	struct slice value;

	if (!entry_ceil(txn, TABLE_KNOWN_DEVICES, from, at, &value) || !key_begins(at, &prefix))
		return false;
	bool good = at->len == DEVICE_KEY_LEN && value.len == 8;

	*used_at = good ? u64_get((const uint8_t *)value.ptr) : 0;
	if (!good)
		table_corrupt(TABLE_KNOWN_DEVICES, user_number);
	return true;
}

bool
device_row_is_known(struct store_txn *txn, uint64_t user_number,
    const uint8_t device_hash[DIGEST_SIZE])
{
	struct key key = known_device_key(user_number, device_hash);
	struct slice value;

	if (!entry_get(txn, TABLE_KNOWN_DEVICES, &key, &value))
		return false;
	/* The next login writes it again. */
	if (value.len != 8)
		table_corrupt(TABLE_KNOWN_DEVICES, user_number);
	return value.len == 8;
}

void
device_row_put(struct store_txn *txn, uint64_t user_number, const uint8_t device_hash[DIGEST_SIZE],
    int64_t used_at)
{
	struct key key = known_device_key(user_number, device_hash);

	entry_put_number(txn, TABLE_KNOWN_DEVICES, &key, (uint64_t)(used_at > 0 ? used_at : 0));
}

/* How many devices the user has, and which of them has been unused for longest. */
static unsigned
device_measure(struct store_txn *txn, uint64_t user_number, struct key *oldest)
{
	struct key from = key_number(user_number), at;
	uint64_t used_at, least = UINT64_MAX;
	unsigned count = 0;

	for (; device_ceil(txn, user_number, &from, &at, &used_at); from = key_after(&at)) {
		count++;
		if (used_at < least) {
			least = used_at;
			*oldest = at;
		}
	}
	return count;
}

void
device_row_make_room(struct store_txn *txn, uint64_t user_number, unsigned most)
{
	struct key oldest = key_none();
	unsigned count = device_measure(txn, user_number, &oldest);

	while (count > 0 && count >= most && !txn_failed(txn)) {
		entry_del(txn, TABLE_KNOWN_DEVICES, &oldest);
		count = device_measure(txn, user_number, &oldest);
	}
}

void
device_row_forget_all(struct store_txn *txn, uint64_t user_number)
{
	struct key from = key_number(user_number), at;
	uint64_t used_at;

	for (; device_ceil(txn, user_number, &from, &at, &used_at); from = at)
		entry_del(txn, TABLE_KNOWN_DEVICES, &at);
}

bool
device_row_next(struct store_txn *txn, struct device_walk *walk)
{
	struct key from = key_number(walk->user_number), at;
	uint64_t used_at;

	if (walk->begun) {
		from = known_device_key(walk->user_number, walk->device_hash);
		from = key_after(&from);
	}
	for (; device_ceil(txn, walk->user_number, &from, &at, &used_at); from = key_after(&at)) {
		if (at.len != DEVICE_KEY_LEN)
			continue;
		walk->begun = true;
		walk->used_at = (int64_t)used_at;
		memcpy(walk->device_hash, at.bytes + 8, DIGEST_SIZE);
		return true;
	}
	return false;
}
