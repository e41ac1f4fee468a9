/* A folder for one test, under $TMPDIR; it is removed with its contents when the test ends. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include "base/buf.h"

#include <sys/types.h>

/* For cmocka_unit_test_setup_teardown. */
int scratch_begin(void **state);
int scratch_end(void **state);

/* The path of the entry called name in it; valid until eight more have been asked for. */
const char *scratch_path(const char *name);

/* Writes a new file with this text and mode. */
void scratch_put(const char *name, const char *text, mode_t mode);

/* Appends a file's bytes to out. */
void scratch_read(const char *name, struct buf *out);

/* Removes a file, or a folder with its contents, if it exists. */
void scratch_remove(const char *name);

#endif
