#include "store/each.h"

bool
each_next(struct each *each, void *record)
{
	enum row_look look;

	do {
		struct store_txn txn;

		txn_read_begin(each->store, &txn);
		look = each->next(&txn, each->walk, record);
		each->err = txn_read_end(&txn);
		each->damaged = each->damaged || look == ROW_BROKEN;
	} while (each->err == PT_OK && look == ROW_BROKEN);
	if (each->err == PT_OK && look == ROW_NONE && each->damaged)
		each->err = PT_ERR_CORRUPT;
	return each->err == PT_OK && look == ROW_THERE;
}
