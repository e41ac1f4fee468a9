/*
 * What a database file says about itself, before LMDB maps it: if the file is shorter than it says,
 * reading the missing pages would kill the process with SIGBUS. Only this file and limits/head.h
 * know the bytes of LMDB's format (data version 1, unchanged since 0.9.0): the first two pages are
 * "meta" pages, of which the one with the later transaction counts.
 */
#ifndef PINTLE_STORE_LMDB_LOOK_H
#define PINTLE_STORE_LMDB_LOOK_H

#include "base/error.h"
#include "base/slice.h"

/*
 * How many bytes the file has according to its first two pages; bytes are its first 65,536 and a
 * few more. False if it is no database of ours.
 */
bool look_header(struct slice bytes, uint64_t *size);

/*
 * The same for a file, and how many bytes it really has. PT_ERR_CORRUPT if it is no database of
 * ours.
 */
enum pt_err look_size(const char *file, uint64_t *said, uint64_t *has);

/*
 * If a store's file is shorter than it says, extends it with zeros, so that reading the missing
 * part is an error and no SIGBUS. Perhaps nothing is missing: LMDB does not write empty pages at
 * the end.
 */
enum pt_err look_mend_size(const char *file);

#endif
