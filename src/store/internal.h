/*
 * What the store's files share: the environment, transactions, tables and the
 * rows in them. LMDB's types are seen here and in the store's .c files only.
 */
#ifndef PINTLE_STORE_INTERNAL_H
#define PINTLE_STORE_INTERNAL_H

#include "store/lmdb/engine.h"
#include "store/lmdb/entry.h"
#include "store/lmdb/env_err.h"
#include "store/lmdb/key.h"
#include "store/rows/record.h"
#include "store/rows/row_entry.h"
#include "store/rows/session_row.h"
#include "store/rows/status_row.h"
#include "store/session_standing.h"
#include "store/store.h"
#include "store/txn.h"

/* What is to be done with the database before it is open. */
enum env_way {
	ENV_AS_IT_IS,		/* one of an older schema is PT_ERR_SCHEMA */
	ENV_FRESH,		/* there is none: make its tables and counters */
	ENV_CARRY_OVER,		/* bring one of an older schema to ours */
	ENV_BACK_UP_AND_CARRY_OVER,
};

/*
 * Opens the database of options->folder; the folder's lock is the caller's, exclusive to carry it over.
 * *format is what it said of itself, as far as that was read. *out is yours, for store_close.
 */
enum pt_err env_open(const struct store_options *options, enum env_way way, struct store_format *format,
    struct store **out);

/* Makes the tables that are missing, and opens all. */
enum pt_err env_make_tables(struct store_txn *txn);

/* ---- folder.c: files in the store's folder ---- */

/*
 * Takes the lock that every open store holds shared (exclusive: alone).
 * PT_ERR_BUSY if it is held otherwise. *fd is yours to close.
 */
enum pt_err folder_lock(const char *folder, bool exclusive, int *fd);

/* The same, waiting for it until that moment of CLOCK_MONOTONIC. */
enum pt_err folder_lock_until(const char *folder, bool exclusive, struct timespec until, int *fd);

/* folder/name into a new string, yours; NULL without memory. */
char *folder_path(const char *folder, const char *name);

enum pt_err folder_sync(const char *folder);

/* Whether there is a data.mdb. */
enum pt_err folder_has_database(const char *folder, bool *has);

/* What root makes in another's folder is that other's: the worker must be able to open it. */
enum pt_err folder_give(const char *folder, const char *path);

/* Gives LMDB's files to the folder's owner, where root has made them. */
enum pt_err folder_adopt(const char *folder);

/* Makes an empty folder to prepare a database in; *stage is yours to free, after folder_stage_remove. */
enum pt_err folder_stage(const char *folder, char **stage);

/* Puts the stage's database into the folder, durably, in the place of what is there. */
enum pt_err folder_install(const char *folder, const char *stage);
void folder_stage_remove(const char *stage);

/* ---- look.c: what a database file says of itself ---- */

/* How many bytes a file has by its first two pages, of which bytes are the first 65,536 and a few; false if it is no database of ours. */
bool look_header(struct slice bytes, uint64_t *size);

/* The same of a file, and how many it has. PT_ERR_CORRUPT if it is no database of ours. */
enum pt_err look_size(const char *file, uint64_t *said, uint64_t *has);

/*
 * Makes the file of a store as long as it says that it is, with zeros, where it is shorter: what is missing is then an error
 * where it is read, and no SIGBUS. It may be nothing: LMDB does not write pages at the end that hold nothing.
 */
enum pt_err look_mend_size(const char *file);

/* ---- upgrade.c: stores of older schemas ---- */

/* What the steps of an upgrade share. */
struct upgrade {
	const struct store_caller *caller;	/* the upgrade itself: a time and nothing else */
	uint32_t from;				/* the schema that the store had */
	uint64_t done, all;			/* records looked at, and how many there are */
	uint64_t sessions;			/* of them */
	int64_t told_ms;			/* when that was last told, by the clock of ages */
};

/* Whether it is of an older schema that can be carried over. */
bool format_is_older(const struct store_format *format);

/* Brings the store, which nobody else has open, from that schema to ours in one transaction; first, if told so, it is backed up. */
enum pt_err upgrade_store(struct store *store, uint32_t from, bool back_up);

/* ---- backup.c ---- */

/* store_backup, perhaps in the place of a file that is there. */
enum pt_err backup_write(struct store *store, const char *file, bool replace);

/* ---- room.c: how full the map is ---- */

/* Bytes of pages that hold something or that a reader still sees. */
enum pt_err room_used(const struct store_txn *txn, uint64_t *used);

#endif
