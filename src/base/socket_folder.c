#include "base/socket_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* In a sticky folder anybody who can write can add files, but remove nobody else's. */
static enum socket_folder_fault
folder_judge(const struct stat *st, uid_t ours, bool last)
{
	if (st->st_uid != 0 && st->st_uid != ours)
		return SOCKET_FOLDER_STRANGER;
	if (st->st_mode & (S_IWGRP | S_IWOTH) && (last || !(st->st_mode & S_ISVTX)))
		return SOCKET_FOLDER_WRITABLE;
	return SOCKET_FOLDER_GOOD;
}

/*
 * Opens the folder `name` in the folder above, which has been judged already, so nobody can swap a
 * link of root's there.
 */
static int
folder_step(int above, const char *name, struct socket_folder *out)
{
	struct stat st;
	int fd = openat(above, name, FOLDER_FLAGS | O_NOFOLLOW);

	if (fd >= 0 || fstatat(above, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISLNK(st.st_mode))
		return fd;
	out->fault = SOCKET_FOLDER_LINK;
	out->uid = st.st_uid;
	return st.st_uid == 0 ? openat(above, name, FOLDER_FLAGS) : -1;
}

/* Steps from the folder `above`, which it closes, into its folder `name`. */
static int
folder_enter(int above, const char *name, uid_t ours, bool last, struct socket_folder *out)
{
	struct stat st;
	int fd;

	out->fault = SOCKET_FOLDER_UNKNOWN;
	fd = above >= 0 ? folder_step(above, name, out) : open(name, FOLDER_FLAGS);
	if (above >= 0)
		close(above);
	if (fd < 0)
		return -1;
	out->fault = SOCKET_FOLDER_UNKNOWN;
	if (fstat(fd, &st) == 0) {
		out->mode = st.st_mode & 07777;
		out->uid = st.st_uid;
		out->fault = folder_judge(&st, ours, last);
	}
	if (out->fault == SOCKET_FOLDER_GOOD)
		return fd;
	close(fd);
	return -1;
}

/* The path from the root, into cap bytes. */
static bool
path_from_root(const char *path, char *out, size_t cap)
{
	size_t len = 0;

	if (path[0] != '/') {
		if (getcwd(out, cap) == NULL)
			return false;
		len = strlen(out);
	}
	int more = snprintf(out + len, cap - len, "%s%s", len ? "/" : "", path);

	return more > 0 && (size_t)more < cap - len;
}

int
socket_folder_open(const char *path, uid_t ours, struct socket_folder *out)
{
	char whole[PATH_MAX];
	char *slash = whole, *name, *end;

	*out = (struct socket_folder){ .path = "/" };
	if (!path_from_root(path, whole, sizeof(whole))) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (end = strrchr(whole, '/'); end > whole && end[-1] == '/'; end--)
		;
	int fd = folder_enter(-1, "/", ours, end == whole, out);

	while (fd >= 0 && (name = slash + 1, slash = strchr(name, '/')) != NULL) {
		*slash = '\0';
		snprintf(out->path, sizeof(out->path), "%s", whole);
		if (name[0] != '\0')
			fd = folder_enter(fd, name, ours, slash == end, out);
		*slash = '/';
	}
	return fd;
}

/*
 * Cuts the last name off a path from the root, and what slashes are at the end. False: it is a name
 * in the root.
 */
static bool
path_cut(char *whole)
{
	char *slash = strrchr(whole, '/');

	for (; slash > whole && slash[1] == '\0'; slash = strrchr(whole, '/'))
		*slash = '\0';
	if (slash == whole)
		return false;
	*slash = '\0';
	return true;
}

/*
 * Gives the folder `name` away that we have just made in a folder to which nobody else can write.
 */
static int
folder_give(int above, const char *name, uid_t uid, gid_t gid)
{
	int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int status = fd >= 0 ? fchmod(fd, 0755) : -1;

	if (status == 0)
		status = fchown(fd, uid, gid);
	int error = errno;

	if (fd >= 0)
		close(fd);
	if (status != 0)
		unlinkat(above, name, AT_REMOVEDIR);
	errno = error;
	return status;
}

int
socket_folder_make(const char *path, uid_t uid, gid_t gid, bool *made)
{
	char folder[PATH_MAX];
	struct socket_folder above;

	*made = false;
	if (!path_from_root(path, folder, sizeof(folder))) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (!path_cut(folder) || access(folder, F_OK) == 0)
		return 0;
	/*
	 * Only we may write to the folder above; otherwise somebody could swap the new one before
	 * we give it away.
	 */
	int fd = socket_folder_open(folder, geteuid(), &above);

	if (fd < 0) {
		errno = above.fault == SOCKET_FOLDER_UNKNOWN ? errno : EPERM;
		return -1;
	}

	const char *name = strrchr(folder, '/') + 1;
	int status = mkdirat(fd, name, 0700);

	if (status == 0)
		status = folder_give(fd, name, uid, gid);
	int error = errno;

	close(fd);
	errno = error;
	*made = status == 0;
	return status;
}
