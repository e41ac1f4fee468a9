#include "token/keyring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "crypto/random.h"
#include "token/refresh_token.h"

#define MASTER_BYTES 32
#define MAX_PATH_BYTES 4096
#define MAX_FILE_BYTES 65536

struct keyring {
	uint8_t master[MASTER_BYTES];
	struct mac_key *refresh_keys[2];
	size_t refresh_count;
	struct signing_key *owned[KEYRING_MAX_KEYS];
	struct keyring_entry entries[KEYRING_MAX_KEYS];
	size_t count;
};

/* ---- making one */

static bool
path_join(const char *folder, const char *below, char out[MAX_PATH_BYTES])
{
	int len = snprintf(out, MAX_PATH_BYTES, "%s/%s", folder, below);

	if (len > 0 && len < MAX_PATH_BYTES)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

static enum pt_err
folder_create(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST ? PT_OK : PT_ERR_IO;
}

static enum pt_err
file_below(const char *folder, const char *below, struct slice bytes)
{
	char path[MAX_PATH_BYTES];

	return path_join(folder, below, path) ? file_create_private(path, bytes.ptr, bytes.len) : PT_ERR_IO;
}

static enum pt_err
master_create(const char *folder)
{
	uint8_t master[MASTER_BYTES];
	enum pt_err err = random_bytes(master, sizeof master);

	if (!err)
		err = file_below(folder, "master.key", (struct slice){ (const char *)master, sizeof master });
	secret_wipe(master, sizeof master);
	return err;
}

static enum pt_err
signing_create(const char *folder, const struct signing_key *key)
{
	char below[16 + SIGNING_KID_SIZE];
	struct buf pem = BUF_EMPTY;
	enum pt_err err = signing_key_to_pem(key, &pem);

	snprintf(below, sizeof below, "signing/%s.pem", signing_key_id(key));
	if (!err)
		err = file_below(folder, below, buf_slice(&pem));
	buf_free(&pem);
	return err;
}

static enum pt_err
list_create(const char *folder, const struct signing_key *key, int64_t now_s)
{
	struct buf text = BUF_EMPTY;
	struct json_writer w = json_writer(&text);

	json_open(&w, NULL);
	json_open_array(&w, "keys");
	json_open(&w, NULL);
	json_put_cstr(&w, "kid", signing_key_id(key));
	json_put_integer(&w, "created_at", now_s);
	json_put_integer(&w, "signs_from", now_s);
	json_put_integer(&w, "retires_at", 0);
	json_close(&w);
	json_close_array(&w);
	json_close(&w);
	buf_putc(&text, '\n');
	enum pt_err err = buf_status(&text);

	if (!err)
		err = file_below(folder, "keyring.json", buf_slice(&text));
	buf_free(&text);
	return err;
}

enum pt_err
keyring_create(const char *folder, enum signing_alg alg, int64_t now_s)
{
	char signing[MAX_PATH_BYTES];
	struct signing_key *key = NULL;
	enum pt_err err = path_join(folder, "signing", signing) ? folder_create(folder) : PT_ERR_IO;

	if (!err)
		err = folder_create(signing);
	/* The master key first: where one is, nothing more is made. */
	if (!err)
		err = master_create(folder);
	if (!err)
		err = signing_key_generate(alg, &key);
	if (!err)
		err = signing_create(folder, key);
	if (!err)
		err = list_create(folder, key, now_s);
	int saved = errno;

	signing_key_free(key);
	errno = saved;
	return err;
}

/* ---- reading one */

/* Reads a private file of the folder; names it in *bad_path where that fails. */
static enum pt_err
private_read(const char *folder, const char *below, struct buf *out, char **bad_path)
{
	char path[MAX_PATH_BYTES];

	if (!path_join(folder, below, path))
		return PT_ERR_IO;
	enum pt_err err = file_read_private(path, MAX_FILE_BYTES, out);
	int saved = errno;

	if (err && bad_path) {
		free(*bad_path);
		*bad_path = strdup(path);
	}
	errno = saved;
	return err;
}

static enum pt_err
blame(const char *folder, const char *below, char **bad_path)
{
	char path[MAX_PATH_BYTES];

	if (bad_path && path_join(folder, below, path)) {
		free(*bad_path);
		*bad_path = strdup(path);
	}
	return PT_ERR_INVALID;
}

/* Reads a master key and derives the refresh tokens' MAC key of it. */
static enum pt_err
master_read(struct keyring *ring, const char *folder, const char *below, uint8_t *keep, char **bad_path)
{
	struct buf bytes = BUF_EMPTY;
	enum pt_err err = private_read(folder, below, &bytes, bad_path);

	if (!err && bytes.len != MASTER_BYTES)
		err = blame(folder, below, bad_path);
	if (!err) {
		if (keep)
			memcpy(keep, bytes.ptr, MASTER_BYTES);
		err = mac_key_derive((const uint8_t *)bytes.ptr, REFRESH_TOKEN_LABEL, &ring->refresh_keys[ring->refresh_count]);
	}
	if (!err)
		ring->refresh_count++;
	int saved = errno;

	buf_free(&bytes);
	errno = saved;
	return err;
}

static enum pt_err
masters_read(struct keyring *ring, const char *folder, char **bad_path)
{
	char *ignored = NULL;
	enum pt_err err = master_read(ring, folder, "master.key", ring->master, bad_path);

	if (err)
		return err;
	err = master_read(ring, folder, "master.old.key", NULL, &ignored);
	if (err == PT_ERR_IO && errno == ENOENT) {
		free(ignored);
		return PT_OK;
	}
	if (err && bad_path) {
		free(*bad_path);
		*bad_path = ignored;
	} else {
		free(ignored);
	}
	return err;
}

/* One row of keyring.json and the file that it names. */
static enum pt_err
entry_read(struct keyring *ring, const char *folder, const struct json *row, char **bad_path)
{
	struct keyring_entry *entry = &ring->entries[ring->count];
	struct signing_key **key = &ring->owned[ring->count];
	struct buf pem = BUF_EMPTY;
	struct slice kid;
	char below[16 + SIGNING_KID_SIZE];

	if (!json_get_string(row, "kid", &kid) || kid.len != SIGNING_KID_SIZE - 1 || memchr(kid.ptr, '/', kid.len) ||
	    !json_get_integer(row, "created_at", &entry->created_at) ||
	    !json_get_integer(row, "signs_from", &entry->signs_from) ||
	    !json_get_integer(row, "retires_at", &entry->retires_at))
		return blame(folder, "keyring.json", bad_path);
	snprintf(below, sizeof below, "signing/%.*s.pem", SLICE_ARG(kid));
	enum pt_err err = private_read(folder, below, &pem, bad_path);

	if (!err)
		err = signing_key_from_pem(buf_slice(&pem), key);
	buf_free(&pem);
	/* Counted as soon as it is owned, so that it is let go whatever comes. */
	if (!err)
		ring->count++;
	if (err == PT_ERR_INVALID || (!err && !slice_eq(slice_of(signing_key_id(*key)), kid)))
		err = blame(folder, below, bad_path);
	entry->key = *key;
	return err;
}

static enum pt_err
list_read(struct keyring *ring, const char *folder, char **bad_path)
{
	struct buf text = BUF_EMPTY;
	struct json *json = NULL;
	enum pt_err err = private_read(folder, "keyring.json", &text, bad_path);

	if (!err)
		err = json_parse_object(buf_slice(&text), &json);
	buf_free(&text);
	if (err)
		return err == PT_ERR_INVALID ? blame(folder, "keyring.json", bad_path) : err;
	size_t count = json_array_len(json, "keys");

	if (count == 0 || count > KEYRING_MAX_KEYS)
		err = blame(folder, "keyring.json", bad_path);
	for (size_t i = 0; !err && i < count; i++) {
		const struct json *row = json_array_object(json, "keys", i);

		err = row ? entry_read(ring, folder, row, bad_path) : blame(folder, "keyring.json", bad_path);
	}
	json_free(json);
	return err;
}

enum pt_err
keyring_open(const char *folder, struct keyring **out, char **bad_path)
{
	struct keyring *ring = calloc(1, sizeof *ring);
	char *bad = NULL;

	*out = NULL;
	if (bad_path)
		*bad_path = NULL;
	if (!ring)
		return PT_ERR_NOMEM;
	/* Best effort: where memory cannot be locked the site still runs. */
	mlock(ring->master, sizeof ring->master);
	enum pt_err err = masters_read(ring, folder, &bad);

	if (!err)
		err = list_read(ring, folder, &bad);
	if (err) {
		int saved = errno;

		keyring_free(ring);
		errno = saved;
		if (bad_path)
			*bad_path = bad;
		else
			free(bad);
		return err;
	}
	free(bad);
	*out = ring;
	return PT_OK;
}

void
keyring_free(struct keyring *ring)
{
	if (!ring)
		return;
	for (size_t i = 0; i < ring->count; i++)
		signing_key_free(ring->owned[i]);
	for (size_t i = 0; i < ring->refresh_count; i++)
		mac_key_free(ring->refresh_keys[i]);
	secret_wipe(ring->master, sizeof ring->master);
	munlock(ring->master, sizeof ring->master);
	free(ring);
}

/* ---- asking it */

static bool
retired(const struct keyring_entry *entry, int64_t now_s)
{
	return entry->retires_at && entry->retires_at <= now_s;
}

const struct signing_key *
keyring_signing_key(const struct keyring *ring, int64_t now_s)
{
	const struct keyring_entry *best = NULL;

	for (size_t i = 0; i < ring->count; i++) {
		const struct keyring_entry *entry = &ring->entries[i];

		if (entry->signs_from <= now_s && !retired(entry, now_s) &&
		    (!best || entry->signs_from >= best->signs_from))
			best = entry;
	}
	return best ? best->key : NULL;
}

const struct signing_key *
keyring_find(const struct keyring *ring, struct slice kid, int64_t now_s)
{
	for (size_t i = 0; i < ring->count; i++)
		if (slice_eq(slice_of(signing_key_id(ring->entries[i].key)), kid))
			return retired(&ring->entries[i], now_s) ? NULL : ring->entries[i].key;
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

const struct mac_key *const *
keyring_refresh_keys(const struct keyring *ring, size_t *count)
{
	*count = ring->refresh_count;
	return (const struct mac_key *const *)ring->refresh_keys;
}

enum pt_err
keyring_derive(const struct keyring *ring, const char *label, struct mac_key **out)
{
	return mac_key_derive(ring->master, label, out);
}

enum pt_err
keyring_jwks(const struct keyring *ring, int64_t now_s, struct buf *out)
{
	bool comma = false;

	buf_puts(out, "{\"keys\":[");
	for (size_t i = 0; i < ring->count; i++) {
		if (retired(&ring->entries[i], now_s))
			continue;
		if (comma)
			buf_putc(out, ',');
		comma = true;
		signing_key_jwk(ring->entries[i].key, out);
	}
	buf_puts(out, "]}");
	return buf_status(out);
}
