/* The sites that older versions left in tests/fixtures, laid out in a folder as they were. */
#ifndef PINTLE_TESTS_OLD_STORE_H
#define PINTLE_TESTS_OLD_STORE_H

#include "base/clock.h"

/* Unzips a file of a fixture ("store-1/backup.gz") into file, with mode 0600. */
void old_store_unpack(const char *name, const char *file);

/* Creates folder and puts the store of that fixture ("store-1") into it. */
void old_store_put(const char *fixture, const char *folder);

/* A moment on both clocks, soon after the fixture was made and in the same boot of its machine. */
struct instant old_store_now(void);

#endif
