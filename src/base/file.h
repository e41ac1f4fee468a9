/*
 * Files. Those that hold secrets are read only where nobody else could have read
 * or changed them, and written so that a crash leaves the old one or the new one.
 */
#ifndef PINTLE_BASE_FILE_H
#define PINTLE_BASE_FILE_H

#include "base/buf.h"

/* folder/name in a new string, yours; NULL without memory. */
char *file_path(const char *folder, const char *name);

/*
 * Appends the file's bytes (at most max) to out, or nothing at all. PT_ERR_PERM
 * if it is no regular file, belongs neither to this process's user nor to root,
 * or is open to the group or others (mode & 077); PT_ERR_INVALID if it is longer
 * than max; PT_ERR_NOMEM; PT_ERR_IO with errno otherwise.
 */
enum pt_err file_read_private(const char *path, size_t max, struct buf *out);

/*
 * Appends the bytes of a file that is no secret, or nothing at all. PT_ERR_INVALID if it is longer than max;
 * PT_ERR_NOMEM; PT_ERR_IO with errno otherwise.
 */
enum pt_err file_read(const char *path, size_t max, struct buf *out);

/*
 * Creates path with mode 0600 and these bytes, synced, with its folder; fails
 * with PT_ERR_IO and errno EEXIST if it is there already. A write that fails
 * leaves nothing behind.
 */
enum pt_err file_create_private(const char *path, const void *bytes, size_t len);

/*
 * Puts a file of mode 0600 with these bytes in path's place, at once: who reads
 * meanwhile, or after a crash, finds the old file or the new one, whole. Callers
 * keep each other out. PT_ERR_IO leaves the old one, but for a failed sync of
 * the folder at the very end: then the new one is there, until a crash perhaps.
 */
enum pt_err file_replace_private(const char *path, const void *bytes, size_t len);

/* The same for a file that anybody may read: mode 0644, whatever the umask. */
enum pt_err file_replace_public(const char *path, const void *bytes, size_t len);

/*
 * A file of mode 0600 that is written beside its name, as NAME.part, and comes under its name
 * when it is whole and synced: who looks there finds all of it or nothing. A kill
 * leaves the part, which the next one that is written to the same name takes over.
 */
struct file_draft {
	int fd;		/* to be written to; closed by the two below */
	char *path;
	char *part;
};

/* PT_ERR_BUSY if another process is writing the same one; PT_ERR_IO with errno EEXIST where path is there and must not be replaced. */
enum pt_err file_draft_begin(const char *path, bool over, struct file_draft *out);

/* Syncs it and gives it its name, in the place of what has that name by now only if it may be replaced. Drops it on failure. */
enum pt_err file_draft_publish(struct file_draft *draft, bool over);

/* Removes the part; errno stays as it was. */
void file_draft_drop(struct file_draft *draft);

#endif
