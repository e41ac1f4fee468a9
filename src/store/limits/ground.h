/*
 * The ground of the limits: their LMDB environment and its transactions. It is never synced when it
 * is written; mark.h says how it is known nevertheless whether it can be trusted.
 *
 * A transaction remembers its first error. After it, reads find nothing, writes do nothing, and
 * ground_end undoes the transaction and returns that error.
 *
 * See DESIGN.md, Limits without sync.
 */
#ifndef PINTLE_STORE_LIMITS_GROUND_H
#define PINTLE_STORE_LIMITS_GROUND_H

#include "base/error.h"
#include "base/slice.h"

struct limits;

enum ground_table {
	GROUND_BUCKETS = 0,	/* key -> what is remembered */
	GROUND_ORDER,		/* wall time when it is forgotten (a lower bound), key */
	GROUND_TABLES
};

struct ground_txn {
	struct limits *limits;
	struct MDB_txn *mdb;
	enum pt_err err;	/* the first */
	bool clean;		/* what the mark said at the beginning */
	bool wrote;
};

/*
 * Opens folder's environment, or makes it. PT_ERR_FATAL if the one that is there is not to be
 * trusted, logged. *out is yours, for ground_free.
 */
enum pt_err ground_open(const char *folder, unsigned records, struct limits **out);
void ground_free(struct limits *limits);

/*
 * Waits until no other process opens or makes an environment in folder. A descriptor to close, or
 * -1 with errno.
 */
int ground_lock(const char *folder);

/* Removes the environment and its mark. */
void ground_discard(const char *folder);

/* From here to ground_end the calling thread is the only one of all processes. */
void ground_begin(struct limits *limits, struct ground_txn *txn);

/* Commits what was written, or undoes it after an error; that error. */
enum pt_err ground_end(struct ground_txn *txn);

/*
 * The record is damaged: this process and all others leave the environment, and the next one makes
 * it anew.
 */
void ground_broken(struct ground_txn *txn, const char *what);

/* Whether it is there; *value points into the map until the next write. */
bool ground_get(struct ground_txn *txn, enum ground_table table, struct slice key,
    struct slice *value);

/* Whether there is any; the least key, which points into the map until the next write. */
bool ground_first(struct ground_txn *txn, enum ground_table table, struct slice *key);
void ground_put(struct ground_txn *txn, enum ground_table table, struct slice key,
    struct slice value);

/* An entry that is not there is as good as deleted. */
void ground_del(struct ground_txn *txn, enum ground_table table, struct slice key);
uint64_t ground_count(struct ground_txn *txn, enum ground_table table);

/* How many buckets the limits have room for. */
unsigned ground_records(const struct ground_txn *txn);

/* Brings everything to the disk, and marks it clean; does nothing where it is. */
enum pt_err ground_sync(struct limits *limits);

#endif
