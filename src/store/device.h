/*
 * The devices that each user has signed in from. Their number is bounded: the one unused for
 * longest is forgotten. See DESIGN.md, A known device stays known.
 */
#ifndef PINTLE_STORE_DEVICE_H
#define PINTLE_STORE_DEVICE_H

#include "store/txn.h"

/* Remembers that the user has signed in from this device. */
void device_use(struct store_txn *txn, uint64_t user_number, const uint8_t device_hash[DIGEST_SIZE],
    int64_t now_ms);

#endif
