/*
 * How full the map is. LMDB writes no page in place: even a delete needs fresh pages first, and
 * while a reader holds an old snapshot, freed pages cannot be used again. So changes that make the
 * store grow are refused early, and changes that end sessions always find room.
 */
#ifndef PINTLE_STORE_LMDB_ROOM_H
#define PINTLE_STORE_LMDB_ROOM_H

#include "store/txn.h"

/* Bytes of the pages that are in use or that a reader still sees. */
enum pt_err room_used(const struct store_txn *txn, uint64_t *used);

#endif
