/* Compacting: a copy of the store without its free pages takes the store's place. */
#include "store/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "store/care/open.h"
#include "store/care/stage.h"
#include "store/lmdb/env.h"
#include "store/lmdb/folder.h"

struct compacting {
	uint64_t before, after;	/* bytes */
};

static enum pt_err
size_of_file(const char *file, uint64_t *size)
{
	struct stat st;

	*size = 0;
	if (stat(file, &st) != 0)
		return PT_ERR_IO;
	*size = (uint64_t)st.st_size;
	return PT_OK;
}

/* Copies the database of options->folder, free pages left out, into data. */
static enum pt_err
compact_into(const struct store_options *options, const char *data)
{
	struct store_format format;
	struct store *store;
	enum pt_err err = open_folder(options, OPEN_AS_IT_IS, &format, &store);

	if (err != PT_OK)
		return err;
	int fd = open(data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	err = fd < 0 ? PT_ERR_IO : stage_close_file(fd, data, env_copy(store, fd));
	store_close(store);
	return err;
}

static enum pt_err
run_compact(const struct store_options *options, const char *stage, void *ctx)
{
	char *data = file_path(stage, "data.mdb"),
	    *present = file_path(options->folder, "data.mdb");
	enum pt_err err = data && present ? PT_OK : PT_ERR_NOMEM;
	struct compacting *compacting = ctx;

	if (err == PT_OK)
		err = size_of_file(present, &compacting->before);
	if (err == PT_OK)
		err = compact_into(options, data);
	if (err == PT_OK)
		err = size_of_file(data, &compacting->after);
	if (err == PT_OK)
		err = folder_install(options->folder, stage);
	free(data);
	free(present);
	return err;
}

enum pt_err
store_compact(const struct store_options *options, uint64_t *before, uint64_t *after)
{
	struct compacting compacting = { 0, 0 };
	enum pt_err err = stage_run(options, run_compact, &compacting);

	*before = compacting.before;
	*after = compacting.after;
	return err;
}
