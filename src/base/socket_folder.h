/*
 * Whether a socket's folder can be trusted. Whoever can write to the folder, or to one above it, can
 * put a socket of his own there while the worker is away, and then says to the web server who is signed in.
 */
#ifndef PINTLE_BASE_SOCKET_FOLDER_H
#define PINTLE_BASE_SOCKET_FOLDER_H

#include <limits.h>
#include <sys/types.h>

/* What is wrong. The zero is the plainest. */
enum socket_folder_fault {
	SOCKET_FOLDER_UNKNOWN = 0,	/* it is not there, or cannot be looked at: errno says why */
	SOCKET_FOLDER_WRITABLE,		/* group or others can write to it */
	SOCKET_FOLDER_STRANGER,		/* it belongs to somebody else */
	SOCKET_FOLDER_LINK,		/* it is a link that root did not make */
	SOCKET_FOLDER_GOOD,
};

struct socket_folder {
	enum socket_folder_fault fault;
	char path[PATH_MAX];	/* the folder that is at fault, on the way from the root */
	mode_t mode;		/* its mode and its owner, where it could be looked at */
	uid_t uid;
};

/*
 * Opens (O_PATH) the folder in which the socket `path` is, or is to be. Every folder on the way has to be
 * root's or ours, and nobody else may write to it; those above the last one may be sticky, as /tmp
 * is. Links are followed only where root made them. -1 with *out where something is wrong.
 */
int socket_folder_open(const char *path, uid_t ours, struct socket_folder *out);

#endif
