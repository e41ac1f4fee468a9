/*
 * Entries: bytes under keys, in tables. These few functions are all that the rows need of LMDB.
 * They follow the rule of store/txn.h: after the transaction's first error, reads find nothing and
 * writes do nothing.
 *
 * Every index has keys of its own (no MDB_DUPSORT): composite, big-endian, with the session's or
 * event's number last, so that each step of a walk asks for the first number at or above the one
 * wanted. Walks keep no cursor, so the entries that they meet may be changed on the way, and a slow
 * visitor holds no snapshot.
 */
#ifndef PINTLE_STORE_LMDB_ENTRY_H
#define PINTLE_STORE_LMDB_ENTRY_H

#include "store/lmdb/key.h"
#include "store/lmdb/table.h"
#include "store/txn.h"

/* *value points into the map, and is valid until the next write or the end of txn. */
bool entry_get(struct store_txn *txn, enum table table, const struct key *key, struct slice *value);
void entry_put(struct store_txn *txn, enum table table, const struct key *key, struct slice value);

/*
 * The same for a value that is a number; if it is not one, the transaction fails with
 * PT_ERR_CORRUPT.
 */
bool entry_get_number(struct store_txn *txn, enum table table, const struct key *key,
    uint64_t *number);
void entry_put_number(struct store_txn *txn, enum table table, const struct key *key,
    uint64_t number);

/* An entry that does not exist counts as deleted. */
void entry_del(struct store_txn *txn, enum table table, const struct key *key);

/* The first entry at or above from, into *at and *value (may be NULL). */
bool entry_ceil(struct store_txn *txn, enum table table, const struct key *from, struct key *at,
    struct slice *value);

/*
 * Visits every entry from that key on, with one cursor, until visit returns false: for walks that
 * change nothing.
 */
void entry_each(struct store_txn *txn, enum table table, const struct key *from,
    bool (*visit)(const struct key *at, struct slice value, void *ctx), void *ctx);

/*
 * The first number at or above from, among the keys that are prefix and a number. Other keys are
 * skipped: they are damage, which store_verify reports and which must not stop a walk.
 */
bool entry_next(struct store_txn *txn, enum table table, const struct key *prefix, uint64_t from,
    uint64_t *number);

/* The last number at or below upto among them. */
bool entry_prev(struct store_txn *txn, enum table table, const struct key *prefix, uint64_t upto,
    uint64_t *number);

uint64_t entry_count(struct store_txn *txn, enum table table);

/* The number of pages that hold the table. */
uint64_t entry_pages(struct store_txn *txn, enum table table);

/* The number of pages that fit into the map. */
uint64_t entry_map_pages(struct store_txn *txn);

#endif
