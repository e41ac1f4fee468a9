/* Keys: bytes that sort like the values that they represent. */
#ifndef PINTLE_STORE_LMDB_KEY_H
#define PINTLE_STORE_LMDB_KEY_H

#include "base/slice.h"
#include "base/u64.h"
#include "core/records.h"

/* the longest key is a name; one more byte for the key right after it */
#define KEY_SIZE USER_NAME_SIZE

struct key {
	uint8_t bytes[KEY_SIZE];
	size_t len;
};

struct key key_none(void);
struct key key_number(uint64_t number);
struct key key_pair(uint64_t first, uint64_t second);
/* longer than any name: becomes the empty key, which no table has */
struct key key_text(struct slice text);
struct key key_digest(const uint8_t digest[DIGEST_SIZE]);
struct key key_with(const struct key *prefix, uint64_t number);

/* The smallest key above this one, for the next step of a walk. */
struct key key_after(const struct key *key);

/*
 * Reads a key that is prefix and a number; false for another key, or for a number that we never
 * use.
 */
bool key_read(const struct key *key, const struct key *prefix, uint64_t *number);

/* Whether the key begins with prefix. */
bool key_begins(const struct key *key, const struct key *prefix);

#endif
