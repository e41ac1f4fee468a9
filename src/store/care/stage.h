/*
 * A database that is prepared in a folder of its own, the stage, and then takes the place of the
 * store's: a crash leaves the old one or the new one.
 */
#ifndef PINTLE_STORE_CARE_STAGE_H
#define PINTLE_STORE_CARE_STAGE_H

#include "store/store.h"

/*
 * Calls run with an empty stage, alone with the store (PT_ERR_BUSY if somebody has it open), and
 * removes the stage afterwards. run makes the database in it, and puts it in place by
 * folder_install.
 */
enum pt_err stage_run(const struct store_options *options,
    enum pt_err (*run)(const struct store_options *options, const char *stage, void *ctx),
    void *ctx);

/*
 * Syncs and closes a file that was written with the result err, and removes it if anything has
 * failed. The first error, with its errno.
 */
enum pt_err stage_close_file(int fd, const char *file, enum pt_err err);

#endif
