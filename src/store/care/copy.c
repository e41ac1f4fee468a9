#include "store/care/copy.h"

#include "base/file.h"
#include "store/care/seal.h"
#include "store/lmdb/env.h"

enum pt_err
copy_write(struct store *store, const char *file, bool replace)
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
