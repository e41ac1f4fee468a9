/*
 * What is remembered of one account, address or device, and the order in which it is forgotten.
 * Errors stay with the transaction; see ground.h. See DESIGN.md, Counts under keyed hashes.
 */
#ifndef PINTLE_STORE_LIMITS_BUCKET_H
#define PINTLE_STORE_LIMITS_BUCKET_H

#include "core/limit.h"
#include "store/limits/ground.h"
#include "store/limits/key.h"

struct bucket {
	struct limit_state state;
	struct stamp told;	/* when it was last reported that its limit was met */
	int64_t refused;	/* tries since */
	int64_t filed_at;	/* the time under which the order has it */
	bool filed;
};

/* Whether there is one; *out is zero where there is none. */
bool bucket_get(struct ground_txn *txn, const uint8_t key[LIMITS_KEY_SIZE], struct bucket *out);

/*
 * Puts the bucket, as read in this transaction, and files it for when it is forgotten. Where a new
 * one has no room, those go that are nearest to being forgotten.
 */
void bucket_put(struct ground_txn *txn, const uint8_t key[LIMITS_KEY_SIZE], struct bucket *bucket,
    struct instant now);
void bucket_remove(struct ground_txn *txn, const uint8_t key[LIMITS_KEY_SIZE],
    const struct bucket *bucket);

/* The first one that is filed for a time up to upto_ms of the wall clock. */
bool bucket_first(struct ground_txn *txn, int64_t upto_ms, uint8_t key[LIMITS_KEY_SIZE],
    struct bucket *out);

/* How many there are. */
uint64_t bucket_count(struct ground_txn *txn);

#endif
