#include "store/care/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "store/care/seal.h"
#include "store/lmdb/env.h"

enum pt_err
backup_write(struct store *store, const char *file, bool replace)
{
	struct file_draft draft;
	enum pt_err err = file_draft_begin(file, replace, &draft);

	if (err != PT_OK)
		return err;
	err = env_copy(store, draft.fd);
	if (err == PT_OK)
		err = seal_put(draft.fd);
	if (err == PT_OK)
		return file_draft_publish(&draft, replace);
	file_draft_drop(&draft);
	return err;
}

enum pt_err
store_backup(struct store *store, const char *file)
{
	return backup_write(store, file, false);
}

bool
store_backup_is_sealed(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool sealed = fd >= 0 && seal_is_there(fd);

	if (fd >= 0)
		close(fd);
	return sealed;
}
