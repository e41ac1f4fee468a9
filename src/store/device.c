/* The devices that each user has signed in from: a bounded number, the one unused for longest goes. */
#include "store/internal.h"

#include <string.h>

#define DEVICE_KEY_LEN (8 + DIGEST_LEN)

static struct key
device_key(uint64_t user_number, const uint8_t device_hash[DIGEST_LEN])
{
	struct key key = key_number(user_number);

	memcpy(key.bytes + key.len, device_hash, DIGEST_LEN);
	key.len += DIGEST_LEN;
	return key;
}

/* The first device of the user whose key is from or after it, and when it was last used. */
static enum pt_err
device_next(const struct store_txn *txn, uint64_t user_number, const struct key *from, struct key *at, uint64_t *used_at,
    bool *found)
{
	struct slice value;
	enum pt_err err = table_ceil(txn, TABLE_KNOWN_DEVICES, from, at, &value, found);

	if (err != PT_OK || !*found)
		return err;
	*found = at->len >= 8 && record_get_u64(at->bytes) == user_number;
	/* What does not decode was used last so long ago that it is the first to be forgotten. */
	bool good = at->len == DEVICE_KEY_LEN && value.len == 8;

	*used_at = good ? record_get_u64((const uint8_t *)value.ptr) : 0;
	if (*found && !good)
		env_corrupt(TABLE_KNOWN_DEVICES, user_number);
	return PT_OK;
}

/* Whether the user has signed in from it. What does not decode is no such device: the next login writes it anew. */
static enum pt_err
device_find(const struct store_txn *txn, uint64_t user_number, const struct key *key, bool *known)
{
	uint64_t used_at;
	enum pt_err err = table_get_number(txn, TABLE_KNOWN_DEVICES, key, &used_at, known);

	if (err != PT_ERR_CORRUPT)
		return err;
	env_corrupt(TABLE_KNOWN_DEVICES, user_number);
	*known = false;
	return PT_OK;
}

/* How many devices the user has, and which was unused for longest. */
static enum pt_err
device_measure(const struct store_txn *txn, uint64_t user_number, unsigned *count, struct key *oldest)
{
	struct key from = key_number(user_number), at;
	uint64_t used_at, least = UINT64_MAX;
	bool found;

	*count = 0;
	for (;; from = key_after(&at)) {
		enum pt_err err = device_next(txn, user_number, &from, &at, &used_at, &found);

		if (err != PT_OK || !found)
			return err;
		++*count;
		if (used_at < least) {
			least = used_at;
			*oldest = at;
		}
	}
}

enum pt_err
device_remember(struct store_txn *txn, uint64_t user_number, const uint8_t device_hash[DIGEST_LEN], int64_t now_ms)
{
	struct key key = device_key(user_number, device_hash), oldest;
	unsigned count;
	bool known;
	enum pt_err err = device_find(txn, user_number, &key, &known);

	while (err == PT_OK && !known) {
		err = device_measure(txn, user_number, &count, &oldest);
		if (err != PT_OK || count == 0 || count < txn->store->options.known_devices)
			break;
		err = table_del(txn, TABLE_KNOWN_DEVICES, &oldest);
	}
	return err != PT_OK ? err : table_put_number(txn, TABLE_KNOWN_DEVICES, &key, (uint64_t)(now_ms > 0 ? now_ms : 0));
}

enum pt_err
device_forget_all(struct store_txn *txn, uint64_t user_number)
{
	struct key from = key_number(user_number), at;
	uint64_t used_at;
	bool found;

	for (;; from = at) {
		enum pt_err err = device_next(txn, user_number, &from, &at, &used_at, &found);

		if (err != PT_OK || !found)
			return err;
		err = table_del(txn, TABLE_KNOWN_DEVICES, &at);
		if (err != PT_OK)
			return err;
	}
}

enum pt_err
store_device_is_known(struct store *store, uint64_t user_number, const uint8_t device_hash[DIGEST_LEN], bool *known)
{
	struct key key = device_key(user_number, device_hash);
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	*known = false;
	if (err != PT_OK)
		return err;
	err = device_find(&txn, user_number, &key, known);
	txn_read_end(&txn);
	return err;
}

enum pt_err
store_device_each(struct store *store, uint64_t user_number,
    bool (*visit)(const uint8_t device_hash[DIGEST_LEN], int64_t used_at, void *ctx), void *ctx)
{
	struct key from = key_number(user_number), at;
	struct store_txn txn;
	uint64_t used_at;
	bool found;

	for (;; from = key_after(&at)) {
		enum pt_err err = txn_read_begin(store, &txn);

		if (err != PT_OK)
			return err;
		err = device_next(&txn, user_number, &from, &at, &used_at, &found);
		txn_read_end(&txn);
		if (err != PT_OK || !found)
			return err;
		if (at.len == DEVICE_KEY_LEN && !visit(at.bytes + 8, (int64_t)used_at, ctx))
			return PT_OK;
	}
}
