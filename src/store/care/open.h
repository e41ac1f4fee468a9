/* The top of the store: creates, opens and closes it, whatever its schema is. */
#ifndef PINTLE_STORE_CARE_OPEN_H
#define PINTLE_STORE_CARE_OPEN_H

#include "store/store.h"

/* What to do with the database before it counts as open. */
enum open_way {
	OPEN_AS_IT_IS,		/* nothing: an older schema is PT_ERR_SCHEMA */
	OPEN_FRESH,		/* it is new: create its tables and counters */
	OPEN_CARRY_OVER,	/* upgrade an older schema to ours */
	OPEN_BACK_UP_AND_CARRY_OVER,
};

/*
 * Opens the database of options->folder. The caller holds the folder's lock; to upgrade the store,
 * exclusively. *format is what the database said about itself, as far as that was read. Free *out
 * with store_close.
 */
enum pt_err open_folder(const struct store_options *options, enum open_way way,
    struct store_format *format, struct store **out);

#endif
