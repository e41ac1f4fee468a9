/* Lists that are shown record by record. */
#ifndef PINTLE_STORE_EACH_H
#define PINTLE_STORE_EACH_H

#include "store/rows/row.h"

/*
 * A list to be shown, which takes each step in a transaction of its own: none is open while a
 * record is shown, because a pager must not hold a snapshot.
 */
struct each {
	struct store *store;
	/* reads the next record of the walk; ROW_NONE at its end */
	enum row_look (*next)(struct store_txn *txn, void *walk, void *record);
	void *walk;
	bool damaged;		/* a record was passed over, because it does not decode */
	enum pt_err err;
};

/*
 * Reads the next record that decodes; record is what .next fills in. False at the end, or after an
 * error; .err then says which. It is PT_ERR_CORRUPT at the end of a list that was not whole.
 */
bool each_next(struct each *each, void *record);

#endif
