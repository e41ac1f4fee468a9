#include "store/limits/bucket.h"

#include <string.h>

#include "base/u64.h"

#define ORDER_KEY_SIZE (U64_SIZE + LIMITS_KEY_SIZE)
#define BUCKET_VERSION 2
#define BUCKET_NUMBERS 8
#define BUCKET_SIZE (1 + BUCKET_NUMBERS * U64_SIZE)
#define BUCKET_NUMBERS_1 7	/* in version 1, which did not count what was refused */

/* ---- bytes ---- */

static struct slice
bytes_of(const uint8_t *bytes, size_t len)
{
	return (struct slice){ (const char *)bytes, len };
}

static void
bucket_encode(const struct bucket *bucket, uint8_t out[BUCKET_SIZE])
{
	const uint64_t numbers[BUCKET_NUMBERS] = {
		(uint64_t)bucket->state.debt_ms, (uint64_t)bucket->state.at.wall_ms,
		bucket->state.at.stamp.boot,
		(uint64_t)bucket->state.at.stamp.ms, bucket->told.boot, (uint64_t)bucket->told.ms,
		(uint64_t)bucket->filed_at, (uint64_t)bucket->refused,
	};

	out[0] = BUCKET_VERSION;
	for (size_t i = 0; i < BUCKET_NUMBERS; i++)
		u64_put(out + 1 + U64_SIZE * i, numbers[i]);
}

static bool
bucket_decode(struct slice value, struct bucket *out)
{
	const uint8_t *at = (const uint8_t *)value.ptr;
	int64_t numbers[BUCKET_NUMBERS] = { 0 };
	size_t count = value.len && at[0] == 1 ? BUCKET_NUMBERS_1 : BUCKET_NUMBERS;

	if (value.len != 1 + U64_SIZE * count || (at[0] != 1 && at[0] != BUCKET_VERSION))
		return false;
	for (size_t i = 0; i < count; i++)
		numbers[i] = (int64_t)u64_get(at + 1 + U64_SIZE * i);
	*out = (struct bucket){
		.state = { numbers[0], { numbers[1], { (uint64_t)numbers[2], numbers[3] } } },
		.told = { (uint64_t)numbers[4], numbers[5] }, .filed_at = numbers[6], .filed = true,
		.refused = numbers[7],
	};
	return numbers[0] >= 0 && numbers[1] >= 0 && numbers[3] >= 0 && numbers[5] >= 0 &&
	    numbers[6] >= 0 && numbers[7] >= 0;
}

/* ---- the order ---- */

/* An entry of the order: the bytes of its key. */
struct order_key {
	uint8_t bytes[ORDER_KEY_SIZE];
};

static struct order_key
order_key(int64_t filed_at, const uint8_t key[LIMITS_KEY_SIZE])
{
	struct order_key order;

	u64_put(order.bytes, (uint64_t)filed_at);
	memcpy(order.bytes + U64_SIZE, key, LIMITS_KEY_SIZE);
	return order;
}

static bool
order_first(struct ground_txn *txn, struct order_key *out)
{
	struct slice key;

	if (!ground_first(txn, GROUND_ORDER, &key))
		return false;
	if (key.len != ORDER_KEY_SIZE) {
		ground_broken(txn, "an index entry is none");
		return false;
	}
	memcpy(out->bytes, key.ptr, ORDER_KEY_SIZE);
	return true;
}

static void
order_del(struct ground_txn *txn, const struct order_key *order)
{
	ground_del(txn, GROUND_ORDER, bytes_of(order->bytes, ORDER_KEY_SIZE));
}

/* ---- buckets ---- */

bool
bucket_get(struct ground_txn *txn, const uint8_t key[LIMITS_KEY_SIZE], struct bucket *out)
{
	struct slice value;

	*out = (struct bucket){ .filed = false };
	if (!ground_get(txn, GROUND_BUCKETS, bytes_of(key, LIMITS_KEY_SIZE), &value))
		return false;
	if (bucket_decode(value, out))
		return true;
	ground_broken(txn, "a record does not decode");
	*out = (struct bucket){ .filed = false };
	return false;
}

void
bucket_remove(struct ground_txn *txn, const uint8_t key[LIMITS_KEY_SIZE],
    const struct bucket *bucket)
{
	struct order_key order = order_key(bucket->filed_at, key);

	order_del(txn, &order);
	ground_del(txn, GROUND_BUCKETS, bytes_of(key, LIMITS_KEY_SIZE));
}

static void
bucket_make_room(struct ground_txn *txn)
{
	struct order_key order;
	uint64_t count = bucket_count(txn);

	for (; count >= ground_records(txn) && order_first(txn, &order); count--) {
		order_del(txn, &order);
		ground_del(txn, GROUND_BUCKETS, bytes_of(order.bytes + U64_SIZE, LIMITS_KEY_SIZE));
	}
}

void
bucket_put(struct ground_txn *txn, const uint8_t key[LIMITS_KEY_SIZE], struct bucket *bucket,
    struct instant now)
{
	struct order_key order = order_key(bucket->filed_at, key);
	uint8_t value[BUCKET_SIZE];

	if (bucket->filed)
		order_del(txn, &order);
	else
		bucket_make_room(txn);
	bucket->filed_at = (now.wall_ms > 0 ? now.wall_ms : 0) + limit_left_ms(&bucket->state, now);
	order = order_key(bucket->filed_at, key);
	bucket_encode(bucket, value);
	ground_put(txn, GROUND_ORDER, bytes_of(order.bytes, ORDER_KEY_SIZE), SLICE(""));
	ground_put(txn, GROUND_BUCKETS, bytes_of(key, LIMITS_KEY_SIZE),
	    bytes_of(value, BUCKET_SIZE));
}

bool
bucket_first(struct ground_txn *txn, int64_t upto_ms, uint8_t key[LIMITS_KEY_SIZE],
    struct bucket *out)
{
	struct order_key order;

	if (!order_first(txn, &order) || (int64_t)u64_get(order.bytes) > upto_ms)
		return false;
	memcpy(key, order.bytes + U64_SIZE, LIMITS_KEY_SIZE);
	if (bucket_get(txn, key, out) && out->filed_at == (int64_t)u64_get(order.bytes))
		return true;
	ground_broken(txn, "the order does not fit what it orders");
	return false;
}

uint64_t
bucket_count(struct ground_txn *txn)
{
	return ground_count(txn, GROUND_BUCKETS);
}
