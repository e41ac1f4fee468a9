/*
 * What the files of the limits' store share: its environment, its transactions, its mark.
 *
 *	buckets   key -> what is remembered
 *	order     wall time when it is forgotten (a lower bound), key
 *
 * The environment is never synced when it is written. A file beside it, the mark,
 * says whether all that was written is on disk: it goes from clean to unsynced, on
 * disk, before the first write after a sync, and back after the next sync. So an
 * environment of another boot whose mark is clean is whole, and any other is not trusted.
 */
#ifndef PINTLE_STORE_LIMITS_INTERNAL_H
#define PINTLE_STORE_LIMITS_INTERNAL_H

#include "store/internal.h"
#include "store/limits/limits.h"

struct limits {
	MDB_env *env;
	MDB_dbi buckets, order;
	int mark_fd;
	unsigned records;
	atomic_bool lost;	/* found broken, by this process or another: the next one makes it anew */
};

struct limits_txn {
	struct limits *limits;
	MDB_txn *mdb;
	bool clean;	/* the mark's word at the beginning */
	bool wrote;
};

/* What a return code of LMDB means, logged; whatever is not the system's fault marks the environment as broken: PT_ERR_FATAL. */
enum pt_err limits_err(struct limits *limits, int rc, const char *attempted);

/* The same for a record that does not decode. */
enum pt_err limits_broken(struct limits *limits, const char *what);

/* The calling thread is the only one of all processes from the begin to one of the other two. */
enum pt_err limits_txn_begin(struct limits *limits, struct limits_txn *txn);

/* Commits what was written, or ends what wrote nothing. */
enum pt_err limits_txn_commit(struct limits_txn *txn);
void limits_txn_abort(struct limits_txn *txn);

/* Brings everything to the disk, and marks it clean; nothing to do where it is. */
enum pt_err limits_sync(struct limits *limits);

#endif
