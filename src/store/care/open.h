/* The roof of the store: making, opening and closing it, whatever schema it is of. */
#ifndef PINTLE_STORE_CARE_OPEN_H
#define PINTLE_STORE_CARE_OPEN_H

#include "store/store.h"

/* What is to be done with the database before it is open. */
enum open_way {
	OPEN_AS_IT_IS,		/* one of an older schema is PT_ERR_SCHEMA */
	OPEN_FRESH,		/* there is none: make its tables and counters */
	OPEN_CARRY_OVER,	/* bring one of an older schema to ours */
	OPEN_BACK_UP_AND_CARRY_OVER,
};

/*
 * Opens the database of options->folder; the folder's lock is the caller's, exclusive to carry it
 * over. *format is what it said of itself, as far as that was read. *out is yours, for store_close.
 */
enum pt_err open_folder(const struct store_options *options, enum open_way way,
    struct store_format *format, struct store **out);

#endif
