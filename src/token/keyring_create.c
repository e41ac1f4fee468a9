/* Makes a new folder of keys. The list is written last: a folder without it was never finished. */
#include "token/keyring.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "crypto/random.h"
#include "token/keyring_internal.h"

static enum pt_err
file_create(const char *folder, const char *name, struct slice bytes)
{
	char path[KEYRING_PATH_SIZE];

	return keyring_path(folder, name, path) ?
	    file_create_private(path, bytes.ptr, bytes.len) : PT_ERR_IO;
}

static enum pt_err
folder_create(const char *folder, const char *name)
{
	char path[KEYRING_PATH_SIZE];

	return keyring_path(folder, name, path) && mkdir(path, 0700) == 0 ? PT_OK : PT_ERR_IO;
}

/* Undoes one of the two above and preserves errno, which says what failed. */
static void
remove_again(const char *folder, const char *name, int (*how)(const char *path))
{
	char path[KEYRING_PATH_SIZE];
	int saved = errno;

	if (keyring_path(folder, name, path))
		(void)how(path);
	errno = saved;
}

static enum pt_err
master_create(const char *folder)
{
	uint8_t master[MAC_MASTER_SIZE];
	enum pt_err err = random_bytes(master, sizeof(master));

	if (err == PT_OK)
		err = file_create(folder, KEYRING_MASTER_FILE,
		    (struct slice){ (const char *)master, sizeof(master) });
	secret_wipe(master, sizeof(master));
	return err;
}

enum pt_err
keyring_key_create(const char *folder, const struct signing_key *key)
{
	char name[KEYRING_NAME_SIZE];
	struct buf pem = BUF_EMPTY;
	enum pt_err err = signing_key_to_pem(key, &pem);

	keyring_key_name(signing_key_id(key), name);
	if (err == PT_OK)
		err = file_create(folder, name, buf_slice(&pem));
	buf_free(&pem);
	return err;
}

static enum pt_err
list_put(const struct keyring_entry *entries, size_t count, struct buf *out)
{
	struct json_writer w = json_writer(out);

	json_open(&w, NULL);
	json_open_array(&w, "keys");
	for (size_t i = 0; i < count; i++) {
		json_open(&w, NULL);
		json_put_cstr(&w, "kid", signing_key_id(entries[i].key));
		json_put_integer(&w, "created_at", entries[i].created_at);
		json_put_integer(&w, "signs_from", entries[i].signs_from);
		json_put_integer(&w, "retires_at", entries[i].retires_at);
		json_close(&w);
	}
	json_close_array(&w);
	json_close(&w);
	buf_putc(out, '\n');
	return buf_status(out);
}

enum pt_err
keyring_list_replace(const char *folder, const struct keyring_entry *entries, size_t count)
{
	char path[KEYRING_PATH_SIZE];
	struct buf text = BUF_EMPTY;
	enum pt_err err = list_put(entries, count, &text);

	if (err == PT_OK && !keyring_path(folder, KEYRING_LIST_FILE, path))
		err = PT_ERR_IO;
	if (err == PT_OK)
		err = file_replace_private(path, text.ptr, text.len);
	buf_free(&text);
	return err;
}

/* Writes the list with its first key, which signs from now on. */
static enum pt_err
list_create(const char *folder, const struct signing_key *key, int64_t now_s)
{
	const struct keyring_entry first = { .key = key, .created_at = now_s, .signs_from = now_s };
	struct buf text = BUF_EMPTY;
	enum pt_err err = list_put(&first, 1, &text);

	if (err == PT_OK)
		err = file_create(folder, KEYRING_LIST_FILE, buf_slice(&text));
	buf_free(&text);
	return err;
}

/* Makes all files of an existing folder. */
static enum pt_err
files_create(const char *folder, const struct signing_key *key, int64_t now_s)
{
	char key_name[KEYRING_NAME_SIZE];
	enum pt_err err = folder_create(folder, KEYRING_SIGNING_FOLDER);

	if (err != PT_OK)
		return err;
	keyring_key_name(signing_key_id(key), key_name);
	err = master_create(folder);
	if (err != PT_OK)
		goto no_master;
	err = keyring_key_create(folder, key);
	if (err != PT_OK)
		goto no_key;
	err = list_create(folder, key, now_s);
	if (err == PT_OK)
		return PT_OK;

	remove_again(folder, key_name, unlink);
no_key:
	remove_again(folder, KEYRING_MASTER_FILE, unlink);
no_master:
	remove_again(folder, KEYRING_SIGNING_FOLDER, rmdir);
	return err;
}

enum pt_err
keyring_create(const char *folder, enum signing_alg alg, int64_t now_s)
{
	struct signing_key *key;
	enum pt_err err = signing_key_generate(alg, &key);

	if (err != PT_OK)
		return err;

	bool made = mkdir(folder, 0700) == 0;

	err = made || errno == EEXIST ? files_create(folder, key, now_s) : PT_ERR_IO;
	if (err != PT_OK && made)
		remove_again(folder, "", rmdir);

	int saved = errno;

	signing_key_free(key);
	errno = saved;
	return err;
}
