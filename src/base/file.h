/*
 * Files. A file that holds secrets is read only if nobody else could have read or changed it, and
 * is written so that a crash leaves the old file or the new one.
 */
#ifndef PINTLE_BASE_FILE_H
#define PINTLE_BASE_FILE_H

#include "base/buf.h"

/* folder/name in a new string, yours; NULL without memory. */
char *file_path(const char *folder, const char *name);

/*
 * Takes the folder's turn: an exclusive flock(2) on the folder itself, which close(2) gives back.
 * Waits while another process or thread has it. -1 with errno if the folder cannot be opened.
 */
int file_take_turn(const char *folder);

/*
 * Appends the file's bytes (at most max) to out, or nothing at all. PT_ERR_PERM if it is no regular
 * file, belongs neither to this process's user nor to root, or is accessible to the group or others
 * (mode & 077); PT_ERR_INVALID if it is longer than max; PT_ERR_NOMEM; PT_ERR_IO with errno
 * otherwise.
 */
enum pt_err file_read_private(const char *path, size_t max, struct buf *out);

/*
 * Appends the bytes of a file that need not be secret, or nothing at all. PT_ERR_INVALID if it is
 * longer than max; PT_ERR_NOMEM; PT_ERR_IO with errno otherwise.
 */
enum pt_err file_read(const char *path, size_t max, struct buf *out);

/* Writes all the bytes to fd. False with errno if it cannot; some may be written then. */
bool file_write(int fd, struct slice bytes);

/*
 * Creates path with mode 0600 and these bytes, and syncs it and its folder. PT_ERR_IO with errno
 * EEXIST if it exists already. A failed write leaves nothing behind.
 */
enum pt_err file_create_private(const char *path, const void *bytes, size_t len);

/*
 * Replaces path atomically with a file of mode 0600 that holds these bytes: a reader, also after a
 * crash, finds the whole old file or the whole new one. Callers must exclude each other. PT_ERR_IO
 * leaves the old file, except when the sync of the folder fails at the very end; then the new file
 * is there, though a crash may undo it.
 */
enum pt_err file_replace_private(const char *path, const void *bytes, size_t len);

/* The same for a file that anybody may read: mode 0644, whatever the umask. */
enum pt_err file_replace_public(const char *path, const void *bytes, size_t len);

/*
 * A file of mode 0600 that is written beside its name, as NAME.part, and renamed when it is whole
 * and synced: a reader finds all of it or nothing. A killed process leaves the part, which the next
 * draft of the same name takes over.
 */
struct file_draft {
	int fd;		/* to write to; closed by the two functions below */
	char *path;
	char *part;
};

/*
 * PT_ERR_BUSY if another process is writing the same draft; PT_ERR_IO with errno EEXIST if path
 * exists and over is false.
 */
enum pt_err file_draft_begin(const char *path, bool over, struct file_draft *out);

/*
 * Syncs the file and gives it its name, replacing an existing file only if over is true. Drops the
 * draft on failure.
 */
enum pt_err file_draft_publish(struct file_draft *draft, bool over);

/* Removes the part; errno is preserved. */
void file_draft_drop(struct file_draft *draft);

#endif
