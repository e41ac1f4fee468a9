#include "store/care/stage.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/lmdb/folder.h"

enum pt_err
stage_run(const struct store_options *options,
    enum pt_err (*run)(const struct store_options *options, const char *stage, void *ctx),
    void *ctx)
{
	char *stage;
	int lock;
	enum pt_err err = folder_lock(options->folder, true, &lock);

	if (err != PT_OK)
		return err;
	err = folder_stage(options->folder, &stage);
	if (err == PT_OK) {
		err = run(options, stage, ctx);
		int cause = errno;

		folder_stage_remove(stage);
		free(stage);
		errno = cause;
	}
	int cause = errno;

	close(lock);
	errno = cause;
	return err;
}

enum pt_err
stage_close_file(int fd, const char *file, enum pt_err err)
{
	if (err == PT_OK && fsync(fd) != 0)
		err = PT_ERR_IO;
	int cause = errno;

	if (close(fd) != 0 && err == PT_OK) {
		cause = errno;
		err = PT_ERR_IO;
	}
	if (err != PT_OK)
		unlink(file);
	errno = cause;
	return err;
}
