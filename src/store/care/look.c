/* What a database file says about itself, even if others have it open. */
#include "store/lmdb/env.h"
#include "store/lmdb/look.h"
#include "store/rows/meta_row.h"

static void
look_format(struct store_txn *txn, void *ctx)
{
	meta_row_format(txn, ctx);
}

enum pt_err
store_look(const char *file, struct store_format *out)
{
	uint64_t said, has;
	enum pt_err err = look_size(file, &said, &has);

	*out = (struct store_format){ .schema = 0 };
	if (err == PT_OK && has < said)
		err = PT_ERR_CORRUPT;
	return err != PT_OK ? err : env_look(file, look_format, out);
}
