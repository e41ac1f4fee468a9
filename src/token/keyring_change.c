/*
 * Changes a folder of keys. Its list is replaced as a whole. A key's file is written before the
 * list that names it, and removed after the list that no longer does.
 */
#include "token/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "token/keyring_internal.h"

#define KEY_SUFFIX ".pem"

/* A new state of the folder that is being made. */
struct change {
	const char *folder;		/* the folder of all keys */
	/* the folder of the changed list: the same, or one below it */
	char changed[KEYRING_PATH_SIZE];
	const struct keyring_plan *plan;
	int lock_fd;			/* the folder, locked, so that other changes wait */
	struct keyring *ring;		/* the state before, to be freed */
	struct signing_key *made;	/* the new key, if there is one, to be freed */
	/* ordered by signs_from, without retired keys */
	struct keyring_entry rows[KEYRING_MAX_KEYS];
	size_t count;
};

/* ---- the rows */

/*
 * Inserts a row after all that sign from the same time or earlier, and returns its place. There
 * must be room.
 */
static size_t
rows_insert(struct change *change, const struct keyring_entry *row)
{
	size_t at = change->count++;

	for (; at > 0 && change->rows[at - 1].signs_from > row->signs_from; at--)
		change->rows[at] = change->rows[at - 1];
	change->rows[at] = *row;
	return at;
}

static void
rows_remove(struct change *change, size_t at)
{
	change->count--;
	memmove(&change->rows[at], &change->rows[at + 1],
	    (change->count - at) * sizeof(change->rows[0]));
}

/* The place of a key in the list; count if it is not there. */
static size_t
rows_find(const struct change *change, struct slice kid)
{
	size_t at = 0;

	while (at < change->count && !slice_eq(slice_of(signing_key_id(change->rows[at].key)), kid))
		at++;
	return at;
}

/*
 * A key signs until the next one does, and is kept until its last token ends. The last key has no
 * end.
 */
static void
rows_settle(struct change *change, size_t at)
{
	bool last = at + 1 == change->count;

	change->rows[at].retires_at = last ? 0 :
	    change->rows[at + 1].signs_from + change->plan->keep_s;
}

/* ---- begin, commit, end */

static void
change_end(struct change *change)
{
	int saved = errno;

	keyring_free(change->ring);
	signing_key_free(change->made);
	if (change->lock_fd >= 0)
		close(change->lock_fd);
	errno = saved;
}

/* Reads the list of the planned use; the status list may have none. */
static enum pt_err
change_choose(struct change *change)
{
	const struct keyring *ring = change->ring;

	switch (change->plan->use) {
	case KEYRING_ACCESS_TOKENS:
		if (!slice_copy(slice_of(change->folder), change->changed, sizeof(change->changed)))
			return PT_ERR_IO;
		break;
	case KEYRING_STATUS_LIST:
		if (!keyring_path(change->folder, KEYRING_STATUS_FOLDER, change->changed))
			return PT_ERR_IO;
		ring = keyring_status_keys(ring);
		break;
	}
	for (size_t i = 0; ring && i < keyring_count(ring); i++)
		if (!keyring_is_retired(keyring_at(ring, i), change->plan->now_s))
			rows_insert(change, keyring_at(ring, i));
	return PT_OK;
}

/* Must be followed by change_end, whatever it returns. */
static enum pt_err
change_begin(const char *folder, const struct keyring_plan *plan, struct change *change)
{
	*change = (struct change){ .folder = folder, .plan = plan };
	change->lock_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (change->lock_fd < 0 || flock(change->lock_fd, LOCK_EX) != 0)
		return PT_ERR_IO;
	enum pt_err err = keyring_open(folder, &change->ring, NULL);

	return err == PT_OK ? change_choose(change) : err;
}

/* The key id in a file's name below signing/; the empty slice if the name has another form. */
static struct slice
key_of_file(const char *name)
{
	size_t len = strlen(name);

	if (len != SIGNING_KID_SIZE - 1 + strlen(KEY_SUFFIX) ||
	    strcmp(name + SIGNING_KID_SIZE - 1, KEY_SUFFIX) != 0)
		return (struct slice){ NULL, 0 };
	return (struct slice){ name, SIGNING_KID_SIZE - 1 };
}

/*
 * Removes the files of keys that are no longer listed. A failure is harmless, since unlisted files
 * are no keys, and is tried again next time.
 */
static void
change_sweep(const struct change *change)
{
	char path[KEYRING_PATH_SIZE];
	DIR *files = keyring_path(change->changed, KEYRING_SIGNING_FOLDER, path) ?
	    opendir(path) : NULL;
	const struct dirent *file;

	if (files == NULL)
		return;
	while ((file = readdir(files)) != NULL) {
		struct slice kid = key_of_file(file->d_name);

		if (kid.len && rows_find(change, kid) == change->count)
			(void)unlinkat(dirfd(files), file->d_name, 0);
	}
	closedir(files);
}

static enum pt_err
change_commit(const struct change *change)
{
	const struct keyring *ring = change->ring;
	enum pt_err err = keyring_list_replace(change->changed, change->rows, change->count);

	if (err != PT_OK)
		return err;
	change_sweep(change);
	/*
	 * Workers watch only the list of access tokens' keys, so it is written once more unchanged.
	 */
	return change->plan->use == KEYRING_ACCESS_TOKENS ? PT_OK :
	    keyring_list_replace(change->folder, ring->entries, ring->count);
}

/* Makes a key that signs from that time on, and inserts it among the others. */
static enum pt_err
change_add(struct change *change, enum signing_alg alg, int64_t signs_from)
{
	if (change->count == KEYRING_MAX_KEYS)
		return PT_ERR_FULL;
	enum pt_err err = signing_key_generate(alg, &change->made);

	if (err == PT_OK)
		err = keyring_key_create(change->changed, change->made);
	if (err != PT_OK)
		return err;
	size_t at = rows_insert(change, &(struct keyring_entry){
		.key = change->made,
		.created_at = change->plan->now_s,
		.signs_from = signs_from,
	});

	rows_settle(change, at);
	if (at > 0)
		rows_settle(change, at - 1);
	return PT_OK;
}

/* ---- the three changes */

enum pt_err
keyring_rotate(const char *folder, enum signing_alg alg, const struct keyring_plan *plan,
    char kid[SIGNING_KID_SIZE])
{
	struct change change;
	enum pt_err err = change_begin(folder, plan, &change);

	if (err == PT_OK)
		err = change_add(&change, alg, plan->now_s + plan->publish_s);
	if (err == PT_OK)
		err = change_commit(&change);
	if (err == PT_OK)
		memcpy(kid, signing_key_id(change.made), SIGNING_KID_SIZE);
	change_end(&change);
	return err;
}

/*
 * Removes the key, and makes sure that another signs. The key before it in the list takes its
 * place, unless the removed key had already been replaced by then.
 */
static enum pt_err
change_remove(struct change *change, size_t at, enum signing_alg replacement,
    enum keyring_revocation *verdict)
{
	const int64_t now_s = change->plan->now_s;

	rows_remove(change, at);
	*verdict = KEYRING_REVOKED;
	if (at < change->count && change->rows[at].signs_from <= now_s)
		return PT_OK;
	if (at > 0) {
		rows_settle(change, at - 1);
		return PT_OK;
	}
	if (change->count > 0) {
		change->rows[0].signs_from = now_s;
		return PT_OK;
	}
	if (replacement != SIGNING_NONE)
		return change_add(change, replacement, now_s);
	*verdict = KEYRING_LAST_KEY;
	return PT_OK;
}

enum pt_err
keyring_revoke(const char *folder, struct slice kid, enum signing_alg replacement,
    const struct keyring_plan *plan, enum keyring_revocation *verdict)
{
	struct change change;
	enum pt_err err = change_begin(folder, plan, &change);
	size_t at = err == PT_OK ? rows_find(&change, kid) : 0;

	*verdict = KEYRING_NOT_THERE;
	if (err == PT_OK && at < change.count)
		err = change_remove(&change, at, replacement, verdict);
	if (err == PT_OK && *verdict == KEYRING_REVOKED)
		err = change_commit(&change);
	if (err != PT_OK)
		*verdict = KEYRING_NOT_THERE;
	change_end(&change);
	return err;
}

/* An existing folder will do. */
static enum pt_err
folder_ensure(const char *folder, const char *name)
{
	char path[KEYRING_PATH_SIZE];

	return keyring_path(folder, name, path) && (mkdir(path, 0700) == 0 || errno == EEXIST) ?
	    PT_OK : PT_ERR_IO;
}

enum pt_err
keyring_ensure_status(const char *folder, enum signing_alg alg, int64_t now_s, bool *made)
{
	const struct keyring_plan plan = { .use = KEYRING_STATUS_LIST, .now_s = now_s };
	struct change change;
	enum pt_err err = change_begin(folder, &plan, &change);

	*made = err == PT_OK && keyring_status_keys(change.ring) == NULL;
	if (*made) {
		err = folder_ensure(folder, KEYRING_STATUS_FOLDER);
		if (err == PT_OK)
			err = folder_ensure(change.changed, KEYRING_SIGNING_FOLDER);
		if (err == PT_OK)
			err = change_add(&change, alg, now_s);
		if (err == PT_OK)
			err = change_commit(&change);
		*made = err == PT_OK;
	}
	change_end(&change);
	return err;
}

static enum pt_err
prune(const char *folder, enum keyring_use use, int64_t now_s, size_t *count)
{
	const struct keyring_plan plan = { .use = use, .now_s = now_s };
	struct change change;
	enum pt_err err = change_begin(folder, &plan, &change);

	/* A list without keys would be invalid, so the last one stays, retired or not. */
	if (err == PT_OK && change.count > 0) {
		const struct keyring *ring = use == KEYRING_STATUS_LIST ?
		    change.ring->status : change.ring;

		*count += keyring_count(ring) - change.count;
		err = change_commit(&change);
	}
	change_end(&change);
	return err;
}

enum pt_err
keyring_prune(const char *folder, int64_t now_s, size_t *count)
{
	*count = 0;
	enum pt_err err = prune(folder, KEYRING_ACCESS_TOKENS, now_s, count);

	return err == PT_OK ? prune(folder, KEYRING_STATUS_LIST, now_s, count) : err;
}
