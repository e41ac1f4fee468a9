#include "store/lmdb/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum pt_err
folder_give(const char *folder, const char *path)
{
	struct stat owner;

	if (geteuid() != 0)
		return PT_OK;
	if (stat(folder, &owner) != 0 || lchown(path, owner.st_uid, owner.st_gid) != 0)
		return PT_ERR_IO;
	return PT_OK;
}

enum pt_err
folder_adopt(const char *folder)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	enum pt_err err = PT_OK;

	for (size_t i = 0; err == PT_OK && i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = file_path(folder, names[i]);

		err = path ? folder_give(folder, path) : PT_ERR_NOMEM;
		free(path);
	}
	return err;
}

#define LOCK_LOOK_US 20000	/* between two attempts at a lock that another process holds */

/* flock(2) itself has no timeout. */
static enum pt_err
folder_lock_fd(int fd, bool exclusive, struct timespec until)
{
	while (flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK)
			return PT_ERR_IO;
		if (!clock_is_before(clock_wait_end(0), until))
			return PT_ERR_BUSY;
		struct timespec look = clock_wait_end(LOCK_LOOK_US);

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &look, NULL);
	}
	return PT_OK;
}

enum pt_err
folder_lock_until(const char *folder, bool exclusive, struct timespec until, int *fd)
{
	char *path = file_path(folder, "use.lock");

	*fd = -1;
	if (path == NULL)
		return PT_ERR_NOMEM;
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum pt_err err = *fd < 0 ? PT_ERR_IO : folder_lock_fd(*fd, exclusive, until);

	if (err == PT_OK)
		err = folder_give(folder, path);
	if (err != PT_OK && *fd >= 0) {
		int saved = errno;

		close(*fd);
		*fd = -1;
		errno = saved;
	}
	free(path);
	return err;
}

enum pt_err
folder_lock(const char *folder, bool exclusive, int *fd)
{
	return folder_lock_until(folder, exclusive, clock_wait_end(0), fd);
}

enum pt_err
folder_has_database(const char *folder, bool *has)
{
	char *path = file_path(folder, "data.mdb");
	struct stat st;

	if (path == NULL)
		return PT_ERR_NOMEM;
	int rc = stat(path, &st);

	free(path);
	*has = rc == 0;
	return rc == 0 || errno == ENOENT ? PT_OK : PT_ERR_IO;
}

enum pt_err
folder_sync(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return PT_ERR_IO;
	enum pt_err err = fsync(fd) == 0 ? PT_OK : PT_ERR_IO;

	close(fd);
	return err;
}

void
folder_stage_remove(const char *stage)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = file_path(stage, names[i]);

		if (path)
			unlink(path);
		free(path);
	}
	rmdir(stage);
}

enum pt_err
folder_stage(const char *folder, char **stage)
{
	*stage = file_path(folder, "stage");
	if (*stage == NULL)
		return PT_ERR_NOMEM;
	folder_stage_remove(*stage);	/* left by a process that was killed */
	if (mkdir(*stage, 0700) == 0)
		return PT_OK;
	free(*stage);
	*stage = NULL;
	return PT_ERR_IO;
}

enum pt_err
folder_install(const char *folder, const char *stage)
{
	enum pt_err err = PT_ERR_NOMEM;
	char *from = file_path(stage, "data.mdb"), *to = file_path(folder, "data.mdb");

	if (from == NULL || to == NULL)
		goto done;
	err = folder_give(folder, from);
	if (err != PT_OK)
		goto done;
	err = rename(from, to) == 0 ? folder_sync(folder) : PT_ERR_IO;
done:
	free(from);
	free(to);
	return err;
}
