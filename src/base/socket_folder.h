/*
 * Whether a socket's folder can be trusted. Whoever can write to it, or to a folder above it, can
 * put a socket of their own there while the worker is away, and then tell the web server who is
 * signed in. See DESIGN.md, root's worker makes the socket's folder.
 */
#ifndef PINTLE_BASE_SOCKET_FOLDER_H
#define PINTLE_BASE_SOCKET_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* What is wrong with it. */
enum socket_folder_fault {
	/* it is not there, or cannot be looked at: errno says why */
	SOCKET_FOLDER_UNKNOWN = 0,
	SOCKET_FOLDER_WRITABLE,		/* group or others can write to it */
	SOCKET_FOLDER_STRANGER,		/* it belongs to somebody else */
	SOCKET_FOLDER_LINK,		/* it is a symbolic link that root did not make */
	SOCKET_FOLDER_GOOD,
};

struct socket_folder {
	enum socket_folder_fault fault;
	char path[PATH_MAX];	/* the folder at fault, on the way from the root */
	mode_t mode;		/* its mode and owner, if they could be read */
	uid_t uid;
};

/*
 * Opens (O_PATH) the folder of the socket `path`, which need not exist yet. Every folder on the way
 * must belong to root or to us, and nobody else may write to it; all but the last may be sticky, as
 * /tmp is. Symbolic links are followed only if root made them. -1, with *out filled in, if
 * something is wrong.
 */
int socket_folder_open(const char *path, uid_t ours, struct socket_folder *out);

/*
 * Makes the folder that the socket `path` goes into, if only that one is missing and the folders
 * above it can be trusted, and gives it to that user and group. *made says whether it did; a folder
 * that is there is left as it is. -1, with errno, if it cannot; an untrusted folder above
 * is EPERM.
 */
int socket_folder_make(const char *path, uid_t uid, gid_t gid, bool *made);

#endif
