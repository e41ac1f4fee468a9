/*
 * Transactions, as the operations see them: what an engine of the store gives besides the rows. An engine is a
 * folder beside this header (lmdb/); another implements these functions and the headers of rows/, and nothing above.
 *
 * A transaction keeps its first error. After it reads find nothing, writes do nothing, and the end returns it: so
 * nothing in between has to ask, and what is decided from what was found is never carried out.
 */
#ifndef PINTLE_STORE_TXN_H
#define PINTLE_STORE_TXN_H

#include <stdatomic.h>

#include "store/store.h"

#define LINKS_FROM_ANYWHERE UINT64_MAX	/* no walk has begun: a process of one request must not look at the same links always */

/* Where this process's sweep is. It is kept with the store. */
struct sweep_place {
	_Atomic unsigned sweeps;	/* which kind of record has its turn */
	_Atomic uint64_t links_from;	/* the user from whom on it looks at links, or LINKS_FROM_ANYWHERE */
	atomic_bool links_whole;	/* that walk began with the first of them */
};

struct sweep_place *txn_sweep_place(struct store *store);

struct store_txn {
	struct store *store;
	void *engine;		/* the engine's own; NULL: it did not begin */
	uint64_t writes;	/* how many puts and deletes so far */
	enum pt_err err;	/* the first error */
	int saved_errno;	/* of that moment: errno is set to it where the error is returned */
};

/* Remembers err, if it is the first; PT_OK is none. */
void txn_fail(struct store_txn *txn, enum pt_err err);

/* Whether something has failed: for loops that would do much in vain. */
bool txn_failed(const struct store_txn *txn);

/*
 * Takes the first error out, so that what follows begins without it: where several share a snapshot, or where what
 * was only read for them is to be forgiven. A transaction that did not begin stays failed.
 */
enum pt_err txn_take_err(struct store_txn *txn);

/* What the store was opened with. */
const struct store_options *txn_options(const struct store_txn *txn);

/*
 * Takes a snapshot. If that fails, the transaction has failed from the beginning, and ends as any other; the error
 * is returned too.
 */
enum pt_err txn_read_begin(struct store *store, struct store_txn *txn);

/* Lets the snapshot go; the first error. */
enum pt_err txn_read_end(struct store_txn *txn);

/* Fills in what the engine knows of itself: bytes, readers, commits. */
void txn_figures(struct store_txn *txn, struct store_stats *out);

/* Lets the snapshots of killed readers go, which keep room from being used again; whether there were any. */
bool txn_clear_dead_readers(struct store *store);

/*
 * Runs a change in the write transaction that it shares with the others that wait, and returns its first error, or
 * PT_OK when it is on disk. change may be called more than once, by another thread: it sets its outputs anew each
 * time. If it fails, what it wrote is undone, and the others of its group are not touched.
 */
enum pt_err commit_change(struct store *store, void (*change)(struct store_txn *txn, void *ctx), void *ctx);

/* The same for several changes of one thread, which all have one turn: at most STORE_TOGETHER_MAX. */
struct commit_item {
	void *ctx;
	enum pt_err err;
};
void commit_changes(struct store *store, void (*change)(struct store_txn *txn, void *ctx), struct commit_item *items,
    size_t count);

enum room_for {
	ROOM_FOR_GROWTH,	/* logins, users, what was refused: to nine tenths of the map */
	ROOM_FOR_REFRESH,	/* to nineteen twentieths; what lies above is for logout and revocation */
};
#define ROOM_KINDS 2

/* PT_ERR_FULL if there is no room for this kind of change. */
enum pt_err room_check(struct store *store, enum room_for what);

#endif
