/* Key folders for tests, in the test's scratch folder: "keys" is the key folder itself. */
#ifndef TESTS_UNIT_RING_FIXTURE_H
#define TESTS_UNIT_RING_FIXTURE_H

#include "token/keyring.h"

/* The file name of a key, "keys/signing/KID.pem"; valid until the next call. */
const char *ring_key_name(const char *kid);

/*
 * Makes a key, writes its file and appends its row to list (rows of
 * keyring.json). The key is the test's own, to forge with and to free.
 */
struct signing_key *ring_key_add(struct buf *list, enum signing_alg alg, int64_t signs_from, int64_t retires_at);

/* Writes keyring.json with these rows. */
void ring_list_put(const struct buf *list);

/* The same, and opens the folder, which must succeed. */
struct keyring *ring_list_open(const struct buf *list);

#endif
