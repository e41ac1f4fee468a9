/*
 * Makes a new master key. Whoever opens the folder meanwhile finds one of three valid states: the
 * present key alone; the present key, and itself as the previous one; the new key and the previous
 * one. The list is written once more at the end, because workers watch the list.
 */
#include "token/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret.h"
#include "crypto/random.h"
#include "token/keyring_internal.h"

struct renewal {
	const char *folder;
	int lock_fd;
	struct keyring *ring;
};

static void
renewal_end(struct renewal *renewal)
{
	int saved = errno;

	keyring_free(renewal->ring);
	if (renewal->lock_fd >= 0)
		close(renewal->lock_fd);
	errno = saved;
}

/* Must be followed by renewal_end, whatever it returns. */
static enum pt_err
renewal_begin(const char *folder, struct renewal *renewal)
{
	*renewal = (struct renewal){ .folder = folder };
	renewal->lock_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (renewal->lock_fd < 0 || flock(renewal->lock_fd, LOCK_EX) != 0)
		return PT_ERR_IO;
	return keyring_open(folder, &renewal->ring, NULL);
}

static enum pt_err
key_file_put(const struct renewal *renewal, const char *name, const uint8_t key[MAC_MASTER_SIZE])
{
	char path[KEYRING_PATH_SIZE];

	return keyring_path(renewal->folder, name, path) ?
	    file_replace_private(path, key, MAC_MASTER_SIZE) : PT_ERR_IO;
}

static enum pt_err
drop(const struct renewal *renewal, const char *name)
{
	char path[KEYRING_PATH_SIZE];

	return keyring_path(renewal->folder, name, path) && (unlink(path) == 0 || errno == ENOENT) ?
	    PT_OK : PT_ERR_IO;
}

/* Writes the list unchanged, as a new file, which the workers notice. */
static enum pt_err
workers_notify(const struct renewal *renewal)
{
	return keyring_list_replace(renewal->folder, renewal->ring->entries, renewal->ring->count);
}

/*
 * Whether the file holds the present key: then a crash prevented the last step, which puts the new
 * key in place.
 */
static enum pt_err
holds_present(const struct renewal *renewal, const char *name, bool *holds)
{
	char path[KEYRING_PATH_SIZE];
	struct buf bytes = BUF_EMPTY;
	enum pt_err err = keyring_path(renewal->folder, name, path) ?
	    file_read_private(path, MAC_MASTER_SIZE, &bytes) : PT_ERR_IO;

	*holds = err == PT_OK && bytes.len == MAC_MASTER_SIZE &&
	    secret_eq(bytes.ptr, renewal->ring->master, MAC_MASTER_SIZE);
	buf_free(&bytes);
	return err;
}

static enum pt_err
master_renew(const struct renewal *renewal, const char *kept_as)
{
	uint8_t fresh[MAC_MASTER_SIZE];
	enum pt_err err = random_bytes(fresh, sizeof(fresh));

	if (err == PT_OK)
		err = key_file_put(renewal, kept_as, renewal->ring->master);
	if (err == PT_OK)
		err = key_file_put(renewal, KEYRING_MASTER_FILE, fresh);
	secret_wipe(fresh, sizeof(fresh));
	return err == PT_OK ? workers_notify(renewal) : err;
}

enum pt_err
keyring_renew_master(const char *folder, bool leaked, enum keyring_renewal *verdict)
{
	const char *kept_as = leaked ? KEYRING_LEAKED_MASTER_FILE : KEYRING_OLD_MASTER_FILE;
	struct renewal renewal;
	bool again = true;
	enum pt_err err = renewal_begin(folder, &renewal);

	*verdict = KEYRING_NOT_RENEWED;
	if (err == PT_OK && (leaked ? renewal.ring->has_leaked : renewal.ring->has_old))
		err = holds_present(&renewal, kept_as, &again);
	if (err == PT_OK && again) {
		err = master_renew(&renewal, kept_as);
		*verdict = err == PT_OK ? KEYRING_RENEWED : KEYRING_NOT_RENEWED;
	} else if (err == PT_OK) {
		err = workers_notify(&renewal);
	}
	renewal_end(&renewal);
	return err;
}

enum pt_err
keyring_forget_master(const char *folder, bool leaked)
{
	struct renewal renewal;
	enum pt_err err = renewal_begin(folder, &renewal);

	if (err == PT_OK)
		err = drop(&renewal, leaked ? KEYRING_LEAKED_MASTER_FILE : KEYRING_OLD_MASTER_FILE);
	if (err == PT_OK)
		err = workers_notify(&renewal);
	renewal_end(&renewal);
	return err;
}
