/* See DESIGN.md, The socket's mode is the trust boundary. */
#include "gate/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loopback.h"
#include "base/socket_folder.h"

#define LISTEN_BACKLOG 511

/* chown takes the highest number for "leave as it is", so it is refused. */
static bool
listen_number(const char *text, uint32_t *out)
{
	uint64_t number;

	if (!slice_to_u64(slice_of(text), &number) || number >= UINT32_MAX)
		return false;
	*out = (uint32_t)number;
	return true;
}

/* Takes a name or a number. NULL and "" give (id)-1, with which chown leaves the owner alone. */
static bool
listen_find_owner(const char *name, uid_t *out)
{
	*out = (uid_t)-1;
	if (name == NULL || name[0] == '\0')
		return true;
	const struct passwd *entry = getpwnam(name);

	if (entry)
		*out = entry->pw_uid;
	return entry || listen_number(name, out);
}

static bool
listen_find_group(const char *name, gid_t *out)
{
	*out = (gid_t)-1;
	if (name == NULL || name[0] == '\0')
		return true;
	const struct group *entry = getgrnam(name);

	if (entry)
		*out = entry->gr_gid;
	return entry || listen_number(name, out);
}

/*
 * Where the socket goes: a folder that only root and the worker's user can write to, and the name
 * in it.
 */
struct listen_place {
	int folder;
	const char *name;
	struct sockaddr_un address;
};

/* Who may own the folder besides root: we, or, if we are root, the user that our workers become. */
static bool
listen_ours(const struct gate_socket *wanted, uid_t *out)
{
	if (geteuid() == 0 && !listen_find_owner(wanted->user, out))
		return false;
	if (geteuid() != 0 || *out == (uid_t)-1)
		*out = geteuid();
	return true;
}

/*
 * A folder of /run is gone when the machine starts anew, and without systemd nobody makes it but
 * root's worker.
 */
static bool
listen_make_folder(const char *path, uid_t ours)
{
	int missing = errno;
	bool made = false;

	if (missing == ENOENT && geteuid() == 0)
		socket_folder_make(path, ours, (gid_t)-1, &made);
	errno = missing;
	return made;
}

static enum pt_err
listen_open_folder(const char *path, uid_t ours, struct listen_place *out)
{
	static const char *const said[] = {
		[SOCKET_FOLDER_WRITABLE] =
		    "others can write to it, and put another socket there: chmod go-w",
		[SOCKET_FOLDER_STRANGER] =
		    "it belongs to somebody else, who can put another socket there",
		[SOCKET_FOLDER_LINK] = "it is a link; write the path that it leads to",
	};
	struct socket_folder folder;
	const char *slash = strrchr(path, '/');

	out->name = slash ? slash + 1 : path;
	out->folder = socket_folder_open(path, ours, &folder);
	if (out->folder < 0 && folder.fault == SOCKET_FOLDER_UNKNOWN &&
	    listen_make_folder(path, ours))
		out->folder = socket_folder_open(path, ours, &folder);
	if (out->folder >= 0)
		return PT_OK;
	if (folder.fault == SOCKET_FOLDER_UNKNOWN)
		return PT_ERR_IO;
	LOG(LOG_LEVEL_ERROR, "socket_folder_refused", LOG_STR("folder", folder.path),
	    LOG_STR("advice", said[folder.fault]));
	return PT_ERR_PERM;
}

/*
 * Whether a process accepts connections at the address; if none does, the socket was left by one
 * that died.
 */
static enum pt_err
listen_probe(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return PT_ERR_IO;
	int status = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	int error = errno;

	close(fd);
	/* EAGAIN: its backlog is full, so it has one. */
	if (status == 0 || error == EAGAIN)
		return PT_ERR_BUSY;
	errno = error;
	return error == ECONNREFUSED || error == ENOENT ? PT_OK : PT_ERR_IO;
}

/* Removes a dead socket, and nothing that is not a socket. */
static enum pt_err
listen_clear(const struct listen_place *place)
{
	struct stat st;

	if (fstatat(place->folder, place->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? PT_OK : PT_ERR_IO;
	if (!S_ISSOCK(st.st_mode))
		return PT_ERR_INVALID;
	enum pt_err err = listen_probe(&place->address);

	if (err)
		return err;
	return unlinkat(place->folder, place->name, 0) == 0 || errno == ENOENT ? PT_OK : PT_ERR_IO;
}

struct socket_owner {
	uid_t uid;
	gid_t gid;
};

/*
 * Changes the owner of what bind() made, and of nothing else. The worker's user may have swapped it
 * for a symbolic link or for a hard link to a file of root's, so it is opened first and checked
 * through the descriptor.
 */
static enum pt_err
listen_give(const struct listen_place *place, unsigned mode, struct socket_owner owner)
{
	struct stat st;
	int fd = openat(place->folder, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	enum pt_err err = PT_ERR_IO;

	if (fd < 0)
		return PT_ERR_IO;
	if (fstat(fd, &st) == 0)
		err = st.st_mode == (S_IFSOCK | mode) && st.st_nlink == 1 &&
		    st.st_uid == geteuid() ? PT_OK : PT_ERR_PERM;
	if (err == PT_OK && fchownat(fd, "", owner.uid, owner.gid, AT_EMPTY_PATH) != 0)
		err = PT_ERR_IO;
	int error = errno;

	close(fd);
	errno = error;
	return err;
}

/*
 * bind() creates the name with this mode. The umask belongs to the whole process, which has only
 * one thread so far.
 */
static enum pt_err
listen_bind(int fd, const struct listen_place *place, unsigned mode, struct socket_owner owner)
{
	mode_t before = umask(0777 & ~mode);
	int status = bind(fd, (const struct sockaddr *)&place->address, sizeof(place->address));
	int error = errno;

	umask(before);
	errno = error;
	if (status != 0)
		return error == EADDRINUSE ? PT_ERR_BUSY : PT_ERR_IO;
	enum pt_err err = listen_give(place, mode, owner);

	/* Until here nobody could connect. */
	if (err == PT_OK && listen(fd, LISTEN_BACKLOG) != 0)
		err = PT_ERR_IO;
	error = errno;
	if (err != PT_OK)
		unlinkat(place->folder, place->name, 0);
	errno = error;
	return err;
}

/* Logs what failed, with errno where the system said so; closes fd. */
static enum pt_err
listen_failed(int fd, const char *address, enum pt_err err)
{
	int error = err == PT_ERR_IO ? errno : 0;

	LOG(LOG_LEVEL_ERROR, "listen_failed", LOG_STR("address", address),
	    LOG_STR("error", pt_err_text(err)), LOG_STR("cause", error ? strerror(error) : NULL));
	if (fd >= 0)
		close(fd);
	return err;
}

enum pt_err
gate_listen_unix(const struct gate_socket *wanted, int *fd)
{
	struct listen_place place = { .address = { .sun_family = AF_UNIX } };
	struct socket_owner owner;
	uid_t ours = 0;

	*fd = -1;
	if (wanted->path[0] == '\0' || !slice_copy(slice_of(wanted->path),
	    place.address.sun_path, sizeof(place.address.sun_path)) ||
	    !listen_find_owner(wanted->owner, &owner.uid) ||
	    !listen_find_group(wanted->group, &owner.gid) || !listen_ours(wanted, &ours))
		return listen_failed(-1, wanted->path, PT_ERR_INVALID);
	enum pt_err err = listen_open_folder(wanted->path, ours, &place);

	if (err)
		return listen_failed(-1, wanted->path, err);
	err = listen_clear(&place);
	if (err == PT_OK) {
		*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		err = *fd < 0 ? PT_ERR_IO : listen_bind(*fd, &place, wanted->mode, owner);
	}
	if (err)
		err = listen_failed(*fd, wanted->path, err);
	close(place.folder);
	return err;
}

enum pt_err
gate_listen_tcp(const char *address, int *fd)
{
	struct loopback loopback;
	int on = 1;

	if (!loopback_parse(address, &loopback))
		return listen_failed(-1, address, PT_ERR_INVALID);
	*fd = socket(loopback.at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0 || setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return listen_failed(*fd, address, PT_ERR_IO);
	if (bind(*fd, &loopback.at.any, loopback.len) != 0 || listen(*fd, LISTEN_BACKLOG) != 0)
		return listen_failed(*fd, address, errno == EADDRINUSE ? PT_ERR_BUSY : PT_ERR_IO);
	return PT_OK;
}

enum gate_fd_kind
gate_fd_kind(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_storage room;
	} address;
	socklen_t address_len = sizeof(address), len = sizeof(int);
	int listening;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0)
		return GATE_FD_OTHER;
	if (!listening)
		return getpeername(fd, &address.any, &address_len) == 0 ?
		    GATE_FD_CONNECTED : GATE_FD_OTHER;
	if (getsockname(fd, &address.any, &address_len) != 0)
		return GATE_FD_EXPOSED;
	if (address.any.sa_family == AF_UNIX)
		return GATE_FD_LISTENING;
	return loopback_is(&address.any) ? GATE_FD_LOOPBACK : GATE_FD_EXPOSED;
}
