/* What is remembered of each account, address and device, and in which order it is forgotten. */
#include "store/limits/ground.h"

#include <string.h>

#define ORDER_KEY_SIZE (8 + LIMITS_KEY_SIZE)
#define BUCKET_VERSION 2
#define BUCKET_NUMBERS 8
#define BUCKET_SIZE (1 + BUCKET_NUMBERS * 8)
#define BUCKET_NUMBERS_1 7	/* in version 1, which did not count what was refused */

struct bucket {
	struct limit_state state;
	struct stamp told;	/* when its limit was last told of */
	int64_t refused;	/* tries since */
	int64_t filed_at;	/* the time under which the order has it */
	bool filed;
};

/* ---- bytes ---- */

static MDB_val
bytes_val(const void *bytes, size_t len)
{
	return (MDB_val){ len, (void *)(uintptr_t)bytes };
}

static void
bucket_encode(const struct bucket *bucket, uint8_t out[BUCKET_SIZE])
{
	const uint64_t numbers[BUCKET_NUMBERS] = {
		(uint64_t)bucket->state.debt_ms, (uint64_t)bucket->state.at.wall_ms, bucket->state.at.stamp.boot,
		(uint64_t)bucket->state.at.stamp.ms, bucket->told.boot, (uint64_t)bucket->told.ms, (uint64_t)bucket->filed_at,
		(uint64_t)bucket->refused,
	};

	out[0] = BUCKET_VERSION;
	for (size_t i = 0; i < BUCKET_NUMBERS; i++)
		record_put_u64(out + 1 + 8 * i, numbers[i]);
}

static bool
bucket_decode(const MDB_val *value, struct bucket *out)
{
	const uint8_t *at = value->mv_data;
	int64_t numbers[BUCKET_NUMBERS] = { 0 };
	size_t count = value->mv_size && at[0] == 1 ? BUCKET_NUMBERS_1 : BUCKET_NUMBERS;

	if (value->mv_size != 1 + 8 * count || (at[0] != 1 && at[0] != BUCKET_VERSION))
		return false;
	for (size_t i = 0; i < count; i++)
		numbers[i] = (int64_t)record_get_u64(at + 1 + 8 * i);
	*out = (struct bucket){
		.state = { numbers[0], { numbers[1], { (uint64_t)numbers[2], numbers[3] } } },
		.told = { (uint64_t)numbers[4], numbers[5] }, .filed_at = numbers[6], .filed = true,
		.refused = numbers[7],
	};
	return numbers[0] >= 0 && numbers[1] >= 0 && numbers[3] >= 0 && numbers[5] >= 0 && numbers[6] >= 0 && numbers[7] >= 0;
}

static void
order_key(int64_t filed_at, const uint8_t key[LIMITS_KEY_SIZE], uint8_t out[ORDER_KEY_SIZE])
{
	record_put_u64(out, (uint64_t)filed_at);
	memcpy(out + 8, key, LIMITS_KEY_SIZE);
}

/* ---- one bucket ---- */

/* *out is zero where there is none. */
static enum pt_err
bucket_get(struct limits_txn *txn, const uint8_t key[LIMITS_KEY_SIZE], struct bucket *out)
{
	MDB_val k = bytes_val(key, LIMITS_KEY_SIZE), v;
	int rc = mdb_get(txn->mdb, txn->limits->buckets, &k, &v);

	*out = (struct bucket){ .filed = false };
	if (rc == MDB_NOTFOUND)
		return PT_OK;
	if (rc != 0)
		return limits_err(txn->limits, rc, "read what was counted");
	return bucket_decode(&v, out) ? PT_OK : limits_broken(txn->limits, "a record does not decode");
}

static enum pt_err
limits_del(struct limits_txn *txn, MDB_dbi table, const void *key, size_t len)
{
	MDB_val k = bytes_val(key, len);
	int rc = mdb_del(txn->mdb, table, &k, NULL);

	txn->wrote = true;
	return rc == MDB_NOTFOUND ? PT_OK : limits_err(txn->limits, rc, "forget");
}

static enum pt_err
limits_put(struct limits_txn *txn, MDB_dbi table, MDB_val key, MDB_val value)
{
	txn->wrote = true;
	return limits_err(txn->limits, mdb_put(txn->mdb, table, &key, &value, 0), "remember");
}

static enum pt_err
bucket_unfile(struct limits_txn *txn, const uint8_t key[LIMITS_KEY_SIZE], const struct bucket *bucket)
{
	uint8_t order[ORDER_KEY_SIZE];

	if (!bucket->filed)
		return PT_OK;
	order_key(bucket->filed_at, key, order);
	return limits_del(txn, txn->limits->order, order, sizeof order);
}

static enum pt_err
bucket_remove(struct limits_txn *txn, const uint8_t key[LIMITS_KEY_SIZE], const struct bucket *bucket)
{
	enum pt_err err = bucket_unfile(txn, key, bucket);

	return err != PT_OK ? err : limits_del(txn, txn->limits->buckets, key, LIMITS_KEY_SIZE);
}

/* The entry of the order that comes first. */
static enum pt_err
order_first(struct limits_txn *txn, int64_t *filed_at, uint8_t key[LIMITS_KEY_SIZE], bool *found)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	int rc = mdb_cursor_open(txn->mdb, txn->limits->order, &cursor);

	*found = false;
	if (rc != 0)
		return limits_err(txn->limits, rc, "look for the oldest");
	rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
	*found = rc == 0;
	if (rc == 0 && k.mv_size == ORDER_KEY_SIZE) {
		*filed_at = (int64_t)record_get_u64(k.mv_data);
		memcpy(key, (const uint8_t *)k.mv_data + 8, LIMITS_KEY_SIZE);
	}
	mdb_cursor_close(cursor);
	if (rc == 0 && k.mv_size != ORDER_KEY_SIZE)
		return limits_broken(txn->limits, "an index entry is none");
	return rc == MDB_NOTFOUND ? PT_OK : limits_err(txn->limits, rc, "look for the oldest");
}

/* Removes the entry and what it leads to. */
static enum pt_err
order_drop(struct limits_txn *txn, int64_t filed_at, const uint8_t key[LIMITS_KEY_SIZE])
{
	uint8_t order[ORDER_KEY_SIZE];
	enum pt_err err;

	order_key(filed_at, key, order);
	err = limits_del(txn, txn->limits->order, order, sizeof order);
	return err != PT_OK ? err : limits_del(txn, txn->limits->buckets, key, LIMITS_KEY_SIZE);
}

static enum pt_err
limits_size(struct limits_txn *txn, size_t *count)
{
	MDB_stat stat;
	int rc = mdb_stat(txn->mdb, txn->limits->buckets, &stat);

	*count = rc == 0 ? stat.ms_entries : 0;
	return limits_err(txn->limits, rc, "count");
}

/* Room for one more: those that are nearest to being forgotten go. */
static enum pt_err
limits_make_room(struct limits_txn *txn)
{
	uint8_t key[LIMITS_KEY_SIZE];
	int64_t filed_at;
	size_t count;
	bool found = true;
	enum pt_err err = limits_size(txn, &count);

	for (; err == PT_OK && found && count >= txn->limits->records; count--) {
		err = order_first(txn, &filed_at, key, &found);
		if (err == PT_OK && found)
			err = order_drop(txn, filed_at, key);
	}
	return err;
}

/* Puts the bucket, and files it for when it is forgotten. */
static enum pt_err
bucket_put(struct limits_txn *txn, const uint8_t key[LIMITS_KEY_SIZE], struct bucket *bucket, struct instant now)
{
	uint8_t order[ORDER_KEY_SIZE], value[BUCKET_SIZE];
	enum pt_err err = bucket->filed ? bucket_unfile(txn, key, bucket) : limits_make_room(txn);

	if (err != PT_OK)
		return err;
	bucket->filed_at = (now.wall_ms > 0 ? now.wall_ms : 0) + limit_left_ms(&bucket->state, now);
	order_key(bucket->filed_at, key, order);
	bucket_encode(bucket, value);
	err = limits_put(txn, txn->limits->order, bytes_val(order, sizeof order), bytes_val("", 0));
	if (err == PT_OK)
		err = limits_put(txn, txn->limits->buckets, bytes_val(key, LIMITS_KEY_SIZE), bytes_val(value, sizeof value));
	return err;
}

/* Ends a transaction as it went; err is how. */
static enum pt_err
limits_end(struct limits_txn *txn, enum pt_err err)
{
	if (err == PT_OK)
		return limits_txn_commit(txn);
	limits_txn_abort(txn);
	return err;
}

/* ---- one try ---- */

/* A try and the buckets that it counts for. */
struct taking {
	struct limits_txn txn;
	const struct limits_claim *claims;
	size_t count;
	struct instant now;
	struct limits_verdict *verdict;
};

static bool
bucket_is_to_be_told(const struct bucket *bucket, struct instant now)
{
	int64_t age_ms = clock_age_ms(now.stamp, bucket->told);

	return age_ms < 0 || age_ms >= LIMITS_TELL_EVERY_MS;
}

static enum pt_err
take_look(struct taking *taking)
{
	taking->verdict->allowed = true;
	for (size_t i = 0; i < taking->count; i++) {
		const struct limits_claim *claim = &taking->claims[i];
		struct bucket bucket;
		enum pt_err err = bucket_get(&taking->txn, claim->key, &bucket);

		if (err != PT_OK)
			return err;
		const struct limit_decision decision = limit_decide(&claim->policy, &bucket.state, taking->now);

		if (decision.allowed)
			continue;
		taking->verdict->allowed = false;
		taking->verdict->tell |= bucket_is_to_be_told(&bucket, taking->now);
		if (bucket.refused >= taking->verdict->refused)
			taking->verdict->refused = bucket.refused + 1;
		if (decision.retry_after_ms > taking->verdict->retry_after_ms)
			taking->verdict->retry_after_ms = decision.retry_after_ms;
	}
	return PT_OK;
}

/* What has to be remembered of one claim: the try, or that it was refused and told of. */
static enum pt_err
take_one(struct taking *taking, const struct limits_claim *claim)
{
	struct bucket bucket;
	enum pt_err err = bucket_get(&taking->txn, claim->key, &bucket);

	if (err != PT_OK)
		return err;
	const struct limit_decision decision = limit_decide(&claim->policy, &bucket.state, taking->now);

	if (decision.allowed != taking->verdict->allowed)
		return PT_OK;	/* it would have allowed what another refuses: nothing is counted */
	bucket.state = decision.next;
	if (!decision.allowed)
		bucket.refused++;
	if (!decision.allowed && taking->verdict->tell) {
		bucket.told = taking->now.stamp;
		bucket.refused = 0;
	}
	return bucket_put(&taking->txn, claim->key, &bucket, taking->now);
}

enum pt_err
limits_take(struct limits *limits, const struct limits_claim *claims, size_t count, struct instant now,
    struct limits_verdict *out)
{
	struct taking taking = { .claims = claims, .count = count, .now = now, .verdict = out };
	enum pt_err err = limits_txn_begin(limits, &taking.txn);

	*out = (struct limits_verdict){ .allowed = false };
	if (err != PT_OK)
		return err;
	err = take_look(&taking);
	for (size_t i = 0; err == PT_OK && i < count; i++)
		err = take_one(&taking, &claims[i]);
	err = limits_end(&taking.txn, err);
	if (err != PT_OK)
		out->allowed = false;
	return err;
}

static enum pt_err
give_back_one(struct limits_txn *txn, const struct limits_claim *claim, struct instant now)
{
	struct bucket bucket;
	enum pt_err err = bucket_get(txn, claim->key, &bucket);

	if (err != PT_OK || !bucket.filed)
		return err;
	bucket.state = limit_give_back(&claim->policy, &bucket.state);
	if (limit_left_ms(&bucket.state, now) == 0)
		return bucket_remove(txn, claim->key, &bucket);
	return bucket_put(txn, claim->key, &bucket, now);
}

enum pt_err
limits_give_back(struct limits *limits, const struct limits_claim *claims, size_t count, struct instant now)
{
	struct limits_txn txn;
	enum pt_err err = limits_txn_begin(limits, &txn);

	if (err != PT_OK)
		return err;
	for (size_t i = 0; err == PT_OK && i < count; i++)
		err = give_back_one(&txn, &claims[i], now);
	return limits_end(&txn, err);
}

/* ---- looking and forgetting ---- */

enum pt_err
limits_get(struct limits *limits, const uint8_t key[LIMITS_KEY_SIZE], struct limit_state *out)
{
	struct limits_txn txn;
	struct bucket bucket = { .filed = false };
	enum pt_err err = limits_txn_begin(limits, &txn);

	if (err != PT_OK)
		return err;
	err = limits_end(&txn, bucket_get(&txn, key, &bucket));
	*out = bucket.state;
	return err;
}

enum pt_err
limits_forget(struct limits *limits, const uint8_t key[LIMITS_KEY_SIZE])
{
	struct limits_txn txn;
	struct bucket bucket;
	enum pt_err err = limits_txn_begin(limits, &txn);

	if (err != PT_OK)
		return err;
	err = bucket_get(&txn, key, &bucket);
	if (err == PT_OK && bucket.filed)
		err = bucket_remove(&txn, key, &bucket);
	return limits_end(&txn, err);
}

enum pt_err
limits_count(struct limits *limits, uint64_t *count)
{
	struct limits_txn txn;
	size_t size = 0;
	enum pt_err err = limits_txn_begin(limits, &txn);

	if (err != PT_OK)
		return err;
	err = limits_end(&txn, limits_size(&txn, &size));
	*count = size;
	return err;
}

/* ---- care ---- */

/* One whose time has come by the wall clock: forgotten, or filed again if only that clock stepped. */
static enum pt_err
sweep_one(struct limits_txn *txn, int64_t filed_at, const uint8_t key[LIMITS_KEY_SIZE], struct instant now)
{
	struct bucket bucket;
	enum pt_err err = bucket_get(txn, key, &bucket);

	if (err != PT_OK)
		return err;
	if (!bucket.filed || bucket.filed_at != filed_at)
		return limits_broken(txn->limits, "the order does not fit what it orders");
	if (limit_left_ms(&bucket.state, now) == 0)
		return order_drop(txn, filed_at, key);
	return bucket_put(txn, key, &bucket, now);
}

enum pt_err
limits_sweep(struct limits *limits, struct instant now, unsigned budget, unsigned *removed)
{
	uint8_t key[LIMITS_KEY_SIZE];
	struct limits_txn txn;
	int64_t filed_at;
	bool found = true;
	enum pt_err err = limits_txn_begin(limits, &txn);

	*removed = 0;
	if (err != PT_OK)
		return err;
	for (; *removed < budget; ++*removed) {
		err = order_first(&txn, &filed_at, key, &found);
		if (err != PT_OK || !found || filed_at > now.wall_ms)
			break;
		err = sweep_one(&txn, filed_at, key, now);
		if (err != PT_OK)
			break;
	}
	err = limits_end(&txn, err);
	return err == PT_OK && *removed == 0 ? limits_sync(limits) : err;
}
