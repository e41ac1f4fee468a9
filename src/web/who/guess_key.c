#include "web/who/guess_key.h"

#include <arpa/inet.h>
#include <string.h>

#define V6_NETWORK 8	/* bytes of a /64 */

/* What is hashed: the kind of thing, and at most 40 bytes that name it. */
struct guess_name {
	uint8_t bytes[1 + 8 + DIGEST_SIZE];
	size_t len;
};

static struct guess_name
guess_name(char kind)
{
	return (struct guess_name){ .bytes = { (uint8_t)kind }, .len = 1 };
}

static void
guess_name_add(struct guess_name *name, const void *bytes, size_t len)
{
	memcpy(name->bytes + name->len, bytes, len);
	name->len += len;
}

static enum pt_err
guess_name_hash(const struct mac_key *key, const struct guess_name *name,
    uint8_t out[LIMITS_KEY_SIZE])
{
	uint8_t mac[DIGEST_SIZE];
	enum pt_err err = mac_compute(key, name->bytes, name->len, mac);

	if (err == PT_OK)
		memcpy(out, mac, LIMITS_KEY_SIZE);
	return err;
}

enum pt_err
guess_key_account(const struct mac_key *key, struct slice name, uint8_t out[LIMITS_KEY_SIZE])
{
	struct guess_name account = guess_name('a');
	uint8_t digest[DIGEST_SIZE];
	enum pt_err err = digest_sha256(name.ptr, name.len, digest);

	if (err != PT_OK)
		return err;
	guess_name_add(&account, digest, sizeof(digest));
	return guess_name_hash(key, &account, out);
}

enum pt_err
guess_key_device(const struct mac_key *key, uint64_t user_number,
    const uint8_t device_hash[DIGEST_SIZE], uint8_t out[LIMITS_KEY_SIZE])
{
	struct guess_name device = guess_name('d');

	guess_name_add(&device, &user_number, sizeof(user_number));
	guess_name_add(&device, device_hash, DIGEST_SIZE);
	return guess_name_hash(key, &device, out);
}

enum pt_err
guess_key_address(const struct mac_key *key, struct slice address, uint8_t out[LIMITS_KEY_SIZE])
{
	char text[ADDRESS_SIZE];
	uint8_t bytes[16];
	struct guess_name unknown = guess_name('u'), v4 = guess_name('4'), v6 = guess_name('6');

	if (!slice_copy(address, text, sizeof(text)))
		return guess_name_hash(key, &unknown, out);
	if (inet_pton(AF_INET, text, bytes) == 1) {
		guess_name_add(&v4, bytes, 4);
		return guess_name_hash(key, &v4, out);
	}
	if (inet_pton(AF_INET6, text, bytes) == 1) {
		guess_name_add(&v6, bytes, V6_NETWORK);
		return guess_name_hash(key, &v6, out);
	}
	return guess_name_hash(key, &unknown, out);
}
