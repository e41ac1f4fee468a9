/*
 * How full the map is. LMDB writes no page in place: even a delete needs fresh pages first, and with a reader that
 * holds an old snapshot what is freed does not come back. So what makes the store grow stops early, and what ends
 * sessions always finds room.
 */
#ifndef PINTLE_STORE_LMDB_ROOM_H
#define PINTLE_STORE_LMDB_ROOM_H

#include "store/txn.h"

/* Bytes of pages that hold something or that a reader still sees. */
enum pt_err room_used(const struct store_txn *txn, uint64_t *used);

#endif
