#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/secret.h"

char *
file_path(const char *folder, const char *name)
{
	size_t size = strlen(folder) + 1 + strlen(name) + 1;
	char *path = malloc(size);

	if (path)
		snprintf(path, size, "%s/%s", folder, name);
	return path;
}

int
file_take_turn(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0)
		return -1;
	do
		rc = flock(fd, LOCK_EX);
	while (rc != 0 && errno == EINTR);
	if (rc != 0) {
		int cause = errno;

		close(fd);
		errno = cause;
		return -1;
	}
	return fd;
}

static enum pt_err
file_read_all(int fd, size_t max, struct buf *out)
{
	char part[4096];
	const size_t before = out->len;
	ssize_t got;
	enum pt_err err = PT_OK;

	while (!err && (got = read(fd, part, sizeof(part))) != 0) {
		if (got < 0) {
			if (errno == EINTR)
				continue;
			err = PT_ERR_IO;
			break;
		}
		buf_append(out, part, (size_t)got);
		err = out->len - before > max ? PT_ERR_INVALID : buf_status(out);
	}
	secret_wipe(part, sizeof(part));
	if (err)
		buf_cut(out, before);
	return err;
}

enum pt_err
file_read(const char *path, size_t max, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return PT_ERR_IO;
	enum pt_err err = file_read_all(fd, max, out);
	int saved = errno;

	close(fd);
	errno = saved;
	return err;
}

enum pt_err
file_read_private(const char *path, size_t max, struct buf *out)
{
	struct stat about;
	enum pt_err err;
	/* NONBLOCK: a pipe in the file's place must not block us. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return PT_ERR_IO;
	if (fstat(fd, &about) != 0)
		err = PT_ERR_IO;
	else if (!S_ISREG(about.st_mode) || (about.st_mode & 077) ||
	    (about.st_uid != geteuid() && about.st_uid != 0))
		err = PT_ERR_PERM;
	else
		err = file_read_all(fd, max, out);
	int saved = errno;

	close(fd);
	errno = saved;
	return err;
}

bool
file_write(int fd, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t done = write(fd, bytes.ptr, bytes.len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			errno = EIO;
		if (done <= 0)
			return false;
		bytes = slice_skip(bytes, (size_t)done);
	}
	return true;
}

/* A new name is durable only once its folder is synced. */
static bool
sync_folder_of(const char *path)
{
	char copy[4096];

	if (!slice_copy(slice_of(path), copy, sizeof(copy)))
		return false;
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool good = fsync(fd) == 0;

	close(fd);
	return good;
}

static enum pt_err
create(const char *path, mode_t mode, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return PT_ERR_IO;
	bool good = file_write(fd, (struct slice){ bytes, len }) &&
	    (mode == 0600 || fchmod(fd, mode) == 0) && fsync(fd) == 0;

	if (close(fd) != 0)
		good = false;
	if (good && sync_folder_of(path))
		return PT_OK;
	int saved = errno;

	unlink(path);
	errno = saved;
	return PT_ERR_IO;
}

enum pt_err
file_create_private(const char *path, const void *bytes, size_t len)
{
	return create(path, 0600, bytes, len);
}

static enum pt_err
replace(const char *path, mode_t mode, const void *bytes, size_t len)
{
	char fresh[4096];
	int fit = snprintf(fresh, sizeof(fresh), "%s.new", path);

	if (fit < 0 || (size_t)fit >= sizeof(fresh)) {
		errno = ENAMETOOLONG;
		return PT_ERR_IO;
	}
	/* Left by an earlier try that crashed. */
	if (unlink(fresh) != 0 && errno != ENOENT)
		return PT_ERR_IO;
	enum pt_err err = create(fresh, mode, bytes, len);

	if (err != PT_OK)
		return err;
	if (rename(fresh, path) == 0)
		return sync_folder_of(path) ? PT_OK : PT_ERR_IO;
	int saved = errno;

	unlink(fresh);
	errno = saved;
	return PT_ERR_IO;
}

enum pt_err
file_replace_private(const char *path, const void *bytes, size_t len)
{
	return replace(path, 0600, bytes, len);
}

enum pt_err
file_replace_public(const char *path, const void *bytes, size_t len)
{
	return replace(path, 0644, bytes, len);
}

/* ---- drafts ---- */

/*
 * Whether the name still belongs to the file: its last writer may have published or dropped it
 * before we got the lock.
 */
static bool
draft_is_named(const struct file_draft *draft)
{
	struct stat held, named;

	return fstat(draft->fd, &held) == 0 && lstat(draft->part, &named) == 0 &&
	    held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* Opens and locks the part, whichever process left it. */
static enum pt_err
draft_open(struct file_draft *draft)
{
	for (;;) {
		draft->fd = open(draft->part,
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
		if (draft->fd < 0)
			return PT_ERR_IO;
		if (flock(draft->fd, LOCK_EX | LOCK_NB) != 0)
			return errno == EWOULDBLOCK ? PT_ERR_BUSY : PT_ERR_IO;
		if (draft_is_named(draft))
			break;
		close(draft->fd);
	}
	return fchmod(draft->fd, 0600) == 0 && ftruncate(draft->fd, 0) == 0 ? PT_OK : PT_ERR_IO;
}

/* Releases the descriptor and the memory; the part stays where it is. */
static void
draft_release(struct file_draft *draft)
{
	int saved = errno;

	if (draft->fd >= 0)
		close(draft->fd);
	free(draft->path);
	free(draft->part);
	*draft = (struct file_draft){ .fd = -1 };
	errno = saved;
}

enum pt_err
file_draft_begin(const char *path, bool over, struct file_draft *out)
{
	struct stat there;
	size_t size = strlen(path) + sizeof(".part");
	enum pt_err err = PT_ERR_NOMEM;

	*out = (struct file_draft){ .fd = -1, .path = strdup(path), .part = malloc(size) };
	if (out->path == NULL || out->part == NULL)
		goto fail;
	snprintf(out->part, size, "%s.part", path);
	if (!over && lstat(path, &there) == 0) {
		errno = EEXIST;
		err = PT_ERR_IO;
		goto fail;
	}
	err = draft_open(out);
	if (err == PT_OK)
		return PT_OK;
fail:
	draft_release(out);
	return err;
}

static int
draft_name(const struct file_draft *draft, bool over)
{
	if (over)
		return rename(draft->part, draft->path);
	/* By its number: not every C library has a function for it. */
	int rc = (int)syscall(SYS_renameat2, AT_FDCWD, draft->part, AT_FDCWD, draft->path,
	    RENAME_NOREPLACE);

	/* Not every file system supports it. */
	if (rc == 0 || (errno != EINVAL && errno != ENOSYS))
		return rc;
	rc = link(draft->part, draft->path);
	return rc != 0 ? rc : unlink(draft->part);
}

enum pt_err
file_draft_publish(struct file_draft *draft, bool over)
{
	if (fsync(draft->fd) != 0 || draft_name(draft, over) != 0) {
		file_draft_drop(draft);
		return PT_ERR_IO;
	}
	enum pt_err err = sync_folder_of(draft->path) ? PT_OK : PT_ERR_IO;

	draft_release(draft);
	return err;
}

void
file_draft_drop(struct file_draft *draft)
{
	int saved = errno;

	if (draft->fd >= 0)
		unlink(draft->part);
	errno = saved;
	draft_release(draft);
}
