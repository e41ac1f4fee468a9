/*
 * What the files of this engine share: the environment and everything that belongs to it. LMDB's
 * types are used nowhere else.
 */
#ifndef PINTLE_STORE_LMDB_ENGINE_H
#define PINTLE_STORE_LMDB_ENGINE_H

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "store/lmdb/table.h"
#include "store/txn.h"

#define READER_POOL 16	/* read transactions kept ready; each holds a slot of the reader table */

struct commit_change;

/* Changes that wait for a leader; see commit.c. */
struct commit_queue {
	pthread_mutex_t lock;
	struct commit_change *first;
	struct commit_change **end;
	size_t waiting;
	bool led;
	_Atomic uint64_t commits;
	_Atomic uint64_t changes;
	_Atomic uint64_t largest;
};

/* The last answer about room, as long as it is valid; see room.c. */
struct room_answer {
	/* the commit at which it was given, then a bit: it was full; 0: none */
	_Atomic uint64_t word;
	_Atomic int64_t at_ms;
};

struct store {
	struct store_options options;	/* .folder is the store's own copy */
	char *folder;
	/* holds the shared lock, which says that the store is open */
	int use_fd;
	MDB_env *env;
	MDB_dbi dbi[TABLE_COUNT];
	/*
	 * Every transaction holds it for reading; it is held for writing while the map grows, when
	 * LMDB allows no transaction.
	 */
	pthread_rwlock_t map_lock;
	pthread_mutex_t pool_lock;
	MDB_txn *pool[READER_POOL];
	size_t pooled;
	struct commit_queue queue;
	struct sweep_place sweep;
	struct room_answer room[ROOM_KINDS];	/* by enum room_for */
	_Atomic uint64_t room_counts;	/* how often free pages were counted */
	/* the fate of a commit is unknown: this process still reads, but writes nothing more */
	atomic_bool lost;
	atomic_bool fatal;		/* LMDB reports that this process can do nothing more */
};

/* ---- txn.c ---- */

/*
 * From the first call until one of the other two, the calling thread is the only writer of all
 * processes.
 */
enum pt_err txn_write_begin(struct store *store, struct store_txn *txn);

/* Commits, or aborts a transaction that has failed; returns its first error. */
enum pt_err txn_write_commit(struct store_txn *txn);
void txn_write_abort(struct store_txn *txn);

/* Ends a read transaction, but keeps the handles of the tables that it opened. */
enum pt_err txn_read_commit(struct store_txn *txn);

/* Ends the read transactions that are kept ready; none may be in use. */
void txn_pool_drain(struct store *store);

/* ---- commit.c ---- */

void commit_queue_init(struct commit_queue *queue);
void commit_queue_destroy(struct commit_queue *queue);

#endif
