/* Reads a folder of keys strictly, since nothing in it is written by hand. */
#include "token/keyring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base64url.h"
#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "token/gate_token.h"
#include "token/keyring_internal.h"
#include "token/otp_secret.h"
#include "token/refresh_token.h"

#define MAX_FILE_BYTES 65536

struct ring_reader {
	struct keyring *ring;
	const char *folder;
	char at[KEYRING_PATH_SIZE];	/* the file being read, to name it if it fails */
};

/* Whoever can write to the folder could swap keys. */
static enum pt_err
folder_check(struct ring_reader *reader)
{
	struct stat about;

	if (!slice_copy(slice_of(reader->folder), reader->at, sizeof(reader->at)) ||
	    stat(reader->at, &about) != 0)
		return PT_ERR_IO;
	if (!S_ISDIR(about.st_mode) || (about.st_mode & (S_IWGRP | S_IWOTH)))
		return PT_ERR_PERM;
	return PT_OK;
}

static enum pt_err
reader_take(struct ring_reader *reader, const char *name, struct buf *out)
{
	return keyring_path(reader->folder, name, reader->at) ?
	    file_read_private(reader->at, MAX_FILE_BYTES, out) : PT_ERR_IO;
}

/* The keys that come from a master key. */
enum master_use { MASTER_PRESENT, MASTER_OLD, MASTER_LEAKED };

/* Accept tokens and cookies made with it. */
static enum pt_err
master_take_macs(struct keyring *ring, const uint8_t *master)
{
	enum pt_err err = mac_key_derive(master, REFRESH_TOKEN_LABEL,
	    &ring->refresh_keys[ring->refresh_count]);

	if (err != PT_OK)
		return err;
	ring->refresh_count++;
	err = mac_key_derive(master, GATE_TOKEN_LABEL, &ring->gate_keys[ring->gate_count]);
	if (err == PT_OK)
		ring->gate_count++;
	return err;
}

static enum pt_err
master_take(struct keyring *ring, const uint8_t *master, enum master_use use)
{
	enum pt_err err = use == MASTER_LEAKED ? PT_OK : master_take_macs(ring, master);

	if (err == PT_OK)
		err = aead_key_derive(master, OTP_SECRET_LABEL, &ring->otp_keys[ring->otp_count]);
	if (err != PT_OK)
		return err;
	ring->otp_count++;
	ring->has_old = ring->has_old || use == MASTER_OLD;
	ring->has_leaked = ring->has_leaked || use == MASTER_LEAKED;
	if (use == MASTER_PRESENT)
		memcpy(ring->master, master, MAC_MASTER_SIZE);
	return PT_OK;
}

static enum pt_err
master_read(struct ring_reader *reader, const char *name, enum master_use use)
{
	struct buf bytes = BUF_EMPTY;
	enum pt_err err = reader_take(reader, name, &bytes);

	if (err == PT_OK && bytes.len != MAC_MASTER_SIZE)
		err = PT_ERR_INVALID;
	if (err == PT_OK)
		err = master_take(reader->ring, (const uint8_t *)bytes.ptr, use);
	buf_free(&bytes);
	return err;
}

/* The present master key; usually the only one. */
static enum pt_err
masters_read(struct ring_reader *reader)
{
	struct stat about;
	enum pt_err err = master_read(reader, KEYRING_MASTER_FILE, MASTER_PRESENT);

	if (err == PT_OK && stat(reader->at, &about) != 0)
		err = PT_ERR_IO;
	if (err != PT_OK)
		return err;
	reader->ring->master_from_s = about.st_mtim.tv_sec;
	err = master_read(reader, KEYRING_OLD_MASTER_FILE, MASTER_OLD);
	if (err != PT_OK && !(err == PT_ERR_IO && errno == ENOENT))
		return err;
	err = master_read(reader, KEYRING_LEAKED_MASTER_FILE, MASTER_LEAKED);
	return err == PT_ERR_IO && errno == ENOENT ? PT_OK : err;
}

/* Reads the key's file, which must contain the key that its name says. */
static enum pt_err
signing_file_read(struct ring_reader *reader, const char kid[SIGNING_KID_SIZE],
    struct signing_key **out)
{
	struct buf pem = BUF_EMPTY;
	char name[KEYRING_NAME_SIZE];

	keyring_key_name(kid, name);

	enum pt_err err = reader_take(reader, name, &pem);

	if (err == PT_OK)
		err = signing_key_from_pem(buf_slice(&pem), out);
	buf_free(&pem);
	if (err == PT_OK && strcmp(signing_key_id(*out), kid) != 0) {
		signing_key_free(*out);
		*out = NULL;
		err = PT_ERR_INVALID;
	}
	return err;
}

static bool
time_read(const struct json *row, const char *name, int64_t *out)
{
	return json_get_integer(row, name, out) && *out >= 0;
}

/* Reads one row of the list; false if it is malformed or names a key again. */
static bool
row_read(const struct keyring *ring, const struct json *row, struct keyring_entry *entry,
    char kid[SIGNING_KID_SIZE])
{
	uint8_t thumbprint[DIGEST_SIZE];
	struct slice text;

	/* Decoded only to check its form, since the id becomes part of a path. */
	if (!json_get_string(row, "kid", &text) ||
	    !base64url_decode_exact(text, thumbprint, sizeof(thumbprint)) ||
	    !slice_copy(text, kid, SIGNING_KID_SIZE))
		return false;
	for (size_t i = 0; i < ring->count; i++)
		if (strcmp(signing_key_id(ring->owned[i]), kid) == 0)
			return false;
	return time_read(row, "created_at", &entry->created_at) &&
	    time_read(row, "signs_from", &entry->signs_from) &&
	    time_read(row, "retires_at", &entry->retires_at);
}

static enum pt_err
rows_read(struct ring_reader *reader, const struct json *list)
{
	struct keyring *ring = reader->ring;
	size_t count = json_array_len(list, "keys");

	if (count == 0 || count > KEYRING_MAX_KEYS)
		return PT_ERR_INVALID;
	while (ring->count < count) {
		const struct json *row = json_array_object(list, "keys", ring->count);
		struct keyring_entry *entry = &ring->entries[ring->count];
		struct signing_key **key = &ring->owned[ring->count];
		char kid[SIGNING_KID_SIZE];

		if (!keyring_path(reader->folder, KEYRING_LIST_FILE, reader->at))
			return PT_ERR_IO;
		if (row == NULL || !row_read(ring, row, entry, kid))
			return PT_ERR_INVALID;

		enum pt_err err = signing_file_read(reader, kid, key);

		if (err != PT_OK)
			return err;
		entry->key = *key;
		ring->count++;
	}
	return PT_OK;
}

static enum pt_err
list_read(struct ring_reader *reader)
{
	struct buf text = BUF_EMPTY;
	struct json *list = NULL;
	enum pt_err err = reader_take(reader, KEYRING_LIST_FILE, &text);

	if (err == PT_OK)
		err = json_parse_object(buf_slice(&text), &list);
	if (err == PT_OK)
		err = rows_read(reader, list);
	json_free(list);
	buf_free(&text);
	return err;
}

/*
 * Reads the keys of the status list, if they exist; a folder without its list was never finished.
 */
static enum pt_err
status_read(struct ring_reader *reader)
{
	char folder[KEYRING_PATH_SIZE];
	struct ring_reader below = { .folder = folder };
	struct stat about;

	if (!keyring_path(reader->folder, KEYRING_STATUS_FOLDER, folder) ||
	    !keyring_path(folder, KEYRING_LIST_FILE, reader->at))
		return PT_ERR_IO;
	if (stat(reader->at, &about) != 0)
		return errno == ENOENT ? PT_OK : PT_ERR_IO;
	below.ring = reader->ring->status = calloc(1, sizeof(*below.ring));
	if (below.ring == NULL)
		return PT_ERR_NOMEM;
	enum pt_err err = folder_check(&below);

	if (err == PT_OK)
		err = list_read(&below);
	memcpy(reader->at, below.at, sizeof(below.at));
	return err;
}

static enum pt_err
folder_read(struct ring_reader *reader)
{
	enum pt_err err = folder_check(reader);

	if (err == PT_OK)
		err = masters_read(reader);
	if (err == PT_OK)
		err = list_read(reader);
	return err == PT_OK ? status_read(reader) : err;
}

static enum pt_err
open_once(const char *folder, struct keyring **out, char **bad_path)
{
	struct keyring *ring = calloc(1, sizeof(*ring));
	struct ring_reader reader = { .ring = ring, .folder = folder };
	enum pt_err err = PT_ERR_NOMEM;

	*out = NULL;
	if (bad_path)
		*bad_path = NULL;
	if (ring == NULL)
		return err;
	ring->master = secret_alloc(MAC_MASTER_SIZE);
	if (ring->master)
		err = folder_read(&reader);
	if (err == PT_OK) {
		*out = ring;
		return PT_OK;
	}

	int saved = errno;

	if (bad_path && reader.at[0])
		*bad_path = strdup(reader.at);
	keyring_free(ring);
	errno = saved;
	return err;
}

enum pt_err
keyring_open(const char *folder, struct keyring **out, char **bad_path)
{
	enum pt_err err = open_once(folder, out, bad_path);

	/* Between reading the list and its files, another process may have changed both. */
	if (err != PT_ERR_IO || errno != ENOENT)
		return err;
	if (bad_path)
		free(*bad_path);
	return open_once(folder, out, bad_path);
}
