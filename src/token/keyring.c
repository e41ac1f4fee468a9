#include "token/keyring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/secret.h"
#include "token/keyring_internal.h"

bool
keyring_path(const char *folder, const char *name, char out[KEYRING_PATH_SIZE])
{
	int len = snprintf(out, KEYRING_PATH_SIZE, "%s/%s", folder, name);

	if (len > 0 && len < KEYRING_PATH_SIZE)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

void
keyring_key_name(const char kid[SIGNING_KID_SIZE], char out[KEYRING_NAME_SIZE])
{
	snprintf(out, KEYRING_NAME_SIZE, KEYRING_SIGNING_FOLDER "/%.*s.pem", SIGNING_KID_SIZE - 1,
	    kid);
}

void
keyring_free(struct keyring *ring)
{
	if (ring == NULL)
		return;
	keyring_free(ring->status);
	for (size_t i = 0; i < ring->count; i++)
		signing_key_free(ring->owned[i]);
	for (size_t i = 0; i < ring->refresh_count; i++)
		mac_key_free(ring->refresh_keys[i]);
	for (size_t i = 0; i < ring->gate_count; i++)
		mac_key_free(ring->gate_keys[i]);
	for (size_t i = 0; i < ring->otp_count; i++)
		aead_key_free(ring->otp_keys[i]);
	secret_free(ring->master, MAC_MASTER_SIZE);
	free(ring);
}

bool
keyring_is_retired(const struct keyring_entry *entry, int64_t now_s)
{
	return entry->retires_at != 0 && entry->retires_at <= now_s;
}

/* Of the keys that have not retired, the one with the earliest time. */
static const struct keyring_entry *
keyring_first(const struct keyring *ring, int64_t now_s)
{
	const struct keyring_entry *first = NULL;

	for (size_t i = 0; i < ring->count; i++) {
		const struct keyring_entry *entry = &ring->entries[i];

		if (!keyring_is_retired(entry, now_s) &&
		    (first == NULL || entry->signs_from < first->signs_from))
			first = entry;
	}
	return first;
}

const struct signing_key *
keyring_signing_key(const struct keyring *ring, int64_t now_s)
{
	const struct keyring_entry *newest = NULL;

	for (size_t i = 0; i < ring->count; i++) {
		const struct keyring_entry *entry = &ring->entries[i];

		if (entry->signs_from <= now_s && !keyring_is_retired(entry, now_s) &&
		    (newest == NULL || entry->signs_from >= newest->signs_from))
			newest = entry;
	}
	if (newest == NULL)
		newest = keyring_first(ring, now_s);
	return newest ? newest->key : NULL;
}

bool
keyring_is_behind(const struct keyring *ring, int64_t now_s, int64_t *signs_from)
{
	const struct keyring_entry *first = keyring_first(ring, now_s);

	if (first && signs_from)
		*signs_from = first->signs_from;
	return first && first->signs_from > now_s + KEYRING_BEHIND_S;
}

const struct signing_key *
keyring_find(const struct keyring *ring, struct slice kid, int64_t now_s)
{
	for (size_t i = 0; ring && i < ring->count; i++) {
		const struct keyring_entry *entry = &ring->entries[i];

		if (slice_eq(slice_of(signing_key_id(entry->key)), kid))
			return keyring_is_retired(entry, now_s) ? NULL : entry->key;
	}
	return NULL;
}

size_t
keyring_count(const struct keyring *ring)
{
	return ring->count;
}

const struct keyring_entry *
keyring_at(const struct keyring *ring, size_t i)
{
	return i < ring->count ? &ring->entries[i] : NULL;
}

const struct keyring *
keyring_status_keys(const struct keyring *ring)
{
	return ring->status;
}

const struct mac_key *const *
keyring_refresh_keys(const struct keyring *ring, size_t *count)
{
	*count = ring->refresh_count;
	return (const struct mac_key *const *)ring->refresh_keys;
}


const struct mac_key *const *
keyring_gate_keys(const struct keyring *ring, size_t *count)
{
	*count = ring->gate_count;
	return (const struct mac_key *const *)ring->gate_keys;
}

struct keyring_masters
keyring_masters(const struct keyring *ring)
{
	return (struct keyring_masters){ .since_s = ring->master_from_s, .old = ring->has_old,
	    .leaked = ring->has_leaked };
}

const struct aead_key *const *
keyring_otp_keys(const struct keyring *ring, size_t *count)
{
	*count = ring->otp_count;
	return (const struct aead_key *const *)ring->otp_keys;
}

enum pt_err
keyring_derive(const struct keyring *ring, const char *label, struct mac_key **out)
{
	return mac_key_derive(ring->master, label, out);
}

enum pt_err
keyring_jwks(const struct keyring *ring, int64_t now_s, struct buf *out)
{
	const char *between = "";

	buf_puts(out, "{\"keys\":[");
	for (size_t i = 0; ring && i < ring->count; i++) {
		if (keyring_is_retired(&ring->entries[i], now_s))
			continue;
		buf_puts(out, between);
		signing_key_jwk(ring->entries[i].key, out);
		between = ",";
	}
	buf_puts(out, "]}");
	return buf_status(out);
}
