/*
 * Explains why a store of another version, or one that another process is changing, could not be
 * opened, and what helps.
 */
#ifndef PINTLE_WORKER_STORE_TROUBLE_H
#define PINTLE_WORKER_STORE_TROUBLE_H

#include "store/store.h"

#define STORE_TROUBLE_SIZE 512

struct store_trouble {
	char text[STORE_TROUBLE_SIZE];	/* "it was written by pintle 2.0, which ..." */
	char mend[STORE_TROUBLE_SIZE];
};

/*
 * About the store in folder, for which store_open returned err. False, with nothing written, if
 * there is no more to say.
 */
bool store_trouble(const char *folder, enum pt_err err, struct store_trouble *out);

/* The same about a backup and store_restore. */
bool store_trouble_backup(const char *file, enum pt_err err, struct store_trouble *out);

#endif
