/*
 * What a database file says of itself, before LMDB maps it: a file that is shorter than it says would end the
 * process by SIGBUS where the missing pages are read. This is the one place that knows the bytes of LMDB's format
 * (data version 1, unchanged since 0.9.0): the first two pages are "meta" pages, of which the one with the later
 * transaction counts.
 */
#ifndef PINTLE_STORE_LMDB_LOOK_H
#define PINTLE_STORE_LMDB_LOOK_H

#include "base/error.h"
#include "base/slice.h"

/*
 * How many bytes a file has by its first two pages, of which bytes are the first 65,536 and a few; false if it is no
 * database of ours.
 */
bool look_header(struct slice bytes, uint64_t *size);

/* The same of a file, and how many it has. PT_ERR_CORRUPT if it is no database of ours. */
enum pt_err look_size(const char *file, uint64_t *said, uint64_t *has);

/*
 * Makes the file of a store as long as it says that it is, with zeros, where it is shorter: what is missing is then
 * an error where it is read, and no SIGBUS. It may be nothing: LMDB does not write pages at the end that hold nothing.
 */
enum pt_err look_mend_size(const char *file);

#endif
