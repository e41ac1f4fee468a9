#include "worker/store_trouble.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
trouble_schema(const struct store_format *format, struct store_trouble *out)
{
	const char *writer = format->writer;

	if (format->schema > store_schema()) {
		snprintf(out->text, sizeof(out->text),
		    "it was written by %s (schema %u), which is newer than this one, %s "
		    "(schema %u)",
		    writer[0] ? writer : "a program", (unsigned)format->schema, PACKAGE_STRING,
		    (unsigned)store_schema());
		snprintf(out->mend, sizeof(out->mend), "install %s or newer",
		    writer[0] ? writer : "that one");
	} else {
		snprintf(out->text, sizeof(out->text),
		    "its schema, %u, is too old for this program, %s, to upgrade",
		    (unsigned)format->schema, PACKAGE_STRING);
		snprintf(out->mend, sizeof(out->mend),
		    "open it first with a version between the two, then with this one");
	}
	return true;
}

/* Says how to go back, if the newer program left a backup. */
static void
trouble_put_way_back(const char *folder, struct store_trouble *out)
{
	char *backup = store_upgrade_backup(folder, store_schema());
	size_t len = strlen(out->mend);

	if (backup && access(backup, F_OK) == 0)
		snprintf(out->mend + len, sizeof(out->mend) - len,
		    "; or go back to the state before it, without everything since: pintle restore "
		    "%s", backup);
	free(backup);
}

bool
store_trouble(const char *folder, enum pt_err err, struct store_trouble *out)
{
	struct store_format format;
	size_t size = strlen(folder) + sizeof("/data.mdb");
	char *file = malloc(size);
	bool known = false;

	if (file && (err == PT_ERR_SCHEMA || err == PT_ERR_BUSY)) {
		snprintf(file, size, "%s/data.mdb", folder);
		known = store_look(file, &format) == PT_OK;
	}
	free(file);
	if (known && err == PT_ERR_SCHEMA) {
		trouble_schema(&format, out);
		if (format.schema > store_schema())
			trouble_put_way_back(folder, out);
	} else if (known && format.schema < store_schema()) {
		snprintf(out->text, sizeof(out->text),
		    "it is of schema %u, and a worker of an older version still has it open",
		    (unsigned)format.schema);
		snprintf(out->mend, sizeof(out->mend),
		    "stop the worker and everything else that has it open, and start it again: "
		    "the first program of this version that opens it upgrades it");
	} else if (err == PT_ERR_BUSY) {
		snprintf(out->text, sizeof(out->text),
		    "another process is restoring or upgrading it");
		snprintf(out->mend, sizeof(out->mend), "try again when that is done");
	} else {
		return false;
	}
	return true;
}

bool
store_trouble_backup(const char *file, enum pt_err err, struct store_trouble *out)
{
	struct store_format format;

	if (err == PT_ERR_SCHEMA && store_look(file, &format) == PT_OK)
		return trouble_schema(&format, out);
	if (err != PT_ERR_CORRUPT)
		return false;
	snprintf(out->text, sizeof(out->text), "it is not a backup, is truncated, or is damaged");
	snprintf(out->mend, sizeof(out->mend), "restore another one; the store is unchanged");
	return true;
}
