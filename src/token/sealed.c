#include "token/sealed.h"

#include <string.h>

#include "base/secret.h"

enum pt_err
sealed_format(uint8_t *bytes, size_t len, const struct mac_key *key, char *out)
{
	uint8_t mac[DIGEST_SIZE];
	enum pt_err err = mac_compute(key, bytes, len - SEALED_MAC_SIZE, mac);

	if (err != PT_OK)
		return err;
	memcpy(bytes + len - SEALED_MAC_SIZE, mac, SEALED_MAC_SIZE);
	base64url_encode(bytes, len, out);
	return PT_OK;
}

enum pt_err
sealed_parse(struct slice text, const struct mac_key *const *keys, size_t count, uint8_t *bytes,
    size_t len, bool *good)
{
	uint8_t mac[DIGEST_SIZE];

	*good = false;
	if (!base64url_decode_exact(text, bytes, len))
		return PT_OK;
	for (size_t i = 0; i < count && !*good; i++) {
		enum pt_err err = mac_compute(keys[i], bytes, len - SEALED_MAC_SIZE, mac);

		if (err != PT_OK)
			return err;
		*good = secret_eq(mac, bytes + len - SEALED_MAC_SIZE, SEALED_MAC_SIZE);
	}
	return PT_OK;
}

void
sealed_put_number(uint8_t *to, size_t width, uint64_t value)
{
	for (size_t i = width; i-- > 0; value >>= 8)
		to[i] = (uint8_t)value;
}

uint64_t
sealed_get_number(const uint8_t *from, size_t width)
{
	uint64_t value = 0;

	for (size_t i = 0; i < width; i++)
		value = value << 8 | from[i];
	return value;
}
