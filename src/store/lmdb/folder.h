/*
 * The files in the store's folder: data.mdb and lock.mdb are LMDB's, use.lock is ours. A new
 * database is created in the folder "stage" beside them and then renamed into place, so that a
 * crash leaves either the old one or the new one.
 */
#ifndef PINTLE_STORE_LMDB_FOLDER_H
#define PINTLE_STORE_LMDB_FOLDER_H

#include <stdbool.h>
#include <time.h>

#include "base/error.h"

/*
 * Takes the lock, which every open store shares; exclusive: takes it alone. PT_ERR_BUSY if others
 * prevent that. Close *fd when done.
 */
enum pt_err folder_lock(const char *folder, bool exclusive, int *fd);

/* The same, but waits until that time of CLOCK_MONOTONIC. */
enum pt_err folder_lock_until(const char *folder, bool exclusive, struct timespec until, int *fd);

enum pt_err folder_sync(const char *folder);

/* Whether there is a data.mdb. */
enum pt_err folder_has_database(const char *folder, bool *has);

/* Gives a file that root has created to the folder's owner: the worker must be able to open it. */
enum pt_err folder_give(const char *folder, const char *path);

/* Gives LMDB's files to the folder's owner, if root has created them. */
enum pt_err folder_adopt(const char *folder);

/* Creates an empty folder in which to prepare a database. Free *stage after folder_stage_remove. */
enum pt_err folder_stage(const char *folder, char **stage);

/* Durably replaces the folder's database with the stage's. */
enum pt_err folder_install(const char *folder, const char *stage);
void folder_stage_remove(const char *stage);

#endif
