#include "support/old_store.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

void
old_store_unpack(const char *name, const char *file)
{
	const char *top = getenv("top_srcdir");
	char path[4096], part[65536];
	int len;

	/* LMDB's pages consist of machine words; the fixtures were made on a 64-bit machine. */
	if (sizeof(void *) != 8)
		skip();
	snprintf(path, sizeof(path), "%s/tests/fixtures/%s", top ? top : ".", name);
	gzFile in = gzopen(path, "rb");

	if (in == NULL)
		fail_msg("%s cannot be read; top_srcdir names the source tree", path);
	int out = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(out >= 0);
	while ((len = gzread(in, part, sizeof(part))) > 0)
		assert_int_equal(write(out, part, (size_t)len), len);
	assert_int_equal(len, 0);
	assert_int_equal(close(out), 0);
	gzclose(in);
}

void
old_store_put(const char *fixture, const char *folder)
{
	char name[128], file[4096];

	assert_int_equal(mkdir(folder, 0700), 0);
	snprintf(name, sizeof(name), "%s/state/db/data.mdb.gz", fixture);
	snprintf(file, sizeof(file), "%s/data.mdb", folder);
	old_store_unpack(name, file);
}

/* As facts.json states it. */
struct instant
old_store_now(void)
{
	return (struct instant){ INT64_C(1768478409591), { UINT64_C(0xc4427bd280dd46e6), 2263993 } };
}
