/*
 * Transactions, as the operations see them: what an engine of the store provides besides the rows.
 * An engine is a folder beside this header (lmdb/). Another engine would implement these functions
 * and the headers of rows/; the operations would stay as they are. care/ and limits/ belong to the
 * engine: they use LMDB's tables, pages and files, and another engine brings its own (DESIGN.md,
 * Operations see rows, and rows alone see keys).
 *
 * A transaction keeps its first error. After that, reads find nothing, writes do nothing, and the
 * end returns the error. So the code in between need not check, and decisions that it makes after
 * an error are never carried out (DESIGN.md, A transaction keeps its first error).
 */
#ifndef PINTLE_STORE_TXN_H
#define PINTLE_STORE_TXN_H

#include <stdatomic.h>

#include "store/store.h"

/* Where this process's sweep is. It is kept with the store. */
struct sweep_place {
	_Atomic unsigned sweeps;	/* which kind of record is next */
	/*
	 * the first user whose link it reads; STORE_ANYWHERE: no walk has begun, and processes that
	 * serve one request must not always read the same links
	 */
	_Atomic uint64_t links_from;
	atomic_bool links_whole;	/* that walk began with the first link */
};

struct sweep_place *env_sweep_place(struct store *store);

struct store_txn {
	struct store *store;
	void *engine;		/* the engine's own; NULL: it did not begin */
	bool changes;		/* it can write */
	uint64_t writes;	/* how many puts and deletes so far */
	enum pt_err err;	/* the first error */
	/* errno at that time, which is set again when the error is returned */
	int saved_errno;
};

/* Remembers err if it is the first error; PT_OK is none. */
void txn_fail(struct store_txn *txn, enum pt_err err);

/* Whether something has failed: for loops that would do much work in vain. */
bool txn_failed(const struct store_txn *txn);

/*
 * Returns the first error and clears it, so that the transaction can continue: for several requests
 * that share a snapshot, or for reads whose failure must not count. A transaction that did not
 * begin stays failed.
 */
enum pt_err txn_take_err(struct store_txn *txn);

/* What the store was opened with. */
const struct store_options *txn_options(const struct store_txn *txn);

/*
 * Names the state that the transaction sees: two that name the same see the same, whichever process
 * asks. 0: it has no name, as after a write.
 */
uint64_t txn_state(const struct store_txn *txn);

/*
 * Takes a snapshot. If that fails, the transaction has failed from the beginning, and must be ended
 * like any other; the error is returned too.
 */
enum pt_err txn_read_begin(struct store *store, struct store_txn *txn);

/* Releases the snapshot; returns the first error. */
enum pt_err txn_read_end(struct store_txn *txn);

/* Fills in the engine's own figures: bytes, readers, commits. */
void room_figures(struct store_txn *txn, struct store_stats *out);

/*
 * Releases the snapshots of killed readers, because of which freed pages cannot be used again.
 * Whether there were any.
 */
bool txn_clear_dead_readers(struct store *store);

/*
 * Runs a change in a write transaction that it shares with other waiting changes. Returns its first
 * error, or PT_OK when it is on disk. change may be called more than once, and by another thread,
 * so it must set its outputs each time. If it fails, what it wrote is undone, and the others of its
 * group are not affected.
 */
enum pt_err commit_change(struct store *store, void (*change)(struct store_txn *txn, void *ctx),
    void *ctx);

/* The same for several changes of one thread, in one turn: at most STORE_TOGETHER_MAX. */
struct commit_item {
	void *ctx;
	enum pt_err err;
};
void commit_changes(struct store *store, void (*change)(struct store_txn *txn, void *ctx),
    struct commit_item *items, size_t count);

enum room_for {
	ROOM_FOR_GROWTH,	/* logins, users, refusals: to nine tenths of the map */
	ROOM_FOR_REFRESH,	/* to nineteen twentieths; the rest is for logout and revocation */
};
#define ROOM_KINDS 2

/* PT_ERR_FULL if there is no room for this kind of change. */
enum pt_err room_check(struct store *store, enum room_for what);

#endif
