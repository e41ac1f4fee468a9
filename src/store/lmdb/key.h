/* Keys: bytes whose order is the order of what they stand for. */
#ifndef PINTLE_STORE_LMDB_KEY_H
#define PINTLE_STORE_LMDB_KEY_H

#include "base/slice.h"
#include "base/u64.h"
#include "core/records.h"

#define KEY_SIZE USER_NAME_SIZE	/* the longest key is a name; one byte more, to name what comes after it */

struct key {
	uint8_t bytes[KEY_SIZE];
	size_t len;
};

struct key key_none(void);
struct key key_number(uint64_t number);
struct key key_pair(uint64_t first, uint64_t second);
struct key key_text(struct slice text);	/* longer than any name: the empty key, which no table holds */
struct key key_digest(const uint8_t digest[DIGEST_LEN]);
struct key key_with(const struct key *prefix, uint64_t number);

/* The least key above this one, for the next step of a walk. */
struct key key_after(const struct key *key);

/* Reads a key that is prefix and a number; false if it is no such key, or one that none of ours can be. */
bool key_read(const struct key *key, const struct key *prefix, uint64_t *number);

/* Whether it begins with prefix. */
bool key_begins(const struct key *key, const struct key *prefix);

#endif
