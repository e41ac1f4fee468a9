/*
 * Entries: bytes under keys, in tables. These are the few things that the rows ask of LMDB. All of them follow the
 * rule of store/txn.h: after the transaction's first error reads find nothing and writes do nothing.
 *
 * Every index has keys of its own (no MDB_DUPSORT): composite, big-endian, with the session's or event's number
 * last, so that an index is walked by asking for the first number at or above the one wanted. Walks keep no
 * cursor, so what they meet may be changed on the way, and a slow visitor holds no snapshot.
 */
#ifndef PINTLE_STORE_LMDB_ENTRY_H
#define PINTLE_STORE_LMDB_ENTRY_H

#include "store/lmdb/key.h"
#include "store/lmdb/table.h"
#include "store/txn.h"

/* *value points into the map: until the next write, or the end of txn. */
bool entry_get(struct store_txn *txn, enum table table, const struct key *key, struct slice *value);
void entry_put(struct store_txn *txn, enum table table, const struct key *key, struct slice value);

/* The same where the value is a number; one that is none fails the transaction: PT_ERR_CORRUPT. */
bool entry_get_number(struct store_txn *txn, enum table table, const struct key *key, uint64_t *number);
void entry_put_number(struct store_txn *txn, enum table table, const struct key *key, uint64_t number);

/* An entry that is not there is as good as deleted. */
void entry_del(struct store_txn *txn, enum table table, const struct key *key);

/* The first entry at or above from, into *at and *value (may be NULL). */
bool entry_ceil(struct store_txn *txn, enum table table, const struct key *from, struct key *at, struct slice *value);

/* Every entry from from on, by one cursor, until visit says false: for walks on which nothing is changed. */
void entry_each(struct store_txn *txn, enum table table, const struct key *from,
    bool (*visit)(const struct key *at, struct slice value, void *ctx), void *ctx);

/*
 * The first number at or above from among the keys that are prefix and a number. Other keys are passed over: they
 * are damage, which store_verify reports and which stops nobody's walk.
 */
bool entry_next(struct store_txn *txn, enum table table, const struct key *prefix, uint64_t from, uint64_t *number);

/* The last number at or below upto among them. */
bool entry_prev(struct store_txn *txn, enum table table, const struct key *prefix, uint64_t upto, uint64_t *number);

uint64_t entry_count(struct store_txn *txn, enum table table);

/* The pages that hold the table. */
uint64_t entry_pages(struct store_txn *txn, enum table table);

/* The pages that the map has room for. */
uint64_t entry_map_pages(struct store_txn *txn);

#endif
