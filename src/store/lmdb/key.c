#include "store/lmdb/key.h"

#include <string.h>

struct key
key_none(void)
{
	return (struct key){ .len = 0 };
}

struct key
key_with(const struct key *prefix, uint64_t number)
{
	struct key key = *prefix;

	u64_put(key.bytes + key.len, number);
	key.len += 8;
	return key;
}

struct key
key_number(uint64_t number)
{
	struct key none = key_none();

	return key_with(&none, number);
}

struct key
key_pair(uint64_t first, uint64_t second)
{
	struct key key = key_number(first);

	return key_with(&key, second);
}

struct key
key_text(struct slice text)
{
	struct key key = key_none();

	if (text.len == 0 || text.len >= sizeof(key.bytes))
		return key;
	memcpy(key.bytes, text.ptr, text.len);
	key.len = text.len;
	return key;
}

struct key
key_digest(const uint8_t digest[DIGEST_SIZE])
{
	return key_text((struct slice){ (const char *)digest, DIGEST_SIZE });
}

struct key
key_after(const struct key *key)
{
	struct key after = *key;

	after.bytes[after.len++] = 0;
	return after;
}

bool
key_begins(const struct key *key, const struct key *prefix)
{
	return key->len >= prefix->len && memcmp(key->bytes, prefix->bytes, prefix->len) == 0;
}

bool
key_read(const struct key *key, const struct key *prefix, uint64_t *number)
{
	if (key->len != prefix->len + 8)
		return false;
	*number = u64_get(key->bytes + prefix->len);
	/* No sequence gets this far, and number + 1 must be the next one to ask for. */
	return *number != UINT64_MAX;
}
