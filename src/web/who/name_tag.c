#include "web/who/name_tag.h"

static void
name_tag_format(const uint8_t bytes[NAME_TAG_BYTES], char out[NAME_TAG_SIZE])
{
	out[0] = '?';
	base32_encode(bytes, NAME_TAG_BYTES, out + 1);
}

enum pt_err
name_tag_make(const struct mac_key *key, struct slice name, char out[NAME_TAG_SIZE])
{
	uint8_t mac[DIGEST_SIZE];
	enum pt_err err = mac_compute(key, name.ptr, name.len, mac);

	out[0] = '\0';
	if (err == PT_OK && name.len)
		name_tag_format(mac, out);
	return err;
}

enum pt_err
name_tag_of(const struct keyring *ring, struct slice name, char out[NAME_TAG_SIZE])
{
	struct mac_key *key = NULL;
	enum pt_err err = keyring_derive(ring, NAME_TAG_LABEL, &key);

	out[0] = '\0';
	if (err == PT_OK)
		err = name_tag_make(key, name, out);
	mac_key_free(key);
	return err;
}

bool
name_tag_read(struct slice typed, char out[NAME_TAG_SIZE])
{
	uint8_t bytes[NAME_TAG_BYTES];

	if (!slice_starts(typed, SLICE("?")) ||
	    !base32_decode_exact(slice_skip(typed, 1), bytes, sizeof(bytes)))
		return false;
	name_tag_format(bytes, out);
	return true;
}
