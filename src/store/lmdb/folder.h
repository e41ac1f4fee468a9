/*
 * The files in the store's folder: data.mdb and lock.mdb are LMDB's, use.lock is ours. A new database is made in the
 * folder "stage" beside them and comes into its place by a rename, so that a crash leaves the old one or the new one.
 */
#ifndef PINTLE_STORE_LMDB_FOLDER_H
#define PINTLE_STORE_LMDB_FOLDER_H

#include <stdbool.h>
#include <time.h>

#include "base/error.h"

/*
 * Takes the lock that every open store holds shared (exclusive: alone).
 * PT_ERR_BUSY if it is held otherwise. *fd is yours to close.
 */
enum pt_err folder_lock(const char *folder, bool exclusive, int *fd);

/* The same, waiting for it until that moment of CLOCK_MONOTONIC. */
enum pt_err folder_lock_until(const char *folder, bool exclusive, struct timespec until, int *fd);

enum pt_err folder_sync(const char *folder);

/* Whether there is a data.mdb. */
enum pt_err folder_has_database(const char *folder, bool *has);

/* Gives a file that root has made to the folder's owner: the worker must be able to open it. */
enum pt_err folder_give(const char *folder, const char *path);

/* Gives LMDB's files to the folder's owner, where root has made them. */
enum pt_err folder_adopt(const char *folder);

/* Makes an empty folder to prepare a database in; *stage is yours to free, after folder_stage_remove. */
enum pt_err folder_stage(const char *folder, char **stage);

/* Puts the stage's database into the folder, durably, in the place of what is there. */
enum pt_err folder_install(const char *folder, const char *stage);
void folder_stage_remove(const char *stage);

#endif
