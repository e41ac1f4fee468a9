/*
 * The devices that each user has signed in from. A row that does not decode is logged, and counts
 * as absent.
 */
#ifndef PINTLE_STORE_ROWS_DEVICE_ROW_H
#define PINTLE_STORE_ROWS_DEVICE_ROW_H

#include "store/rows/row.h"

bool device_row_is_known(struct store_txn *txn, uint64_t user_number,
    const uint8_t device_hash[DIGEST_SIZE]);
void device_row_put(struct store_txn *txn, uint64_t user_number,
    const uint8_t device_hash[DIGEST_SIZE], int64_t used_at);

/* Forgets the devices unused for longest until there are fewer than most. */
void device_row_make_room(struct store_txn *txn, uint64_t user_number, unsigned most);
void device_row_forget_all(struct store_txn *txn, uint64_t user_number);

/* A walk through the devices of a user; begin with only the number set. */
struct device_walk {
	uint64_t user_number;
	bool begun;
	uint8_t device_hash[DIGEST_SIZE];	/* of the device that was met last */
	int64_t used_at;
};

bool device_row_next(struct store_txn *txn, struct device_walk *walk);

#endif
